using System.Buffers;
using System.Text;

namespace Orca;

/// <summary>Takes the bytes of one stream of a container, one piece after the other.</summary>
internal abstract class OutputSink
{
    /// <summary>Takes a piece.</summary>
    internal abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Hears that there will be no more.</summary>
    internal virtual ValueTask FinishAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

/// <summary>Keeps the first bytes up to a limit.</summary>
internal sealed class CaptureSink(int limit) : OutputSink
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Whether there were more.</summary>
    internal bool IsTruncated { get; private set; }

    /// <summary>The bytes that were kept, as UTF-8.</summary>
    internal string Text => Encoding.UTF8.GetString(_bytes.WrittenSpan);

    internal override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var room = Math.Min(limit - _bytes.WrittenCount, bytes.Length);
        _bytes.Write(bytes.Span[..room]);
        IsTruncated |= room < bytes.Length;
        return ValueTask.CompletedTask;
    }
}

/// <summary>Writes to a stream.</summary>
internal sealed class StreamSink(Stream target) : OutputSink
{
    internal override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => target.WriteAsync(bytes, cancellationToken);

    internal override async ValueTask FinishAsync(CancellationToken cancellationToken) => await target.FlushAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>Cuts lines of UTF-8. A line ends with \n or \r\n; one that gets too long is given in pieces, so that no container can fill this program's memory.</summary>
internal sealed class LineSink(Func<string, CancellationToken, ValueTask> take) : OutputSink
{
    private const int Longest = 1 << 16;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();
    private bool _hasPieces; // of the line that has not ended yet

    internal override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var characters = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(bytes.Length));
        try
        {
            var text = characters.AsMemory(0, _decoder.GetChars(bytes.Span, characters, flush: false));
            while (!text.IsEmpty)
            {
                var end = text.Span.IndexOf('\n');
                var part = text[..Math.Min(end < 0 ? text.Length : end, Longest - _line.Length)];
                _line.Append(part);
                text = text[part.Length..];
                if (end == part.Length)
                {
                    text = text[1..];
                    await EndAsync(cancellationToken).ConfigureAwait(false);
                }
                else if (_line.Length == Longest)
                {
                    _hasPieces = true;
                    await GiveAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    internal override async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        var rest = new char[4];
        _line.Append(rest.AsSpan(0, _decoder.GetChars([], rest, flush: true)));
        if (_line.Length > 0)
        {
            await EndAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the line, or its last piece, without its end. Where the pieces were the whole line there is none.</summary>
    private ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (_line.Length > 0 && _line[^1] == '\r')
        {
            _line.Length--;
        }

        var isGiven = _hasPieces && _line.Length == 0;
        _hasPieces = false;
        return isGiven ? ValueTask.CompletedTask : GiveAsync(cancellationToken);
    }

    private ValueTask GiveAsync(CancellationToken cancellationToken)
    {
        var line = _line.ToString();
        _line.Clear();
        return take(line, cancellationToken);
    }
}
