using Orca.Core.Linux;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Writes down the entries of a layer: its archive without the bytes of its files, in little space.</summary>
/// <remarks>
/// For each entry its kind (one byte, from 1), how many bytes of the name are those of the name before, the rest of the name, mode, owner, time, and what
/// its kind needs; then its attributes. The end is a zero, and the <see cref="LayerExtent"/>.
/// </remarks>
internal sealed class EntryListWriter(Fd directory, string name) : IDisposable
{
    internal const string Head = "orca layer 2\n";

    private readonly RecordFileWriter _file = new(directory, name, Head);
    private byte[] _lastName = [];

    internal void Add(LayerEntry entry)
    {
        _file.Add([(byte)(entry.Kind + 1)]);
        var common = entry.Name.CommonPrefixLength(_lastName);
        _file.AddNumber((ulong)common);
        _file.AddBytes(entry.Name[common..]);
        _lastName = entry.Name.ToArray();
        _file.AddNumber(entry.Mode);
        _file.AddNumber(entry.Uid);
        _file.AddNumber(entry.Gid);
        _file.AddNumber(ZigZag(entry.Modified.Seconds));
        _file.AddNumber(entry.Modified.Nanoseconds);
        switch (entry.Kind)
        {
            case EntryKind.File:
                _file.AddNumber((ulong)entry.Size);
                break;
            case EntryKind.HardLink or EntryKind.SymbolicLink:
                _file.AddBytes(entry.Target);
                break;
            case EntryKind.CharDevice or EntryKind.BlockDevice:
                _file.AddNumber(entry.Device.Major);
                _file.AddNumber(entry.Device.Minor);
                break;
            default:
                break;
        }

        _file.AddNumber((ulong)entry.Xattrs.Count);
        for (var i = 0; i < entry.Xattrs.Count; i++)
        {
            _file.AddBytes(entry.Xattrs.NameZ(i)[..^1]);
            _file.AddBytes(entry.Xattrs.Value(i));
        }
    }

    internal void Complete(LayerExtent extent)
    {
        _file.Add([0]);
        _file.AddNumber((ulong)extent.Bytes);
        _file.AddNumber(extent.LargestHeader);
        _file.Complete();
    }

    public void Dispose() => _file.Dispose();

    private static ulong ZigZag(long number) => (ulong)((number << 1) ^ (number >> 63));
}

/// <summary>Reads what <see cref="EntryListWriter"/> wrote. All of it is verified only when the end is reached.</summary>
internal sealed class EntryListReader : IDisposable
{
    private readonly RecordFileReader _file;
    private byte[] _name = [];

    private EntryListReader(RecordFileReader file, int layer) => (_file, Entry) = (file, new LayerEntry { Layer = layer });

    /// <summary>The entry that <see cref="Next"/> read; the same object each time.</summary>
    internal LayerEntry Entry { get; }

    /// <summary>What the archive was, known at the list's end.</summary>
    internal LayerExtent Extent { get; private set; }

    /// <summary>Opens a list; null when there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    internal static EntryListReader? TryOpen(Fd directory, string name, int layer) =>
        RecordFileReader.TryOpen(directory, name, EntryListWriter.Head) is { } file ? new EntryListReader(file, layer) : null;

    /// <summary>Goes to the next entry; false at the end.</summary>
    /// <exception cref="InvalidDataException">The list is damaged.</exception>
    internal bool Next()
    {
        var kind = _file.ReadByte();
        if (kind == 0)
        {
            Extent = new LayerExtent(ReadSize(), _file.ReadSmall());
            _file.End();
            return false;
        }

        Entry.Kind = kind <= (int)EntryKind.Fifo + 1 ? (EntryKind)(kind - 1) : throw new InvalidDataException("an entry of no kind");
        ReadName();
        Entry.Mode = _file.ReadSmall();
        Entry.Uid = _file.ReadSmall();
        Entry.Gid = _file.ReadSmall();
        var seconds = _file.ReadNumber();
        Entry.Modified = ((long)(seconds >> 1) ^ -(long)(seconds & 1), _file.ReadSmall());
        Entry.Size = Entry.Kind == EntryKind.File ? ReadSize() : 0;
        Entry.SetTarget(Entry.Kind is EntryKind.HardLink or EntryKind.SymbolicLink ? _file.ReadBytes() : []);
        Entry.Device = Entry.Kind is EntryKind.CharDevice or EntryKind.BlockDevice ? (_file.ReadSmall(), _file.ReadSmall()) : default;
        Entry.Xattrs.Clear();
        for (var left = _file.ReadNumber(); left > 0; left--)
        {
            Entry.Xattrs.Add(_file.ReadBytes(), _file.ReadBytes());
        }

        return true;
    }

    public void Dispose() => _file.Dispose();

    private long ReadSize() => _file.ReadNumber() is <= long.MaxValue and var size ? (long)size : throw new InvalidDataException("a size that is too large");

    private void ReadName()
    {
        var common = _file.ReadNumber();
        if (common > (ulong)_name.Length)
        {
            throw new InvalidDataException("a name that goes on from none");
        }

        _name = [.. _name.AsSpan(0, (int)common), .. _file.ReadBytes()];
        Entry.SetName(_name);
    }
}
