namespace Orca.Registry.Layers.Spill;

/// <summary>Bytes one after another: the last in memory, those before them in a file.</summary>
internal sealed class SpillBytes(SpillSpace space) : IDisposable
{
    private byte[] _tail = new byte[Math.Min(4096, space.Tail)];
    private SpillFile? _file;
    private long _start;
    private int _count;

    internal long Length => _start + _count;

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (_count + bytes.Length > space.Tail)
        {
            Flush();
        }

        if (bytes.Length > space.Tail)
        {
            File.Write(bytes, _start);
            _start += bytes.Length;
            return;
        }

        if (_count + bytes.Length > _tail.Length)
        {
            Array.Resize(ref _tail, (int)Math.Min(space.Tail, Math.Max(_tail.Length * 2L, _count + bytes.Length)));
        }

        bytes.CopyTo(_tail.AsSpan(_count));
        _count += bytes.Length;
    }

    /// <summary>Fills the span from an offset.</summary>
    internal void Read(Span<byte> bytes, long offset)
    {
        var before = (int)Math.Clamp(_start - offset, 0, bytes.Length);
        if (before > 0)
        {
            File.Read(bytes[..before], offset);
        }

        if (before < bytes.Length)
        {
            _tail.AsSpan((int)(offset + before - _start), bytes.Length - before).CopyTo(bytes[before..]);
        }
    }

    /// <summary>Takes bytes off the end.</summary>
    internal void Truncate(long length)
    {
        if (length >= _start)
        {
            _count = (int)(length - _start);
            return;
        }

        // Half of what there is room for: who takes more away finds it, who adds has room.
        _count = (int)Math.Min(length, _tail.Length / 2);
        _start = length - _count;
        File.Read(_tail.AsSpan(0, _count), _start);
    }

    public void Dispose() => _file?.Dispose();

    private SpillFile File => _file ??= space.OpenFile();

    private void Flush()
    {
        if (_count > 0)
        {
            File.Write(_tail.AsSpan(0, _count), _start);
            (_start, _count) = (Length, 0);
        }
    }
}
