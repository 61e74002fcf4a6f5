namespace Orca.Registry.Layers;

/// <summary>Reads where the data of a sparse file lies: GNU's own headers, and PAX 0.0, 0.1 and 1.0.</summary>
internal static class SparseReader
{
    private const int EntrySize = 24; // offset and length, twelve bytes each

    /// <summary>Fills the entry's logical size and regions. The words of the refusal, or null.</summary>
    /// <param name="header">The entry's header; gone from the buffer once this reads on.</param>
    /// <param name="pax">The sparse records of its PAX header.</param>
    /// <param name="entry">The entry to fill.</param>
    /// <param name="buffer">The archive, behind the header.</param>
    /// <param name="limits">How many regions may be.</param>
    /// <param name="dataLeft">Bytes of data in the archive; less the map when that stands in front of the data.</param>
    internal static string? Read(TarHeader header, PaxSparse pax, LayerEntry entry, TarBuffer buffer, LayerLimits limits, ref long dataLeft)
    {
        if (pax.IsUnknownVersion)
        {
            return "unknown version of a sparse file";
        }

        Int128 realSize = -1;
        var size = header.Type == 'S' ? TarNumber.TryRead(header.RealSizeField, out realSize) ? realSize : -1 : pax.RealSize ?? -1;
        if (size < 0 || size > long.MaxValue)
        {
            return SparseMap.Fault;
        }

        entry.Size = (long)size;
        var fault = header.Type == 'S' ? ReadGnu(header, entry, buffer, limits)
            : pax.MapIsInData ? ReadFromData(entry, buffer, limits, ref dataLeft)
            : pax.IsComplete ? AddAll(pax.Numbers, entry, limits) : SparseMap.Fault;
        return fault ?? (SparseMap.StoredBytes(entry) == dataLeft ? null : "the sparse map does not fit the data");
    }

    private static string? AddAll(List<long> numbers, LayerEntry entry, LayerLimits limits)
    {
        for (var i = 0; i + 1 < numbers.Count; i += 2)
        {
            if (!SparseMap.TryAdd(entry, numbers[i], numbers[i + 1], limits.MaxSparseRegions))
            {
                return SparseMap.Fault;
            }
        }

        return null;
    }

    private static string? ReadGnu(TarHeader header, LayerEntry entry, TarBuffer buffer, LayerLimits limits)
    {
        var continues = header.SparseContinues;
        var isFine = AddFields(header.SparseFields, entry, limits);
        while (isFine && continues)
        {
            var block = buffer.ReadBlock();
            if (block.IsEmpty)
            {
                return "unexpected end inside a sparse map";
            }

            continues = block[504] != 0;
            isFine = AddFields(block[..504], entry, limits);
        }

        return isFine ? null : SparseMap.Fault;
    }

    private static bool AddFields(ReadOnlySpan<byte> fields, LayerEntry entry, LayerLimits limits)
    {
        for (; !fields.IsEmpty && fields[0] != 0; fields = fields[EntrySize..])
        {
            if (!TarNumber.TryRead(fields[..12], out var offset) || !TarNumber.TryRead(fields.Slice(12, 12), out var length)
                || !SparseMap.TryAdd(entry, offset, length, limits.MaxSparseRegions))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Version 1.0: decimal numbers, one a line, the count first, in whole blocks in front of the data.</summary>
    private static string? ReadFromData(LayerEntry entry, TarBuffer buffer, LayerLimits limits, ref long dataLeft)
    {
        long count = -1, given = 0, offset = -1, number = 0;
        var digits = 0;
        while (count < 0 || given < count)
        {
            if (dataLeft < TarHeader.Size)
            {
                return SparseMap.Fault;
            }

            dataLeft -= TarHeader.Size;
            var block = buffer.ReadBlock();
            if (block.IsEmpty)
            {
                return "unexpected end inside a sparse map";
            }

            foreach (var b in block)
            {
                if (b != '\n')
                {
                    if (b is < (byte)'0' or > (byte)'9' || ++digits > 18)
                    {
                        return SparseMap.Fault;
                    }

                    number = (number * 10) + (b - '0');
                    continue;
                }

                if (digits == 0)
                {
                    return SparseMap.Fault;
                }

                if (count < 0)
                {
                    count = number;
                }
                else if (offset < 0)
                {
                    offset = number;
                }
                else if (SparseMap.TryAdd(entry, offset, number, limits.MaxSparseRegions))
                {
                    offset = -1;
                    given++;
                }
                else
                {
                    return SparseMap.Fault;
                }

                number = digits = 0;
                if (given == count)
                {
                    break; // the rest of the block is padding
                }
            }
        }

        return null;
    }
}
