using System.Runtime.InteropServices;

namespace Orca.Sandbox.Launch;

/// <summary>A system call by name; its number differs between architectures (asm/unistd.h).</summary>
internal enum SystemCall
{
    Write, Close, Mount, Umount, PivotRoot, OpenAt, MkdirAt, MknodAt, SymlinkAt, Chdir, Fchdir, Fchmod, Ioctl, Dup3, Setsid, Umask,
    Sethostname, Prctl, Capset, Keyctl, OpenTree, MoveMount, MountSetattr, Fchmodat, UnlinkAt, Socket, Prlimit, Unshare, ExitGroup, Seccomp, Fchown, Setpgid, SigProcMask, Execve, Setxattr,
    RenameAt2, Setns, SetAffinity,
}

/// <summary>The numbers of <see cref="SystemCall"/> on the architecture of this process.</summary>
internal static class SystemCallNumbers
{
    private static readonly bool s_arm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>The number on this machine.</summary>
    internal static long Number(this SystemCall call) => call switch
    {
        SystemCall.Write => s_arm64 ? 64 : 1,
        SystemCall.Close => s_arm64 ? 57 : 3,
        SystemCall.Mount => s_arm64 ? 40 : 165,
        SystemCall.Umount => s_arm64 ? 39 : 166,
        SystemCall.PivotRoot => s_arm64 ? 41 : 155,
        SystemCall.OpenAt => s_arm64 ? 56 : 257,
        SystemCall.MkdirAt => s_arm64 ? 34 : 258,
        SystemCall.MknodAt => s_arm64 ? 33 : 259,
        SystemCall.SymlinkAt => s_arm64 ? 36 : 266,
        SystemCall.Chdir => s_arm64 ? 49 : 80,
        SystemCall.Fchdir => s_arm64 ? 50 : 81,
        SystemCall.Fchmod => s_arm64 ? 52 : 91,
        SystemCall.Ioctl => s_arm64 ? 29 : 16,
        SystemCall.Dup3 => s_arm64 ? 24 : 292,
        SystemCall.Setsid => s_arm64 ? 157 : 112,
        SystemCall.Umask => s_arm64 ? 166 : 95,
        SystemCall.Sethostname => s_arm64 ? 161 : 170,
        SystemCall.Prctl => s_arm64 ? 167 : 157,
        SystemCall.Capset => s_arm64 ? 91 : 126,
        SystemCall.Keyctl => s_arm64 ? 219 : 250,
        SystemCall.Fchmodat => s_arm64 ? 53 : 268,
        SystemCall.UnlinkAt => s_arm64 ? 35 : 263,
        SystemCall.Socket => s_arm64 ? 198 : 41,
        SystemCall.Prlimit => s_arm64 ? 261 : 302,
        SystemCall.Unshare => s_arm64 ? 97 : 272,
        SystemCall.ExitGroup => s_arm64 ? 94 : 231,
        SystemCall.Seccomp => s_arm64 ? 277 : 317,
        SystemCall.Fchown => s_arm64 ? 55 : 93,
        SystemCall.Setpgid => s_arm64 ? 154 : 109,
        SystemCall.SigProcMask => s_arm64 ? 135 : 14,
        SystemCall.Execve => s_arm64 ? 221 : 59,
        SystemCall.Setxattr => s_arm64 ? 5 : 188,
        SystemCall.RenameAt2 => s_arm64 ? 276 : 316,
        SystemCall.SetAffinity => s_arm64 ? 122 : 203,
        SystemCall.OpenTree => 428,
        SystemCall.MoveMount => 429,
        SystemCall.Setns => s_arm64 ? 268 : 308,
        SystemCall.MountSetattr => 442,
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };
}
