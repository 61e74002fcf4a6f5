namespace Orca.Core.Linux;

/// <summary>Who runs this process.</summary>
public static class CurrentUser
{
    /// <summary>Real user id.</summary>
    public static uint Uid => Native.getuid();

    /// <summary>Effective user id; differs from <see cref="Uid"/> only when the binary was made set-uid.</summary>
    public static uint EffectiveUid => Native.geteuid();

    /// <summary>Real group id.</summary>
    public static uint Gid => Native.getgid();

    /// <summary>True when the binary carries more rights than its caller: set-uid, set-gid or file capabilities (AT_SECURE, getauxval(3)).</summary>
    public static bool IsElevated
    {
        get
        {
            const nuint secure = 23;
            return Native.geteuid() != Native.getuid() || Native.getegid() != Native.getgid() || Native.getauxval(secure) != 0;
        }
    }
}
