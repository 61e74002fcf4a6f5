using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Output;

/// <summary>Prints what went wrong, and returns the exit status for it.</summary>
internal static class ErrorReport
{
    /// <summary>orca itself failed, as docker run says it.</summary>
    public const int Failed = 125;

    private const int ReaderGone = 128 + 13; // as a program that SIGPIPE ended

    /// <summary>Prints one line and perhaps a hint, or a JSON object where messages are for a program; the stack only when asked for.</summary>
    /// <returns>The exit status.</returns>
    public static int Print(Exception failure, ITextOutput output, GlobalOptions options, HostEnvironment? environment = null)
    {
        if (failure is OutputException { ReaderGone: true })
        {
            return ReaderGone;
        }

        var (message, hint) = failure switch
        {
            OrcaException known => (known.Message, known.Hint),
            OperationCanceledException => ("interrupted", null),
            _ => ($"internal error: {failure.GetType().Name}: {Quoted.Text(failure.Message)}", "run it again with --debug and report what it prints; this is a bug in orca"),
        };
        hint = hint is null ? null : RepeatedOptions.Complete(hint, options, environment);
        try
        {
            output.Write(options.JsonMessages
                ? JsonOutput.Line("error", ("message", message), ("hint", hint), ("stack", options.Debug ? failure.ToString() : null))
                : $"orca: {message}\n{(hint is null ? string.Empty : $"hint: {hint}\n")}{(options.Debug ? failure + "\n" : string.Empty)}");
        }
        catch (OutputException)
        {
            // Nobody reads it; the exit status is still right.
        }

        return failure is SandboxException sandbox ? sandbox.ExitCode : Failed;
    }
}
