using System.Globalization;
using System.Text;
using Orca.Cli.Commands;
using Orca.Core.Containers;
using Orca.Core.Linux;

namespace Orca.Cli.Output;

/// <summary>Prints a log: each stream to this process's own, as bytes, with the times of its lines where they are asked for.</summary>
internal sealed class LogPrinter(CommandContext context, bool withTimes)
{
    private readonly bool[] _isInLine = new bool[2];

    /// <summary>Prints one record.</summary>
    public void Print(LogRecord record)
    {
        if (record.Stream == LogRecord.Lost)
        {
            context.Note($"{Encoding.ASCII.GetString(record.Bytes.Span)} bytes were not logged: the disk was full");
            return;
        }

        Print(record.Time, record.Stream, record.Bytes.Span);
    }

    /// <summary>Prints bytes that came at one moment.</summary>
    public void Print(DateTimeOffset time, int stream, ReadOnlySpan<byte> bytes)
    {
        if (!withTimes)
        {
            Write(stream, bytes);
            return;
        }

        var text = new List<byte>(bytes.Length + 64);
        var mark = Encoding.ASCII.GetBytes(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z '", CultureInfo.InvariantCulture));
        while (!bytes.IsEmpty)
        {
            if (!_isInLine[stream - 1])
            {
                text.AddRange(mark);
            }

            var end = bytes.IndexOf((byte)'\n');
            _isInLine[stream - 1] = end < 0;
            end = end < 0 ? bytes.Length : end + 1;
            text.AddRange(bytes[..end]);
            bytes = bytes[end..];
        }

        Write(stream, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text));
    }

    private static void Write(int stream, ReadOnlySpan<byte> bytes)
    {
        var error = StandardStreams.TryWrite(stream, bytes);
        if (error != Errno.None)
        {
            throw new OutputException(stream, error);
        }
    }
}
