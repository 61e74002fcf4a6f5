namespace Orca.Core.Programs;

/// <summary>Why a program cannot run here.</summary>
/// <param name="Cause">One clause, with the program as its subject or named in it: <c>it is a program for linux/arm64</c>.</param>
/// <param name="Hint">What helps.</param>
internal sealed record ProgramFault(string Cause, string Hint)
{
    /// <summary>True when the kernel starts such a program nevertheless, and it dies of a signal.</summary>
    internal bool StartsAndDies { get; init; }
}

/// <summary>The first bytes of a file inside, as far as they can be known.</summary>
/// <param name="IsKnown">False when what is at the path cannot be told from outside: a mount covers it, or it cannot be read.</param>
/// <param name="Start">The bytes; null when there is no such regular file.</param>
internal readonly record struct ProgramBytes(bool IsKnown, byte[]? Start)
{
    /// <summary>There is no such regular file.</summary>
    internal bool IsMissing => IsKnown && Start is null;
}
