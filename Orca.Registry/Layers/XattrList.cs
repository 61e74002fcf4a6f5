using System.Buffers;

namespace Orca.Registry.Layers;

/// <summary>Extended attributes as bytes, in one reused buffer; each name ends with a NUL, as the kernel takes it.</summary>
internal sealed class XattrList
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);
    private readonly List<(int Name, int NameLength, int Value, int ValueLength)> _items = [];

    internal int Count => _items.Count;

    internal void Clear()
    {
        _bytes.ResetWrittenCount();
        _items.Clear();
    }

    internal void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var start = _bytes.WrittenCount;
        _bytes.Write(name);
        _bytes.Write("\0"u8);
        _bytes.Write(value);
        _items.Add((start, name.Length + 1, start + name.Length + 1, value.Length));
    }

    /// <summary>The name, with its NUL.</summary>
    internal ReadOnlySpan<byte> NameZ(int index) => _bytes.WrittenSpan.Slice(_items[index].Name, _items[index].NameLength);

    internal ReadOnlySpan<byte> Value(int index) => _bytes.WrittenSpan.Slice(_items[index].Value, _items[index].ValueLength);
}
