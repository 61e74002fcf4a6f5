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
}
