namespace Orca.Sandbox.Planning;

/// <summary>Mounts a new file system on a directory of the new /dev, made for it.</summary>
internal sealed record MountInDev(string Type, string Name, MountFlags Flags, string Options, bool MayLack) : Step
{
    public override string ToString() =>
        $"mount {Type} on /dev/{Name}{Flags.Describe()}{(Options.Length > 0 ? ", options " + Options : string.Empty)}{(MayLack ? ", if the kernel has it" : string.Empty)}";
}

/// <summary>Binds a device node of the host into the new /dev (mknod is not for user namespaces).</summary>
internal sealed record BindDevice(string Name) : Step
{
    public override string ToString() => $"bind /dev/{Name}, flags MS_BIND";
}

/// <summary>Makes a symbolic link in the new /dev.</summary>
internal sealed record LinkInDev(string Name, string Target) : Step
{
    public override string ToString() => $"link /dev/{Name} to {Target}";
}

/// <summary>Makes a directory in the new /dev.</summary>
internal sealed record DirectoryInDev(string Name) : Step
{
    public override string ToString() => $"make directory /dev/{Name}";
}
