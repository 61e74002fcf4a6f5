using Orca.Core.Errors;

namespace Orca.Core.Containers;

/// <summary>What the path inside of any mount must be.</summary>
public static class MountPath
{
    /// <summary>The destination, when something may be mounted there.</summary>
    /// <param name="text">What was typed, for the error.</param>
    /// <param name="destination">The path inside.</param>
    /// <exception cref="ReferenceException">It is relative, or the root itself.</exception>
    public static string Check(string text, string destination) =>
        !destination.StartsWith('/') ? throw Wrong(text, $"the path inside, '{Quoted.Text(destination)}', does not start with '/'")
        : CleanPath.Of(destination) == "/" ? throw Wrong(text, "the path inside cannot be '/'")
        : destination;

    /// <summary>How many directories lie above the path: what is mounted later than its parent shows above it.</summary>
    public static int Depth(string destination) => CleanPath.Of(destination).AsSpan().Count('/');

    /// <summary>The error about one mount of the command line.</summary>
    public static ReferenceException Wrong(string text, string problem, string? hint = null) => new($"cannot mount '{Quoted.Text(text)}': {problem}", hint);
}
