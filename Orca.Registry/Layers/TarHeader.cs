using System.Text;

namespace Orca.Registry.Layers;

/// <summary>The fields of one 512-byte tar header, read in place.</summary>
/// <remarks>
/// Sources: POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format". Three dialects share the first 257 bytes;
/// the magic decides about the rest: <c>ustar\0</c> has a prefix, <c>ustar  \0</c> (GNU) has times and a sparse map there, v7 nothing.
/// </remarks>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    internal const int Size = 512;

    private readonly ReadOnlySpan<byte> _block = block;

    internal byte Type => _block[156];

    internal ReadOnlySpan<byte> Name => Text(0, 100);

    internal ReadOnlySpan<byte> LinkName => Text(157, 100);

    internal ReadOnlySpan<byte> ModeField => _block.Slice(100, 8);

    internal ReadOnlySpan<byte> UidField => _block.Slice(108, 8);

    internal ReadOnlySpan<byte> GidField => _block.Slice(116, 8);

    internal ReadOnlySpan<byte> SizeField => _block.Slice(124, 12);

    internal ReadOnlySpan<byte> TimeField => _block.Slice(136, 12);

    internal ReadOnlySpan<byte> MajorField => _block.Slice(329, 8);

    internal ReadOnlySpan<byte> MinorField => _block.Slice(337, 8);

    /// <summary>GNU: the logical size of a sparse file.</summary>
    internal ReadOnlySpan<byte> RealSizeField => _block.Slice(483, 12);

    /// <summary>GNU: the first four regions of a sparse file.</summary>
    internal ReadOnlySpan<byte> SparseFields => _block.Slice(386, 96);

    /// <summary>GNU: more regions follow in extension blocks.</summary>
    internal bool SparseContinues => _block[482] != 0;

    /// <summary>True for the dialects that have device numbers.</summary>
    internal bool HasDevices => _block.Slice(257, 6).SequenceEqual("ustar\0"u8) || IsGnu;

    internal bool IsGnu => _block.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    /// <summary>True for a block of zeros, which ends an archive.</summary>
    internal bool IsZero => _block.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>What stands before the name, to be joined with a slash; empty when the dialect has none.</summary>
    internal ReadOnlySpan<byte> Prefix
    {
        get
        {
            if (_block.Slice(257, 6).SequenceEqual("ustar\0"u8))
            {
                // star keeps times in the last 24 bytes of the prefix and marks that with its own magic at the end of the block.
                return Text(345, _block.Slice(508, 4).SequenceEqual("tar\0"u8) ? 131 : 155);
            }

            // Go before 1.8 (so Docker images of that time) wrote a prefix into GNU headers, where access and change time belong. Its reader takes for one what
            // is not two times, and is ASCII; everything else there is no part of the name.
            return IsGnu && !(IsTime(_block.Slice(345, 12)) && IsTime(_block.Slice(357, 12))) && Text(345, 155) is var prefix && Ascii.IsValid(prefix) ? prefix : [];
        }
    }

    /// <summary>The sum of all bytes, the checksum field taken as spaces; old writers summed signed bytes.</summary>
    internal bool HasValidChecksum()
    {
        if (!TarNumber.TryRead(_block.Slice(148, 8), out var stored))
        {
            return false;
        }

        int unsigned = 8 * ' ', signed = 8 * ' ';
        for (var i = 0; i < Size; i++)
        {
            if (i == 148)
            {
                i += 7;
                continue;
            }

            unsigned += _block[i];
            signed += (sbyte)_block[i];
        }

        return stored == unsigned || stored == signed;
    }

    private static bool IsTime(ReadOnlySpan<byte> field) =>
        field[0] == 0 || (TarNumber.TryRead(field, out var time) && time >= long.MinValue && time <= long.MaxValue);

    private ReadOnlySpan<byte> Text(int offset, int length)
    {
        var field = _block.Slice(offset, length);
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
