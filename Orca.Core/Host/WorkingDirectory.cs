using Orca.Core.Linux;

namespace Orca.Core.Host;

/// <summary>Recognises a working directory that has been deleted: every relative path is missing there, and ENOENT does not say why.</summary>
public static class WorkingDirectory
{
    /// <summary>Why a relative path cannot be found.</summary>
    public const string Cause = "its path counts from the current directory, which has been deleted";

    /// <summary>What helps.</summary>
    public const string Hint = "go to a directory that exists, for example with 'cd', or give an absolute path";

    /// <summary>Whether the path counts from a directory that is not there any more.</summary>
    public static bool IsMissingFor(string path) => path is not ['/', ..] && FileSystem.TryCurrentDirectory(out _) == Errno.ENOENT;

    /// <summary>Returns the cause and the hint as they are, or those of a deleted working directory where it is to blame.</summary>
    public static (string Cause, string? Hint) Explain(string path, string cause, string? hint) => IsMissingFor(path) ? (Cause, Hint) : (cause, hint);
}
