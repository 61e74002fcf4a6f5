using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Orca.Core.Errors;

namespace Orca.Registry.Layers;

/// <summary>What the image says about an entry and the disk cannot: type and true mode as in st_mode, owner, device number.</summary>
internal readonly record struct OwnerRecord(uint Mode, uint Uid, uint Gid, uint Major = 0, uint Minor = 0)
{
    /// <summary>True for a character or block device, of which nothing is on disk.</summary>
    internal bool IsDevice => (Mode & 0xF000) is 0x2000 or 0x6000;
}

/// <summary>The side table: owners, true modes and devices of those entries that differ from what is on disk.</summary>
/// <remarks>
/// <para>Everything on disk belongs to the caller, directories have u+rwx and files u+r, and devices are not there; this table has the truth.
/// An entry that it does not name is owned by 0:0 and has the mode it has on disk.</para>
/// <para>The file is a sequence of records sorted by the bytes of their paths, each
/// <c>MODE SP UID SP GID SP DEVICE SP PATH NUL</c>: MODE is st_mode in octal, with the type; UID and GID are decimal; DEVICE is
/// <c>MAJOR:MINOR</c> for devices, else <c>-</c>; PATH is relative to the root without a leading slash, and <c>.</c> for the root itself.
/// Every name of a hard-linked file has its own record.</para>
/// </remarks>
internal sealed class OwnerTable(LayerLimits limits)
{
    private const int RecordOverhead = 100;

    private readonly Dictionary<byte[], OwnerRecord> _records = new(PathComparer.Instance);
    private readonly Dictionary<byte[], List<byte[]>> _devices = new(PathComparer.Instance);
    private long _memory;

    internal int Count => _records.Count;

    internal void Set(byte[] path, OwnerRecord record)
    {
        Remove(path);
        _memory += RecordOverhead + path.Length;
        if (_memory > limits.MaxOwnersMemory)
        {
            throw new LayerException($"cannot keep the owner of '{Quoted.Name(path)}': the image has too many files that are not root's; exceeds limit of {limits.MaxOwnersMemory} bytes of memory");
        }

        _records[path] = record;
        if (record.IsDevice)
        {
            var parent = Parent(path);
            if (!_devices.TryGetValue(parent, out var names))
            {
                _devices[parent] = names = [];
            }

            names.Add(path);
        }
    }

    internal bool TryGet(byte[] path, out OwnerRecord record) => _records.TryGetValue(path, out record);

    internal void Remove(byte[] path)
    {
        if (!_records.Remove(path, out var record))
        {
            return;
        }

        _memory -= RecordOverhead + path.Length;
        if (record.IsDevice && _devices.TryGetValue(Parent(path), out var names))
        {
            names.RemoveAll(name => name.AsSpan().SequenceEqual(path));
        }
    }

    /// <summary>Removes the devices in a directory, which no listing of the disk shows; but for those that <paramref name="spare"/> names.</summary>
    internal void RemoveDevicesIn(byte[] directory, Predicate<byte[]>? spare = null)
    {
        if (_devices.TryGetValue(directory, out var names))
        {
            foreach (var name in names.ToArray())
            {
                if (spare is null || !spare(name))
                {
                    Remove(name);
                }
            }
        }
    }

    /// <summary>Writes the file of records.</summary>
    internal void WriteTo(Stream stream)
    {
        var paths = new byte[_records.Count][];
        _records.Keys.CopyTo(paths, 0);
        Array.Sort(paths, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        foreach (var path in paths)
        {
            var record = _records[path];
            var device = record.IsDevice ? string.Create(CultureInfo.InvariantCulture, $"{record.Major}:{record.Minor}") : "-";
            stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Convert.ToString(record.Mode, 8)} {record.Uid} {record.Gid} {device} ")));
            stream.Write(path.Length == 0 ? "."u8 : path);
            stream.WriteByte(0);
        }
    }

    private static byte[] Parent(byte[] path)
    {
        var cut = path.AsSpan().LastIndexOf((byte)'/');
        return cut < 0 ? [] : path[..cut];
    }

    private sealed class PathComparer : IEqualityComparer<byte[]>
    {
        internal static readonly PathComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] path)
        {
            var hash = default(HashCode);
            hash.AddBytes(path);
            return hash.ToHashCode();
        }
    }
}
