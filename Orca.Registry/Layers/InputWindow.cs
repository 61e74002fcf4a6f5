using System.Buffers;

namespace Orca.Registry.Layers;

/// <summary>Compressed bytes on their way into a decoder: what it leaves is there for the next one. Owns its stream.</summary>
internal sealed class InputWindow(Stream stream) : IDisposable
{
    private const int Capacity = 64 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Capacity);
    private int _start;
    private int _end;

    /// <summary>The bytes at hand.</summary>
    internal ReadOnlySpan<byte> Available => _bytes.AsSpan(_start, _end - _start);

    /// <summary>How many bytes were taken.</summary>
    internal long Taken { get; private set; }

    internal void Advance(int count)
    {
        _start += count;
        Taken += count;
    }

    /// <summary>Makes sure that at least one byte is at hand; false at the end of the stream.</summary>
    internal bool Fill() => _start < _end || Peek(1).Length > 0;

    /// <summary>The next <paramref name="count"/> bytes without taking them; fewer at the end of the stream.</summary>
    internal ReadOnlySpan<byte> Peek(int count)
    {
        if (_bytes.Length - _start < count || _start == _end)
        {
            Available.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        while (_end - _start < count)
        {
            var read = stream.Read(_bytes, _end, _bytes.Length - _end);
            if (read == 0)
            {
                break;
            }

            _end += read;
        }

        return Available[..Math.Min(count, _end - _start)];
    }

    public void Dispose()
    {
        stream.Dispose();
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }
}
