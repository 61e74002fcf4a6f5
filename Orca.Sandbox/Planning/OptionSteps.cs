using System.Globalization;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>Enters the control group made for the container, and makes it the root of all that is seen of control groups (cgroup_namespaces(7)).</summary>
internal sealed record JoinGroup(string Path) : Step
{
    public override string ToString() => $"join control group {Q(Path)}, then a new cgroup namespace";
}

/// <summary>Brings up the loopback interface of a new network namespace; the kernel gives it 127.0.0.1 and ::1 (netdevice(7)).</summary>
internal sealed record RaiseLoopback : Step
{
    public override string ToString() => "bring up the loopback interface";
}

/// <summary>Mounts the sysfs of the new network namespace on the current directory; where the kernel refuses (the host hides parts of /sys), the host's tree serves.</summary>
internal sealed record MountSys(string Key) : Step
{
    public override string ToString() => $"mount sysfs on /sys{DefaultSandbox.SysFlags.Describe()}; if refused, attach {Q(Key)}";
}

/// <summary>Mounts the control groups read-only in a new sysfs, which has none.</summary>
internal sealed record MountCgroups : Step
{
    public override string ToString() => $"mount cgroup2 on /sys/fs/cgroup{DefaultSandbox.SysFlags.Describe()}, if the kernel has it";
}

/// <summary>Attaches a cloned tree to a directory of the new /dev, made for it.</summary>
internal sealed record AttachInDev(string Key, string Name) : Step
{
    public override string ToString() => $"attach {Q(Key)} on /dev/{Name}";
}

/// <summary>Puts a file or a link in the root, in the place of what is there. The path of its directory is resolved inside the root; its last name is not followed.</summary>
internal sealed record ReplaceFile(RootFile File) : Step
{
    public override string ToString() => File.Target is { } target
        ? $"link {Q(File.Path)} to {Q(target)}{IfRoom}"
        : string.Create(CultureInfo.InvariantCulture, $"write {Q(File.Path)} ({File.Content.Length} bytes){IfRoom}");

    private string IfRoom => File.MayLack ? ", if there is room" : string.Empty;
}

/// <summary>Mounts an empty file system in memory on a path of the new root, made when missing; links are followed inside the root only.</summary>
internal sealed record MountTemporary(string Path, MountFlags Flags, string Options) : Step
{
    /// <summary>Under which name it is held for <see cref="SealHeld"/>; null when it is not.</summary>
    public string? Held { get; init; }

    public override string ToString() => $"mount tmpfs on {Q(Path)}{Flags.Describe()}, options {Core.Errors.Quoted.Text(Options)}";
}

/// <summary>Makes one mount read-only and leaves its other flags as they are (mount_setattr(2)).</summary>
internal sealed record SealMount(string Path) : Step
{
    public override string ToString() => $"make the mount on {Q(Path)} read-only";
}

/// <summary>Makes a mount read-only that is held: whatever covers its path by now, it is that mount.</summary>
internal sealed record SealHeld(string Key, string Path) : Step
{
    public override string ToString() => $"make {Q(Key)} on {Q(Path)} read-only";
}

/// <summary>Takes away what is of the wrong kind where the caller mounts over a file of orca's, or where an earlier mount was: a file or link, or an empty directory.</summary>
internal sealed record ClearPlace(string Path, bool IsFile) : Step
{
    public override string ToString() => $"clear {Q(Path)} of {(IsFile ? "a file" : "an empty directory")} before a mount";
}

/// <summary>Says how early the kernel kills the container when memory is short (proc(5)). A caller may not lower it below its own: then it stays.</summary>
internal sealed record SetOomScore(long Score) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"set oom_score_adj to {Score}, if it may be");
}

/// <summary>Sets a parameter of the container's own namespaces, through its own /proc.</summary>
internal sealed record SetKernelParameter(string Setting) : Step
{
    /// <summary>The file of the parameter. A name has no slash, and no two dots together.</summary>
    internal string Path => "/proc/sys/" + Setting[..Setting.IndexOf('=', StringComparison.Ordinal)].Replace('.', '/');

    internal string Value => Setting[(Setting.IndexOf('=', StringComparison.Ordinal) + 1)..];

    public override string ToString() => $"write {Q(Value)} to {Q(Path)}";
}

/// <summary>Takes /dev/shm away.</summary>
internal sealed record RemoveSharedMemory : Step
{
    public override string ToString() => "remove /dev/shm";
}

/// <summary>Lets the command start on these processors (sched_setaffinity(2)).</summary>
internal sealed record ChooseProcessors(string Processors) : Step
{
    public override string ToString() => $"run on processors {Q(Processors)}";
}

/// <summary>Limits a resource of the command (setrlimit(2)).</summary>
internal sealed record LimitResource(ResourceLimit Limit) : Step
{
    public override string ToString() => $"limit {Limit.Name} to {ResourceLimit.Text(Limit.Soft)}, at most {ResourceLimit.Text(Limit.Hard)}";
}
