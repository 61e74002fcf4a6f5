using System.Text;
using Orca.Core.Errors;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Reads an image's side table (<see cref="OwnerTable"/> has the format): what the disk cannot say about its files.</summary>
internal sealed class OwnerLookup
{
    /// <summary>Nobody but root owns anything, and all modes are those on disk.</summary>
    internal static readonly OwnerLookup Empty = new([]);

    private readonly byte[] _table;
    private readonly List<(int Start, int Length, OwnerRecord Record)> _records = [];
    private readonly List<int> _devices = [];

    /// <exception cref="StoreException">The table is damaged.</exception>
    internal OwnerLookup(byte[] table)
    {
        _table = table;
        for (var position = 0; position < table.Length;)
        {
            position = Add(position);
        }
    }

    /// <summary>What the table says about a path; null when it says nothing.</summary>
    internal OwnerRecord? Find(ReadOnlySpan<byte> path)
    {
        path = path.IsEmpty ? "."u8 : path;
        var (low, high) = (0, _records.Count - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            switch (PathOf(middle).SequenceCompareTo(path))
            {
                case 0:
                    return _records[middle].Record;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return null;
    }

    /// <summary>The names of the devices in a directory.</summary>
    internal List<byte[]> DevicesIn(ReadOnlySpan<byte> directory)
    {
        var names = new List<byte[]>();
        foreach (var index in _devices)
        {
            var path = PathOf(index);
            var cut = path.LastIndexOf((byte)'/');
            if (path[..Math.Max(cut, 0)].SequenceEqual(directory))
            {
                names.Add(path[(cut + 1)..].ToArray());
            }
        }

        return names;
    }

    private ReadOnlySpan<byte> PathOf(int index) => _table.AsSpan(_records[index].Start, _records[index].Length);

    /// <summary>Reads <c>MODE SP UID SP GID SP DEVICE SP PATH NUL</c>; gives the place behind it.</summary>
    private int Add(int start)
    {
        var line = _table.AsSpan(start);
        var end = line.IndexOf((byte)0);
        line = end < 0 ? throw Damaged() : line[..end];
        Span<Range> fields = stackalloc Range[5];
        var count = 0;
        for (var position = 0; count < 4; count++)
        {
            var length = line[position..].IndexOf((byte)' ');
            fields[count] = length > 0 ? position..(position + length) : throw Damaged();
            position += length + 1;
            fields[4] = position..line.Length;
        }

        var record = new OwnerRecord((uint)Number(line[fields[0]], 8), (uint)Number(line[fields[1]], 10), (uint)Number(line[fields[2]], 10))
            .WithSpecial(Encoding.ASCII.GetString(line[fields[3]])) ?? throw Damaged();
        if (record.IsDevice)
        {
            _devices.Add(_records.Count);
        }

        _records.Add((start + fields[4].Start.Value, line.Length - fields[4].Start.Value, record));
        return start + end + 1;
    }

    private static long Number(ReadOnlySpan<byte> digits, int radix)
    {
        var number = 0L;
        foreach (var digit in digits)
        {
            number = digit - '0' is >= 0 and var value && value < radix && number <= uint.MaxValue ? (number * radix) + value : throw Damaged();
        }

        return number <= uint.MaxValue ? number : throw Damaged();
    }

    private static StoreException Damaged() => new("cannot read the owners of the image's files: the table is damaged", "'orca system check' names the image and what repairs it");
}
