using System.Buffers;
using System.Text;

namespace Orca.Cli.Hello;

/// <summary>Makes a small tar archive whose bytes depend on nothing but its entries: owner 0, time 0.</summary>
/// <remarks>Source: POSIX.1-2017, pax, "ustar Interchange Format".</remarks>
internal sealed class TarBuilder
{
    private const int Block = 512;
    private readonly ArrayBufferWriter<byte> _archive = new();

    /// <summary>Adds a directory.</summary>
    public TarBuilder Directory(string name) => Add(name + "/", 0b111_101_101 /* 0755 */, (byte)'5', []);

    /// <summary>Adds a file.</summary>
    public TarBuilder File(string name, uint mode, ReadOnlySpan<byte> content) => Add(name, mode, (byte)'0', content);

    /// <summary>Ends the archive.</summary>
    public byte[] Build()
    {
        _archive.Write(new byte[2 * Block]);
        return _archive.WrittenSpan.ToArray();
    }

    private TarBuilder Add(string name, uint mode, byte type, ReadOnlySpan<byte> content)
    {
        var header = new byte[Block];
        Encoding.ASCII.GetBytes(name, header.AsSpan(0, 100));
        Octal(header.AsSpan(100, 8), mode);
        Octal(header.AsSpan(108, 8), 0);
        Octal(header.AsSpan(116, 8), 0);
        Octal(header.AsSpan(124, 12), content.Length);
        Octal(header.AsSpan(136, 12), 0);
        header[156] = type;
        "ustar\000"u8.CopyTo(header.AsSpan(257));

        // The checksum counts its own eight bytes as spaces.
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0L;
        foreach (var b in header)
        {
            sum += b;
        }

        Octal(header.AsSpan(148, 7), sum);
        _archive.Write(header);
        _archive.Write(content);
        _archive.Write(new byte[(Block - (content.Length % Block)) % Block]);
        return this;
    }

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
