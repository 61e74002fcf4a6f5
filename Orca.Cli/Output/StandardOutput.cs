using Orca.Core.Linux;

namespace Orca.Cli.Output;

/// <summary>A standard stream of this process, unbuffered. The Console class would cost a millisecond at start, and touches the terminal's settings.</summary>
internal sealed class StandardOutput(int number) : ITextOutput
{
    /// <summary>Descriptor 1.</summary>
    public static StandardOutput Results { get; } = new(1);

    /// <summary>Descriptor 2.</summary>
    public static StandardOutput Messages { get; } = new(2);

    /// <inheritdoc/>
    public (int Rows, int Columns)? Terminal => StandardStreams.TerminalSize(number);

    /// <inheritdoc/>
    public void Write(string text)
    {
        var error = StandardStreams.TryWrite(number, NativeText.Encode(text));
        if (error != Errno.None)
        {
            throw new OutputException(number, error);
        }
    }
}
