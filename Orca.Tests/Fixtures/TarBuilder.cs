using System.Buffers;
using System.Globalization;
using System.Text;

namespace Orca.Tests.Fixtures;

/// <summary>Writes tar archives block by block; every field can be wrong on purpose. Text is UTF-8, but \u0080-\u00ff of <see cref="Bytes"/> are bytes.</summary>
internal sealed class TarBuilder
{
    private readonly ArrayBufferWriter<byte> _archive = new();

    /// <summary>Where the next header will start.</summary>
    internal int Position => _archive.WrittenCount;

    internal static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    internal static byte[] Octal(long value, int width) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(width - 1, '0') + "\0");

    /// <summary>GNU's binary numbers: two's complement, big endian, the top bit set.</summary>
    internal static byte[] Base256(Int128 value, int width)
    {
        var field = new byte[width];
        for (var i = width - 1; i >= 0; i--, value >>= 8)
        {
            field[i] = (byte)(value & 0xff);
        }

        field[0] |= 0x80;
        return field;
    }

    /// <summary>One PAX record with its right length.</summary>
    internal static byte[] Record(string key, byte[] value)
    {
        var rest = Encoding.UTF8.GetByteCount(key) + value.Length + 3;
        var length = rest + 1;
        while (rest + length.ToString(CultureInfo.InvariantCulture).Length != length)
        {
            length = rest + length.ToString(CultureInfo.InvariantCulture).Length;
        }

        return [.. Encoding.UTF8.GetBytes($"{length} {key}="), .. value, (byte)'\n'];
    }

    internal TarBuilder File(string name, string content = "", uint mode = 0x1A4, HeaderFields? fields = null) =>
        Entry('0', name, Encoding.UTF8.GetBytes(content), (fields ?? new()) with { Mode = fields?.Mode ?? Octal(mode, 8) });

    internal TarBuilder Dir(string name, uint mode = 0x1ED, HeaderFields? fields = null) =>
        Entry('5', name, [], (fields ?? new()) with { Mode = fields?.Mode ?? Octal(mode, 8) });

    internal TarBuilder Link(string name, string target, HeaderFields? fields = null) =>
        Entry('2', name, [], (fields ?? new()) with { Target = Encoding.UTF8.GetBytes(target) });

    internal TarBuilder Hard(string name, string target, HeaderFields? fields = null) =>
        Entry('1', name, [], (fields ?? new()) with { Target = Encoding.UTF8.GetBytes(target) });

    internal TarBuilder Fifo(string name, uint mode = 0x1A4) => Entry('6', name, [], new HeaderFields { Mode = Octal(mode, 8) });

    internal TarBuilder Device(char type, string name, Int128 major, Int128 minor) =>
        Entry(type, name, [], new HeaderFields { Major = Base256(major, 8), Minor = Base256(minor, 8) });

    internal TarBuilder Pax(params (string Key, string Value)[] records) =>
        PaxRaw([.. records.SelectMany(r => Record(r.Key, Encoding.UTF8.GetBytes(r.Value)))]);

    internal TarBuilder Xattr(string name, byte[] value) => PaxRaw(Record("SCHILY.xattr." + name, value));

    internal TarBuilder PaxRaw(byte[] payload, char type = 'x') => Entry(type, "pax", payload, new());

    internal TarBuilder Gnu(char type, string text) => Entry(type, "././@LongLink", [.. Encoding.UTF8.GetBytes(text), 0], new());

    /// <summary>A header and its data, padded to whole blocks.</summary>
    internal TarBuilder Entry(char type, string name, byte[] data, HeaderFields fields)
    {
        _archive.Write(Header(type, Encoding.UTF8.GetBytes(name), data.Length, fields));
        return Data(data);
    }

    internal TarBuilder Data(byte[] data)
    {
        _archive.Write(data);
        return Raw(new byte[-data.Length & 511]);
    }

    internal TarBuilder Raw(byte[] bytes)
    {
        _archive.Write(bytes);
        return this;
    }

    /// <summary>The archive with its two blocks of zeros.</summary>
    internal byte[] Build() => [.. _archive.WrittenSpan, .. new byte[1024]];

    /// <summary>The archive as far as it was written.</summary>
    internal byte[] BuildOpen() => _archive.WrittenSpan.ToArray();

    internal static byte[] Header(char type, byte[] name, long size, HeaderFields fields)
    {
        var block = new byte[512];
        void Put(int offset, byte[] bytes, int width) => bytes.AsSpan(0, Math.Min(bytes.Length, width)).CopyTo(block.AsSpan(offset));
        Put(0, fields.Name ?? name, 100);
        Put(100, fields.Mode ?? Octal(0x1A4, 8), 8);
        Put(108, fields.Uid ?? Octal(0, 8), 8);
        Put(116, fields.Gid ?? Octal(0, 8), 8);
        Put(124, fields.Size ?? Octal(size, 12), 12);
        Put(136, fields.Time ?? Octal(1_000_000_000, 12), 12);
        block[156] = (byte)type;
        Put(157, fields.Target ?? [], 100);
        Put(257, fields.Magic ?? Bytes("ustar\0" + "00"), 8);
        Put(329, fields.Major ?? [], 8);
        Put(337, fields.Minor ?? [], 8);
        Put(345, fields.Prefix ?? [], 167);
        block.AsSpan(148, 8).Fill((byte)' ');
        fields.Patch?.Invoke(block);
        var sum = fields.SignedChecksum ? block.Sum(b => (sbyte)b) : block.Sum(b => b);
        Octal(sum, 7).CopyTo(block, 148);
        fields.Break?.Invoke(block);
        return block;
    }
}

/// <summary>Fields of a header that differ from what <see cref="TarBuilder"/> writes by itself; raw bytes, cut to their width.</summary>
internal sealed record HeaderFields
{
    internal static readonly byte[] GnuMagic = TarBuilder.Bytes("ustar  \0");

    internal byte[]? Name { get; init; }

    internal byte[]? Mode { get; init; }

    internal byte[]? Uid { get; init; }

    internal byte[]? Gid { get; init; }

    internal byte[]? Size { get; init; }

    internal byte[]? Time { get; init; }

    internal byte[]? Target { get; init; }

    internal byte[]? Magic { get; init; }

    internal byte[]? Major { get; init; }

    internal byte[]? Minor { get; init; }

    internal byte[]? Prefix { get; init; }

    internal bool SignedChecksum { get; init; }

    /// <summary>Changes the block before the checksum is made.</summary>
    internal Action<byte[]>? Patch { get; init; }

    /// <summary>Changes the block after the checksum is made.</summary>
    internal Action<byte[]>? Break { get; init; }
}
