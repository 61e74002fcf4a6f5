namespace Orca.Core.Programs;

/// <summary>Reads from a 32-bit ARM program which version of the architecture it needs: Tag_CPU_arch of its build attributes.</summary>
/// <remarks>Source: Addenda to, and errata in, the ABI for the Arm Architecture, "Build attributes". The bytes are untrusted: what does not fit ends the reading.</remarks>
internal static class ArmAttributes
{
    private const uint SectionType = 0x70000003; // SHT_ARM_ATTRIBUTES
    private const int HeaderSize = 40, MaxSections = 4096;

    /// <summary>Go's word for the version (<c>v5</c>, <c>v6</c>, <c>v7</c>, <c>v8</c>); null when the program does not say.</summary>
    /// <param name="header">The program's header.</param>
    /// <param name="file">The file as far as it was read.</param>
    internal static string? Variant(ElfHeader header, ReadOnlySpan<byte> file)
    {
        var (start, end, size) = header.Sections;
        if (header.Is64 || size < HeaderSize || end <= start || end > (ulong)file.Length)
        {
            return null;
        }

        var reader = new ElfReader(header.IsBigEndian, Is64: false);
        var count = Math.Min((int)((end - start) / (ulong)size), MaxSections);
        for (var i = 0; i < count; i++)
        {
            var section = file.Slice((int)start + (i * size), size);
            var (offset, length) = (reader.Address(section, 16), reader.Address(section, 20));
            if (reader.Word(section, 4) == SectionType && offset <= (ulong)file.Length && length <= (ulong)file.Length - offset)
            {
                return Architecture(file.Slice((int)offset, (int)length), reader) switch
                {
                    null => null,
                    <= 5 => "v5",
                    6 or 7 or 9 or 11 or 12 => "v6",
                    8 or 10 or 13 => "v7",
                    _ => "v8",
                };
            }
        }

        return null;
    }

    /// <summary>The value of Tag_CPU_arch in the attributes of the whole file, of vendor "aeabi".</summary>
    private static ulong? Architecture(ReadOnlySpan<byte> section, ElfReader reader)
    {
        const byte format = (byte)'A', wholeFile = 1;
        const ulong tagArchitecture = 6, tagCompatibility = 32;
        ReadOnlySpan<byte> vendor = "aeabi\0"u8;
        if (section.Length < 4 + 1 + vendor.Length + 5 || section[0] != format || !section[5..].StartsWith(vendor) || section[5 + vendor.Length] != wholeFile)
        {
            return null;
        }

        var rest = section[(5 + vendor.Length)..];
        var length = reader.Word(rest, 1);
        rest = length >= 5 && length <= (uint)rest.Length ? rest[5..(int)length] : [];
        while (Number(ref rest) is { } tag)
        {
            ulong? value = 0;
            if (tag is tagCompatibility || (tag is not (4 or 5) && (tag < 32 || tag % 2 == 0))) // 4 and 5 are names of processors
            {
                value = Number(ref rest);
            }

            if (tag == tagArchitecture || value is null)
            {
                return value;
            }

            if (tag is 4 or 5 or tagCompatibility || (tag > 32 && tag % 2 == 1))
            {
                var end = rest.IndexOf((byte)0);
                rest = end < 0 ? [] : rest[(end + 1)..];
            }
        }

        return null;
    }

    /// <summary>A ULEB128 number; null at the end of the bytes, or when it is larger than any that has a meaning.</summary>
    private static ulong? Number(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var i = 0; i < bytes.Length && i < 5; i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if ((bytes[i] & 0x80) == 0)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        return null;
    }
}
