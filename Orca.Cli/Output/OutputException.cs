using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Output;

/// <summary>A standard stream did not take what was written.</summary>
internal sealed class OutputException(int number, Errno errno)
    : OrcaException($"cannot write '{(number == 1 ? "standard output" : "standard error")}': {(errno == Errno.EBADF ? "it is closed" : errno.Describe())}")
{
    /// <summary>True when the reader went away, as <c>head</c> does: nobody is left to tell.</summary>
    public bool ReaderGone => errno == Errno.EPIPE;
}
