namespace Orca.Core.Linux;

/// <summary>Runs a small program of orca's own and waits for it.</summary>
internal static unsafe class ChildProgram
{
    /// <summary>Runs an open file, without arguments and variables; it must end by itself.</summary>
    /// <returns>Its exit status, 128 + n for signal n; -1 when the kernel does not know its format (ENOEXEC); null when it cannot be run for another reason.</returns>
    /// <remarks>posix_spawn(3): the C library makes the process and the exec with all signals blocked, and no managed code runs in between.</remarks>
    internal static int? Run(Fd program)
    {
        int process;
        var arguments = stackalloc byte*[2];
        fixed (byte* path = PathZ.From($"/proc/self/fd/{program.Number}").Terminated)
        {
            arguments[0] = path;
            arguments[1] = null;
            var error = (Errno)Native.posix_spawn(&process, path, 0, 0, arguments, arguments + 1);
            if (error != Errno.None)
            {
                return error == Errno.ENOEXEC ? -1 : null;
            }
        }

        const int byProcess = 1, exited = 4, killed = 2, dumped = 3; // P_PID, WEXITED, CLD_KILLED, CLD_DUMPED
        var info = stackalloc int[32];
        while (Native.waitid(byProcess, process, info, exited) < 0)
        {
            if (Call.LastErrno != Errno.EINTR)
            {
                return null;
            }
        }

        return info[2] is killed or dumped ? 128 + info[6] : info[6];
    }
}
