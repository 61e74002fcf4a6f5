using Orca.Core.Containers;

namespace Orca.Cli.Output;

/// <summary>The last lines of a log. Of a file that is as large as the log may be it holds no more than those lines.</summary>
internal sealed class LogTail(int lines)
{
    private readonly LinkedList<(DateTimeOffset Time, int Stream, byte[] Bytes)> _pieces = new();
    private int _ends; // of lines, in the pieces

    /// <summary>Reads all that is there.</summary>
    public void Read(ContainerLog log, DateTimeOffset? since, DateTimeOffset? until)
    {
        while (log.TryRead(out var record))
        {
            if (record.Stream == LogRecord.Lost || (since is not null && record.Time < since) || (until is not null && record.Time >= until))
            {
                continue;
            }

            for (var rest = record.Bytes.Span; !rest.IsEmpty;)
            {
                var end = rest.IndexOf((byte)'\n');
                var piece = end < 0 ? rest : rest[..(end + 1)];
                Add(record.Time, record.Stream, piece.ToArray());
                rest = rest[piece.Length..];
            }
        }
    }

    /// <summary>Prints them.</summary>
    public void Print(LogPrinter printer)
    {
        foreach (var (time, stream, bytes) in _pieces)
        {
            printer.Print(time, stream, bytes);
        }
    }

    private void Add(DateTimeOffset time, int stream, byte[] bytes)
    {
        _pieces.AddLast((time, stream, bytes));
        _ends += bytes[^1] == '\n' ? 1 : 0;
        var open = bytes[^1] == '\n' ? 0 : 1; // a line that is not ended yet counts
        while (_pieces.First is { } first && _ends + open > lines)
        {
            _pieces.RemoveFirst();
            _ends -= first.Value.Bytes[^1] == '\n' ? 1 : 0;
        }
    }
}
