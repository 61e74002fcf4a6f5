namespace Orca.Sandbox.Planning;

/// <summary>Flags of mount(2); the names are sys/mount.h's.</summary>
[Flags]
internal enum MountFlags : ulong
{
    None = 0,
    MS_RDONLY = 1,
    MS_NOSUID = 2,
    MS_NODEV = 4,
    MS_NOEXEC = 8,
    MS_REMOUNT = 32,
    MS_BIND = 4096,
    MS_REC = 16384,
    MS_PRIVATE = 1 << 18,
    MS_SLAVE = 1 << 19,
    MS_RELATIME = 1 << 21,
    MS_STRICTATIME = 1 << 24,
}

/// <summary>How flags are said in plans and errors.</summary>
internal static class MountFlagsText
{
    private static readonly MountFlags[] s_all = Enum.GetValues<MountFlags>();

    /// <summary><c>, flags MS_NOSUID|MS_NODEV</c>, or nothing.</summary>
    internal static string Describe(this MountFlags flags) =>
        flags == MountFlags.None ? string.Empty : ", flags " + string.Join('|', s_all.Where(flag => flag != 0 && flags.HasFlag(flag)));
}
