namespace Orca.Core.Errors;

/// <summary>What orca could not do: one line for people, and a hint when there is something to type.</summary>
/// <remarks>
/// <see cref="Exception.Message"/> has the form <c>cannot VERB 'OBJECT': cause</c>: lower case, no full stop, no secret.
/// Every error that bytes or names from outside can provoke derives from this class; anything else that escapes is a bug.
/// </remarks>
public abstract class OrcaException : Exception
{
    /// <summary>Makes the error from its line and an optional hint.</summary>
    protected OrcaException(string message, string? hint = null, Exception? inner = null)
        : base(message, inner) => Hint = hint;

    /// <summary>What the user can type or change; null when there is nothing to advise.</summary>
    public string? Hint { get; }

    /// <summary>The hint where it helps a program that embeds orca; null where it is a command line of orca or names its options, which mean nothing there.</summary>
    public string? Advice => Hint is { } hint && !hint.Contains("orca ", StringComparison.Ordinal) && !hint.Contains("--", StringComparison.Ordinal) && !hint.Contains("'-", StringComparison.Ordinal) ? hint : null;
}
