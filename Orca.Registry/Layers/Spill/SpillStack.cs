using System.Buffers.Binary;

namespace Orca.Registry.Layers.Spill;

/// <summary>A stack of byte strings, of which the uppermost are in memory.</summary>
internal sealed class SpillStack(SpillSpace space) : IDisposable
{
    private readonly SpillBytes _bytes = new(space);

    /// <summary>How high it is; only to be compared.</summary>
    internal long Height => _bytes.Length;

    internal void Push(ReadOnlySpan<byte> text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        _bytes.Append(text);
        _bytes.Append(length);
    }

    /// <summary>Takes the uppermost off.</summary>
    internal byte[] Pop()
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        var end = Height - length.Length;
        _bytes.Read(length, end);
        var text = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        _bytes.Read(text, end - text.Length);
        _bytes.Truncate(end - text.Length);
        return text;
    }

    public void Dispose() => _bytes.Dispose();
}
