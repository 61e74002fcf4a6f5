using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Orca.Registry.Layers.Spill;

namespace Orca.Registry.Layers;

/// <summary>The side table: owners, true modes, devices and file capabilities of those entries that differ from what is on disk.</summary>
/// <remarks>
/// <para>Everything on disk belongs to the caller, directories have u+rwx and files u+r, and devices are not there; this table has the truth.
/// An entry that it does not name is owned by 0:0 and has the mode it has on disk.</para>
/// <para>The file is a sequence of records sorted by the bytes of their paths, each
/// <c>MODE SP UID SP GID SP SPECIAL SP PATH NUL</c>: MODE is st_mode in octal, with the type; UID and GID are decimal; SPECIAL is
/// <c>MAJOR:MINOR</c> for devices, <c>=HEX</c> with the value of <c>security.capability</c> for files that have it, else <c>-</c>; PATH is relative to the root without a leading slash, and <c>.</c> for the root itself.
/// Every name of a hard-linked file has its own record.</para>
/// </remarks>
internal sealed class OwnerTable(SpillSpace space) : IDisposable
{
    private const int Capabilities = 5 * sizeof(uint); // behind the numbers: how many bytes, and they
    private const int Numbers = Capabilities + 1 + FileCapabilities.MaxLength;
    private const int Fields = Numbers + sizeof(long); // and where the record of the device before it in its directory is, from 1

    private readonly PathRecords _records = new(space, Fields);
    private readonly SpillTable _devices = SpillTable.OfWords(space); // by directory: where the record of its last device is, from 1

    internal long Count => _records.Count;

    /// <summary>Sets what is known of a name in a directory.</summary>
    internal void Set(DirectoryNode parent, ReadOnlySpan<byte> name, OwnerRecord record)
    {
        var hash = PathHash.Child(parent.Hash, name);
        var place = Set(hash, parent.Join(name), record, record.IsDevice ? _devices.Get(parent.Hash) : 0);
        if (record.IsDevice)
        {
            _devices.Set(parent.Hash, (ulong)place + 1);
        }
    }

    /// <summary>Sets what is known of a directory.</summary>
    internal void SetDirectory(byte[] path, UInt128 hash, OwnerRecord record) => Set(hash, path, record, deviceBefore: 0);

    internal bool TryGet(UInt128 path, out OwnerRecord record)
    {
        Span<byte> fields = stackalloc byte[Fields];
        var isThere = Count > 0 && _records.TryGet(path, fields);
        record = isThere ? Read(fields) : default;
        return isThere;
    }

    internal void Remove(UInt128 path) => _records.Remove(path);

    /// <summary>Removes the devices in a directory, which no listing of the disk shows; but for those that <paramref name="spare"/> names.</summary>
    internal void RemoveDevicesIn(UInt128 directory, Predicate<UInt128>? spare = null)
    {
        Span<byte> fields = stackalloc byte[Fields];
        for (var next = _devices.Get(directory); next != 0; next = BinaryPrimitives.ReadUInt64LittleEndian(fields[Numbers..]))
        {
            if (_records.Read((long)next - 1, fields, out var path) && spare?.Invoke(path) != true)
            {
                Remove(path);
            }
        }
    }

    /// <summary>Writes the file of records.</summary>
    internal void WriteTo(Stream stream)
    {
        using var sorter = new SpillSorter(space);
        _records.ForEach((path, fields) => sorter.Add([.. path, 0, .. fields.AsSpan(0, Numbers)])); // no path has a zero, so it sorts as paths do
        foreach (var line in sorter.Drain())
        {
            var record = Read(line.AsSpan(^Numbers..));
            var path = line.AsSpan(..^(Numbers + 1));
            stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Convert.ToString(record.Mode, 8)} {record.Uid} {record.Gid} {record.Special} ")));
            stream.Write(path.IsEmpty ? "."u8 : path);
            stream.WriteByte(0);
        }
    }

    public void Dispose()
    {
        _records.Dispose();
        _devices.Dispose();
    }

    private long Set(UInt128 hash, byte[] path, OwnerRecord record, ulong deviceBefore)
    {
        Span<byte> fields = stackalloc byte[Fields];
        fields.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(fields, record.Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[4..], record.Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[8..], record.Gid);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[12..], record.Major);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[16..], record.Minor);
        fields[Capabilities] = (byte)record.Capabilities.Length;
        record.Capabilities.Span.CopyTo(fields[(Capabilities + 1)..]);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[Numbers..], deviceBefore);
        return _records.Set(hash, path, fields);
    }

    private static OwnerRecord Read(ReadOnlySpan<byte> fields) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(fields), BinaryPrimitives.ReadUInt32LittleEndian(fields[4..]), BinaryPrimitives.ReadUInt32LittleEndian(fields[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(fields[12..]), BinaryPrimitives.ReadUInt32LittleEndian(fields[16..]))
    {
        Capabilities = fields[Capabilities] == 0 ? default : fields.Slice(Capabilities + 1, fields[Capabilities]).ToArray(),
    };
}
