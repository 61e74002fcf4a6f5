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
        return file >= 0
            ? new Fd(file)
            : throw new SandboxException(
                $"cannot start the container: make memory file 'orca-init': {((Errno)(-file)).Describe()}",
                (Errno)(-file) switch
                {
                    Errno.EACCES => "the host forbids programs in memory; an administrator can allow them: sysctl vm.memfd_noexec=0",
                    Errno.EMFILE => HostCure.TooFewFiles,
                    _ => null,
                });
    }
}
