using System.Buffers;

namespace Orca.Registry.Layers;

/// <summary>A window on the stream of an archive; counts what passes.</summary>
internal sealed class TarBuffer(Stream stream, LayerBudget budget, int layer) : IDisposable
{
    private const int Capacity = 256 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Capacity);
    private int _start;
    private int _end;
    private long _read;

    /// <summary>How many bytes of the archive are behind.</summary>
    internal long Position => _read - (_end - _start);

    /// <summary>How many bytes of the archive have come.</summary>
    internal long BytesRead => _read;

    /// <summary>The next 512 bytes; empty when the stream ends exactly here.</summary>
    internal ReadOnlySpan<byte> ReadBlock()
    {
        if (!Ensure(TarHeader.Size))
        {
            var rest = _end - _start;
            return rest == 0 ? [] : throw UnexpectedEnd(Position == 0
                ? $"this is not a tar archive: unexpected end after {rest} bytes" : "unexpected end inside a header");
        }

        _start += TarHeader.Size;
        return _bytes.AsSpan(_start - TarHeader.Size, TarHeader.Size);
    }

    /// <summary>At least one and at most <paramref name="limit"/> bytes, as many as are at hand; empty when the limit is 0.</summary>
    internal ReadOnlySpan<byte> ReadSome(long limit)
    {
        if (limit == 0)
        {
            return [];
        }

        if (_start == _end && !FillOnce())
        {
            throw UnexpectedEnd("unexpected end inside the data of an entry");
        }

        var count = (int)Math.Min(limit, _end - _start);
        _start += count;
        return _bytes.AsSpan(_start - count, count);
    }

    /// <summary>As <see cref="ReadSome(long)"/>, into the caller's buffer: what is not in the window goes there directly.</summary>
    internal int ReadSome(Span<byte> buffer)
    {
        if (buffer.IsEmpty || _start < _end)
        {
            var some = ReadSome(buffer.Length);
            some.CopyTo(buffer);
            return some.Length;
        }

        var count = stream.Read(buffer);
        Count(count);
        return count > 0 ? count : throw UnexpectedEnd("unexpected end inside the data of an entry");
    }

    internal void Skip(long count)
    {
        // In a file, what nobody looks at need not be read: the layers inside an archive, when only their places are wanted.
        var beyond = count - (_end - _start);
        if (beyond > 0 && stream.CanSeek && beyond <= stream.Length - stream.Position)
        {
            stream.Position += beyond;
            _start = _end = 0;
            Count(beyond);
            return;
        }

        while (count > 0)
        {
            count -= ReadSome(count).Length;
        }
    }

    /// <summary>Skips what fills the last block of an entry; an archive may end before it, as some writers cut it.</summary>
    internal void SkipPadding(int count)
    {
        var isThere = Ensure(count); // may move the window, so before _start is read
        _start = isThere ? _start + count : _end;
    }

    /// <summary>Reads the stream to its end; true when that was not zeros alone.</summary>
    internal bool Drain()
    {
        var isMore = false;
        do
        {
            isMore = isMore || _bytes.AsSpan(_start, _end - _start).ContainsAnyExcept((byte)0);
            _start = _end;
        }
        while (FillOnce());
        return isMore;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private bool Ensure(int count)
    {
        while (_end - _start < count)
        {
            if (_start > 0 && _bytes.Length - _start < count)
            {
                _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
                _end -= _start;
                _start = 0;
            }

            if (!FillOnce())
            {
                return false;
            }
        }

        return true;
    }

    private bool FillOnce()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        var count = stream.Read(_bytes, _end, _bytes.Length - _end);
        _end += count;
        Count(count);
        return count > 0;
    }

    private void Count(long bytes)
    {
        _read += bytes;
        if (budget.TakeArchive(bytes) is { } fault)
        {
            throw LayerFault.At(layer, _read, fault, LayerLimits.Hint("size"));
        }
    }

    private Core.Errors.LayerException UnexpectedEnd(string cause) => LayerFault.At(layer, _read, cause);
}
