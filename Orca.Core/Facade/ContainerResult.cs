using Orca.Core.Errors;

namespace Orca;

/// <summary>The result of a run.</summary>
/// <param name="Exit">How the container ended.</param>
/// <param name="StandardOutput">The standard output of the command, as UTF-8; empty when it did not go to <see cref="ContainerOutput.Pipe"/>.</param>
/// <param name="StandardError">The standard error of the command, likewise.</param>
/// <param name="RunTime">From the start of the command to its end.</param>
public sealed record ContainerResult(ContainerExit Exit, string StandardOutput, string StandardError, TimeSpan RunTime)
{
    /// <summary>The exit status, 0 to 255.</summary>
    public int ExitCode => Exit.Code;

    /// <summary>Whether there was more output than <see cref="ContainerStart.CaptureLimit"/>.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Returns this result.</summary>
    /// <exception cref="ContainerFailedException">The command failed.</exception>
    public ContainerResult EnsureSuccess() => Exit.Success ? this : throw new ContainerFailedException(this);
}

/// <summary>A command failed. The message has the last line of its standard error.</summary>
/// <param name="result">The result of the run.</param>
public sealed class ContainerFailedException(ContainerResult result) : OrcaException(Describe(result))
{
    private const int Longest = 400;

    /// <summary>The result of the run.</summary>
    public ContainerResult Result { get; } = result;

    private static string Describe(ContainerResult result)
    {
        var text = result.StandardError.AsSpan().TrimEnd();
        var line = text[(text.LastIndexOf('\n') + 1)..];
        var last = line.Length > Longest ? line[..Longest] : line;
        return $"the command failed: {result.Exit}{(last.IsEmpty ? string.Empty : ": " + Quoted.Text(last.ToString()))}";
    }
}
