using System.Buffers.Binary;

namespace Orca.Registry.Layers.Spill;

/// <summary>A record for each of some paths, by <see cref="PathHash"/>: what comes later takes the place of what was there.</summary>
/// <remarks>
/// A log of all records, and a table that tells which are valid. A path is written down as what differs from the one before, so it is known only to who reads all from the start; what is asked for
/// at random is a record's fields.
/// </remarks>
internal sealed class PathRecords(SpillSpace space, int fields) : IDisposable
{
    private const int Hash = 16;

    private readonly SpillTable _places = SpillTable.OfWords(space); // where the record is, from 1; 0 when it is gone
    private readonly int _head = Hash + fields + sizeof(int);
    private SpillBytes _log = new(space);
    private byte[] _last = [];
    private byte[] _record = new byte[256];

    /// <summary>How many paths have a record.</summary>
    internal long Count { get; private set; }

    internal bool Contains(UInt128 hash) => _places.Get(hash) != 0;

    /// <summary>Sets a path's record.</summary>
    /// <returns>Where it is, for <see cref="Read"/>.</returns>
    internal long Set(UInt128 hash, byte[] path, ReadOnlySpan<byte> record)
    {
        var common = path.AsSpan().CommonPrefixLength(_last);
        var length = _head + path.Length - common;
        if (_record.Length < length)
        {
            _record = new byte[length * 2];
        }

        BinaryPrimitives.WriteUInt128LittleEndian(_record, hash);
        record.CopyTo(_record.AsSpan(Hash));
        BinaryPrimitives.WriteInt32LittleEndian(_record.AsSpan(Hash + fields), common);
        path.AsSpan(common).CopyTo(_record.AsSpan(_head));
        var place = _log.Length;
        SpillReader.Write(_log, _record.AsSpan(0, length));
        _last = path;
        Count += Contains(hash) ? 0 : 1;
        _places.Set(hash, (ulong)place + 1);
        return place;
    }

    /// <summary>The fields of a path's record; false when there is none.</summary>
    internal bool TryGet(UInt128 hash, Span<byte> record)
    {
        var place = (long)_places.Get(hash) - 1;
        if (place >= 0)
        {
            Read(place, record, out _);
        }

        return place >= 0;
    }

    /// <summary>The fields of the record at a place; false when it is not valid any more.</summary>
    internal bool Read(long place, Span<byte> record, out UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash + fields];
        _log.Read(bytes, place + SpillReader.Head);
        hash = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
        bytes[Hash..].CopyTo(record);
        return (long)_places.Get(hash) == place + 1;
    }

    internal bool Remove(UInt128 hash)
    {
        if (Count == 0 || !Contains(hash))
        {
            return false;
        }

        Count--;
        _places.Set(hash, 0);
        return true;
    }

    /// <summary>Goes through all records, oldest first.</summary>
    internal void ForEach(Action<byte[], byte[]> visit)
    {
        var reader = new SpillReader(_log, 0, _log.Length, space.Tail / 4);
        byte[] path = [];
        while (reader.TryNext(out var record))
        {
            var common = BinaryPrimitives.ReadInt32LittleEndian(record[(Hash + fields)..]);
            path = [.. path.AsSpan(0, common), .. record[_head..]];
            if ((long)_places.Get(BinaryPrimitives.ReadUInt128LittleEndian(record)) == reader.Offset + 1)
            {
                visit(path, record.Slice(Hash, fields).ToArray());
            }
        }
    }

    internal void Clear()
    {
        if (_log.Length > 0)
        {
            Count = 0;
            _places.Clear();
            _log.Dispose();
            _log = new SpillBytes(space);
            _last = [];
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        _log.Dispose();
    }
}
