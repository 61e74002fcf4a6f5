using System.Buffers.Binary;

namespace Orca.Tests.Fixtures;

/// <summary>One segment of a 64-bit program, as its program header has it.</summary>
internal readonly record struct ElfSegment(uint Type, ulong Offset, ulong Address, ulong MemorySize, ulong Alignment)
{
    public bool IsLoaded => Type == 1; // PT_LOAD

    public bool NamesALoader => Type == 3; // PT_INTERP
}

/// <summary>The headers of a 64-bit little-endian program (elf(5)).</summary>
internal sealed class ElfFile
{
    private const int HeaderSize = 64, SegmentSize = 56;
    private static ReadOnlySpan<byte> Magic => [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];

    private ElfFile(ReadOnlySpan<byte> bytes)
    {
        Type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]);
        Machine = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        var table = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]);
        for (var i = 0; i < BinaryPrimitives.ReadUInt16LittleEndian(bytes[56..]); i++)
        {
            var header = bytes.Slice(table + (i * SegmentSize), SegmentSize);
            static ulong Word(ReadOnlySpan<byte> from, int at) => BinaryPrimitives.ReadUInt64LittleEndian(from[at..]);
            Segments.Add(new ElfSegment(BinaryPrimitives.ReadUInt32LittleEndian(header), Word(header, 8), Word(header, 16), Word(header, 40), Word(header, 48)));
        }
    }

    /// <summary>3 for a position-independent program.</summary>
    public ushort Type { get; }

    /// <summary>62 for x86-64, 183 for AArch64.</summary>
    public ushort Machine { get; }

    public List<ElfSegment> Segments { get; } = [];

    public static ElfFile Read(string path) => new(File.ReadAllBytes(path));

    /// <summary>The program in a file, and every program that is embedded in it, uncompressed.</summary>
    public static List<ElfFile> ReadWithEmbedded(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        var found = new List<ElfFile>();
        for (int at = 0, next; (next = bytes[at..].IndexOf(Magic)) >= 0; at += next + 1)
        {
            var rest = bytes[(at + next)..];
            var isProgram = rest.Length > HeaderSize && BinaryPrimitives.ReadUInt16LittleEndian(rest[16..]) is 2 or 3
                && BinaryPrimitives.ReadUInt16LittleEndian(rest[52..]) == HeaderSize && BinaryPrimitives.ReadUInt16LittleEndian(rest[54..]) == SegmentSize;
            if (isProgram)
            {
                found.Add(new ElfFile(rest));
            }
        }

        return found;
    }
}
