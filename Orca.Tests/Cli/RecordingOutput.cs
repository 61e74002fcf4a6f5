using Orca.Cli.Output;

namespace Orca.Tests.Cli;

/// <summary>Keeps what was written; a terminal when given a size.</summary>
internal sealed class RecordingOutput : ITextOutput
{
    private readonly Lock _lock = new();
    private string _text = string.Empty;

    public (int Rows, int Columns)? Terminal { get; set; }

    public Exception? Failure { get; set; }

    public string Text => _text;

    public List<string> Writes { get; } = [];

    public void Write(string text)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        lock (_lock)
        {
            Writes.Add(text);
            _text += text;
        }
    }
}
