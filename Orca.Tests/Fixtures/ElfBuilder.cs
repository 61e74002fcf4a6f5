using System.Buffers.Binary;
using System.Text;

namespace Orca.Tests.Fixtures;

/// <summary>Builds the headers of programs, of any width and byte order, and of no use but to be looked at.</summary>
internal sealed record ElfBuilder(ushort Machine, bool Is64 = true, bool IsBigEndian = false)
{
    private const int Contents = 0x400;

    public uint Flags { get; init; }

    public string? Loader { get; init; }

    /// <summary>Offset, address, size, alignment and rights of the segments that are loaded.</summary>
    public (ulong Offset, ulong Address, ulong Size, ulong Alignment, uint Rights)[] Loads { get; init; } = [(0, 0x400000, 0x100, 0x10000, 5)];

    /// <summary>Value of Tag_CPU_arch; null for no attributes.</summary>
    public byte? ArmArchitecture { get; init; }

    /// <summary>Where the table of sections is; beyond what is read at first, as in a real program.</summary>
    public int SectionsAt { get; init; } = 0x20000;

    public byte[] Build()
    {
        var file = new byte[ArmArchitecture is null ? Contents + 0x200 : SectionsAt + 80];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', (byte)(Is64 ? 2 : 1), (byte)(IsBigEndian ? 2 : 1), 1]).CopyTo(file);
        var (header, entry, w) = Is64 ? (64, 56, 8) : (52, 32, 4);
        Put(file, 16, 2, 2);
        Put(file, 18, 2, Machine);
        Put(file, 20, 4, 1);
        Put(file, 24 + w, w, (ulong)header);
        Put(file, 24 + (3 * w), 4, Flags);
        Put(file, 28 + (3 * w), 2, (ulong)header);
        Put(file, 30 + (3 * w), 2, (ulong)entry);
        var at = header;
        foreach (var load in Loads)
        {
            Segment(file, at, 1, load);
            at += entry;
        }

        if (Loader is not null)
        {
            var name = Encoding.UTF8.GetBytes(Loader + "\0");
            name.CopyTo(file, Contents);
            Segment(file, at, 3, (Contents, Contents, (ulong)name.Length, 1, 4));
            at += entry;
        }

        Put(file, 32 + (3 * w), 2, (ulong)((at - header) / entry));
        if (ArmArchitecture is { } architecture)
        {
            // A name of a processor before the architecture, and something behind it.
            byte[] attributes = [5, (byte)'7', (byte)'-', (byte)'A', 0, 6, architecture, 7, (byte)'A', 34, 1];
            Put(file, Contents, 1, 'A');
            Put(file, Contents + 1, 4, (ulong)(4 + 6 + 5 + attributes.Length));
            "aeabi\0"u8.CopyTo(file.AsSpan(Contents + 5));
            Put(file, Contents + 11, 1, 1);
            Put(file, Contents + 12, 4, (ulong)(5 + attributes.Length));
            attributes.CopyTo(file, Contents + 16);
            Put(file, 32, 4, (ulong)SectionsAt);
            Put(file, 46, 2, 40);
            Put(file, 48, 2, 2);
            Put(file, SectionsAt + 40 + 4, 4, 0x70000003);
            Put(file, SectionsAt + 40 + 16, 4, Contents);
            Put(file, SectionsAt + 40 + 20, 4, (ulong)(16 + attributes.Length));
        }

        return file;
    }

    private void Segment(byte[] file, int at, ulong type, (ulong Offset, ulong Address, ulong Size, ulong Alignment, uint Rights) load)
    {
        Put(file, at, 4, type);
        ulong[] numbers = [load.Offset, load.Address, load.Address, load.Size, load.Size];
        var w = Is64 ? 8 : 4;
        for (var i = 0; i < numbers.Length; i++)
        {
            Put(file, at + (Is64 ? 8 : 4) + (i * w), w, numbers[i]);
        }

        Put(file, at + (Is64 ? 4 : 24), 4, load.Rights);
        Put(file, at + (Is64 ? 48 : 28), w, load.Alignment);
    }

    private void Put(byte[] file, int at, int width, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes = bytes[..width];
        if (IsBigEndian)
        {
            bytes.Reverse();
        }

        bytes.CopyTo(file.AsSpan(at));
    }
}
