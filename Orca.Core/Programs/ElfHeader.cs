using System.Buffers.Binary;
using System.Text;

namespace Orca.Core.Programs;

/// <summary>What the headers of an ELF file say about the machine and the kernel that it was built for (elf(5)). The bytes are untrusted.</summary>
internal sealed record ElfHeader
{
    /// <summary>Values of <see cref="Machine"/>.</summary>
    internal const ushort I386 = 3, Mips = 8, Ppc64 = 21, S390 = 22, Arm = 40, Amd64 = 62, Arm64 = 183, RiscV = 243, LoongArch = 258;

    private const int Size32 = 52, Size64 = 64, MaxSegments = 512, MaxLoader = 4096;
    private static ReadOnlySpan<byte> Magic => [0x7f, (byte)'E', (byte)'L', (byte)'F'];

    /// <summary>True for ELFCLASS64.</summary>
    internal bool Is64 { get; private init; }

    /// <summary>True for ELFDATA2MSB.</summary>
    internal bool IsBigEndian { get; private init; }

    /// <summary>e_machine.</summary>
    internal ushort Machine { get; private init; }

    /// <summary>e_flags.</summary>
    internal uint Flags { get; private init; }

    /// <summary>Where the table of sections begins and ends; 0 and 0 when there is none.</summary>
    internal (ulong Start, ulong End, int EntrySize) Sections { get; private init; }

    /// <summary>The path of PT_INTERP; null for a static program, or when it lies beyond the bytes that were read.</summary>
    internal string? Loader { get; private init; }

    /// <summary>The segments that are loaded.</summary>
    internal IReadOnlyList<ElfLoad> Loads { get; private init; } = [];

    /// <summary>The smallest alignment that a loaded segment asks for; 0 when none asks for any.</summary>
    internal ulong Alignment => Loads.Where(static load => load.Alignment > 1).Select(static load => load.Alignment).DefaultIfEmpty().Min();

    /// <summary>True when the bytes begin as an ELF file does.</summary>
    internal static bool IsElf(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <summary>Reads the headers; null when the file ends within its first header, or that contradicts itself.</summary>
    /// <param name="start">The first bytes of the file.</param>
    internal static ElfHeader? Read(ReadOnlySpan<byte> start)
    {
        if (!IsElf(start) || start.Length < Size32 || start[4] is not (1 or 2) || start[5] is not (1 or 2) || (start[4] == 2 && start.Length < Size64))
        {
            return null;
        }

        var reader = new ElfReader(start[5] == 2, start[4] == 2);
        var wide = reader.Is64;
        var loads = new List<ElfLoad>();
        string? loader = null;
        var (table, size, count) = (reader.Address(start, wide ? 32 : 28), reader.Half(start, wide ? 54 : 42), reader.Half(start, wide ? 56 : 44));
        for (var i = 0; i < count && i < MaxSegments; i++)
        {
            if (size < (wide ? 56 : 32) || Slice(start, table + ((ulong)i * size), size) is not { IsEmpty: false } segment)
            {
                break;
            }

            var (offset, address) = (reader.Address(segment, wide ? 8 : 4), reader.Address(segment, wide ? 16 : 8));
            var (inFile, inMemory) = (reader.Address(segment, wide ? 32 : 16), reader.Address(segment, wide ? 40 : 20));
            switch (reader.Word(segment, 0))
            {
                case 1: // PT_LOAD
                    loads.Add(new ElfLoad(offset, address, inFile, inMemory, reader.Address(segment, wide ? 48 : 28), reader.Word(segment, wide ? 4 : 24)));
                    break;
                case 3: // PT_INTERP
                    var text = Slice(start, offset, Math.Min(inFile, MaxLoader));
                    var end = text.IndexOf((byte)0);
                    loader = end > 0 ? Encoding.UTF8.GetString(text[..end]) : loader;
                    break;
            }
        }

        var (sections, entry, entries) = (reader.Address(start, wide ? 40 : 32), reader.Half(start, wide ? 58 : 46), reader.Half(start, wide ? 60 : 48));
        return new ElfHeader
        {
            Is64 = wide,
            IsBigEndian = reader.IsBigEndian,
            Machine = reader.Half(start, 18),
            Flags = reader.Word(start, wide ? 48 : 36),
            Sections = (sections, unchecked(sections + ((ulong)entry * entries)), entry),
            Loader = loader,
            Loads = loads,
        };
    }

    /// <summary>False when a kernel with pages of that size cannot map the segments: two share a page, or one lies elsewhere in its page of memory than in its page of the file.</summary>
    internal bool FitsPages(int pageSize)
    {
        var page = (ulong)pageSize;
        var before = (Last: ulong.MaxValue, Rights: 0u);
        foreach (var load in Loads.OrderBy(static load => load.Address))
        {
            if (load.Size == 0)
            {
                continue;
            }

            if (load.InFile > 0 && load.Address % page != load.Offset % page)
            {
                return false;
            }

            if (before.Last != ulong.MaxValue && before.Last / page == load.Address / page && before.Rights != load.Rights)
            {
                return false;
            }

            before = (unchecked(load.Address + load.Size - 1), load.Rights);
        }

        return true;
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> bytes, ulong offset, ulong length) =>
        offset <= (ulong)bytes.Length && length <= (ulong)bytes.Length - offset ? bytes.Slice((int)offset, (int)length) : [];
}

/// <summary>A segment that is loaded.</summary>
/// <param name="Offset">p_offset.</param>
/// <param name="Address">p_vaddr.</param>
/// <param name="InFile">p_filesz.</param>
/// <param name="Size">p_memsz.</param>
/// <param name="Alignment">p_align.</param>
/// <param name="Rights">p_flags.</param>
internal readonly record struct ElfLoad(ulong Offset, ulong Address, ulong InFile, ulong Size, ulong Alignment, uint Rights);

/// <summary>Numbers of an ELF file in its byte order and its width.</summary>
internal readonly record struct ElfReader(bool IsBigEndian, bool Is64)
{
    /// <summary>Two bytes.</summary>
    internal ushort Half(ReadOnlySpan<byte> bytes, int at) =>
        IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    /// <summary>Four bytes.</summary>
    internal uint Word(ReadOnlySpan<byte> bytes, int at) =>
        IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    /// <summary>Four or eight bytes.</summary>
    internal ulong Address(ReadOnlySpan<byte> bytes, int at) => !Is64 ? Word(bytes, at)
        : IsBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
