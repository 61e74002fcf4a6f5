using System.Buffers.Binary;

namespace Orca.Registry.Layers.Spill;

/// <summary>Reads byte strings, each behind its length, out of <see cref="SpillBytes"/>, front to back.</summary>
internal sealed class SpillReader(SpillBytes bytes, long start, long end, int ahead)
{
    /// <summary>Bytes before each string.</summary>
    internal const int Head = sizeof(int);

    private byte[] _buffer = new byte[ahead];
    private int _at;
    private int _count;

    /// <summary>Where the string begins that <see cref="TryNext"/> gave.</summary>
    internal long Offset { get; private set; }

    private long Position => start - (_count - _at);

    /// <summary>Writes a string for readers like this.</summary>
    internal static void Write(SpillBytes bytes, ReadOnlySpan<byte> text)
    {
        Span<byte> head = stackalloc byte[Head];
        BinaryPrimitives.WriteInt32LittleEndian(head, text.Length);
        bytes.Append(head);
        bytes.Append(text);
    }

    /// <summary>The next string, until the one after it is asked for; false at the end.</summary>
    internal bool TryNext(out ReadOnlySpan<byte> text)
    {
        Offset = Position;
        text = default;
        if (Offset == end)
        {
            return false;
        }

        text = Take(BinaryPrimitives.ReadInt32LittleEndian(Take(Head)));
        return true;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_count - _at < count)
        {
            Fill(count);
        }

        _at += count;
        return _buffer.AsSpan(_at - count, count);
    }

    private void Fill(int wanted)
    {
        var rest = _buffer.AsSpan(_at, _count - _at);
        var buffer = wanted > _buffer.Length ? new byte[wanted] : _buffer;
        rest.CopyTo(buffer);
        var more = (int)Math.Min(buffer.Length - rest.Length, end - start);
        bytes.Read(buffer.AsSpan(rest.Length, more), start);
        start += more;
        (_buffer, _at, _count) = (buffer, 0, rest.Length + more);
    }
}
