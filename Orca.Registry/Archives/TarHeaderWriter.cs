using System.Buffers;
using System.Globalization;
using System.Text;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Writes tar headers whose bytes depend on nothing but the item: ustar where that can hold it, a PAX header before it where not.</summary>
/// <remarks>Source: POSIX.1-2017, pax. Names are bytes; xattrs are <c>SCHILY.xattr.</c> records, as in OCI image-spec, layer.md.</remarks>
internal static class TarHeaderWriter
{
    internal const int Block = TarHeader.Size;

    private const int MaxName = 100;
    private const int MaxPrefix = 155;
    private const long MaxOctal7 = 0x1F_FFFF;       // seven digits
    private const long MaxOctal11 = 0x1_FFFF_FFFF;  // eleven digits

    internal static void Write(IBufferWriter<byte> target, TreeItem item)
    {
        byte[] name = item.Path.Length == 0 ? [.. "./"u8] : item.Kind == EntryKind.Directory ? [.. item.Path, (byte)'/'] : item.Sparse is not null ? NameOfSparse(item.Path) : item.Path;
        var cut = CutOf(name);
        var records = Records(item, name, cut >= 0);
        if (records.WrittenCount > 0)
        {
            Write(target, 'x', "PaxHeader"u8, [], new TreeItem { Mode = 0b110_100_100 /* 0644 */, Size = records.WrittenCount });
            target.Write(records.WrittenSpan);
            Pad(target, records.WrittenCount);
        }

        // Who does not know PAX sees a name that is at least not another's.
        ReadOnlySpan<byte> last = cut < 0 ? name.AsSpan(0, MaxName) : name.AsSpan(cut);
        Write(target, TypeOf(item.Kind), last, cut > 0 ? name.AsSpan(0, cut - 1) : [], item);
    }

    /// <summary>Zeros up to the next block.</summary>
    internal static void Pad(IBufferWriter<byte> target, long written)
    {
        var count = PaddingOf(written);
        target.GetSpan(Block)[..count].Clear();
        target.Advance(count);
    }

    internal static int PaddingOf(long size) => (int)(-size & (Block - 1));

    private static void Write(IBufferWriter<byte> target, char type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> prefix, TreeItem item)
    {
        var block = target.GetSpan(Block)[..Block];
        block.Clear();
        name.CopyTo(block);
        Octal(block.Slice(100, 8), item.Mode);
        Octal(block.Slice(108, 8), Math.Min(item.Uid, MaxOctal7));
        Octal(block.Slice(116, 8), Math.Min(item.Gid, MaxOctal7));
        Octal(block.Slice(124, 12), item.Kind == EntryKind.File ? Math.Min(item.StoredSize, MaxOctal11) : 0);
        Octal(block.Slice(136, 12), Math.Clamp(item.Modified.Seconds, 0, MaxOctal11));
        block[156] = (byte)type;
        item.Target.AsSpan(0, Math.Min(item.Target.Length, MaxName)).CopyTo(block[157..]);
        "ustar\000"u8.CopyTo(block[257..]);
        if (item.Kind is EntryKind.CharDevice or EntryKind.BlockDevice)
        {
            Octal(block.Slice(329, 8), item.Device.Major);
            Octal(block.Slice(337, 8), item.Device.Minor);
        }

        prefix.CopyTo(block[345..]);
        block.Slice(148, 8).Fill((byte)' '); // the checksum counts its own eight bytes as spaces
        var sum = 0L;
        foreach (var b in block)
        {
            sum += b;
        }

        Octal(block.Slice(148, 7), sum);
        target.Advance(Block);
    }

    /// <summary>Where a name is divided so that it fits: 0 for not at all, -1 where it cannot be.</summary>
    private static int CutOf(ReadOnlySpan<byte> name)
    {
        if (name.Length <= MaxName)
        {
            return 0;
        }

        var least = name.Length - MaxName - 1;
        var slash = least < 0 ? -1 : name[least..^1].IndexOf((byte)'/');
        return slash >= 0 && least + slash is > 0 and <= MaxPrefix ? least + slash + 1 : -1;
    }

    private static ArrayBufferWriter<byte> Records(TreeItem item, ReadOnlySpan<byte> name, bool nameFits)
    {
        var records = new ArrayBufferWriter<byte>();
        if (item.Sparse is not null)
        {
            Record(records, "GNU.sparse.major"u8, "1"u8);
            Record(records, "GNU.sparse.minor"u8, "0"u8);
            Record(records, "GNU.sparse.name"u8, item.Path);
            Record(records, "GNU.sparse.realsize"u8, Encoding.ASCII.GetBytes(item.Size.ToString(CultureInfo.InvariantCulture)));
        }
        else if (!nameFits)
        {
            Record(records, "path"u8, name);
        }

        if (item.Target.Length > MaxName)
        {
            Record(records, "linkpath"u8, item.Target);
        }

        Number(records, "size"u8, item.Kind == EntryKind.File ? item.StoredSize : 0, MaxOctal11);
        Number(records, "uid"u8, item.Uid, MaxOctal7);
        Number(records, "gid"u8, item.Gid, MaxOctal7);
        var (seconds, nanoseconds) = item.Modified;
        if (nanoseconds != 0 || seconds is < 0 or > MaxOctal11)
        {
            Record(records, "mtime"u8, Time(seconds, nanoseconds));
        }

        foreach (var (key, value) in item.Xattrs)
        {
            Record(records, [.. "SCHILY.xattr."u8, .. key], value);
        }

        return records;
    }

    /// <summary>What is seen by readers that do not know sparse files: a directory that tells them, as GNU tar writes it, but for its process id.</summary>
    private static byte[] NameOfSparse(byte[] path)
    {
        var slash = path.AsSpan().LastIndexOf((byte)'/') + 1;
        return [.. path.AsSpan(0, slash), .. "GNUSparseFile.0/"u8, .. path.AsSpan(slash)];
    }

    private static void Number(ArrayBufferWriter<byte> records, ReadOnlySpan<byte> key, long value, long largest)
    {
        if (value > largest)
        {
            Record(records, key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>A decimal fraction; before 1970 the kernel's seconds lie below it and the nanoseconds count upwards.</summary>
    private static byte[] Time(long seconds, uint nanoseconds)
    {
        var (sign, whole, fraction) = seconds < 0 && nanoseconds > 0 ? ("-", -(seconds + 1), 1_000_000_000 - nanoseconds) : (seconds < 0 ? "-" : "", Math.Abs(seconds), nanoseconds);
        var digits = fraction == 0 ? string.Empty : "." + fraction.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{sign}{whole}{digits}"));
    }

    /// <summary><c>LENGTH KEY=VALUE\n</c>, where the length counts its own digits.</summary>
    private static void Record(ArrayBufferWriter<byte> records, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var rest = key.Length + value.Length + 3;
        var length = rest + 1;
        while (rest + length.ToString(CultureInfo.InvariantCulture).Length != length)
        {
            length = rest + length.ToString(CultureInfo.InvariantCulture).Length;
        }

        records.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} ")));
        records.Write(key);
        records.Write("="u8);
        records.Write(value);
        records.Write("\n"u8);
    }

    private static char TypeOf(EntryKind kind) => kind switch
    {
        EntryKind.File => '0',
        EntryKind.HardLink => '1',
        EntryKind.SymbolicLink => '2',
        EntryKind.CharDevice => '3',
        EntryKind.BlockDevice => '4',
        EntryKind.Directory => '5',
        _ => '6',
    };

    /// <summary>Octal digits that fill the field but for its last byte, which stays NUL.</summary>
    private static void Octal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }

        field[^1] = 0;
    }
}
