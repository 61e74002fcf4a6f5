using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Sandbox.Diagnosis;

namespace Orca.Sandbox.Launch;

/// <summary>The program that is PID 1 in every container and the keeper beside it, as a file.</summary>
internal static class Stub
{
    /// <summary>A memory file with it that nobody can change.</summary>
    /// <exception cref="SandboxException">The kernel gives none that may be executed.</exception>
    internal static Fd Open()
    {
        var file = ChildLibrary.OpenStub();
        var error = (Errno)(-file) == Errno.EIO ? Errno.EFBIG : (Errno)(-file); // only a limit of file sizes lets a memory file take a part of what is written
        return file >= 0
            ? new Fd(file)
            : throw new SandboxException(
                $"cannot start the container: make memory file 'orca-init': {error.Describe()}",
                error switch
                {
                    Errno.EACCES => "the host forbids programs in memory; an administrator can allow them: sysctl vm.memfd_noexec=0",
                    Errno.EFBIG => "raise the limit as far as you may: ulimit -f $(ulimit -Hf)",
                    Errno.EMFILE => HostHints.TooFewFiles,
                    _ => null,
                });
    }
}
