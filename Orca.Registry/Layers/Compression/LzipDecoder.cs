using System.Buffers.Binary;
using System.IO.Hashing;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decompresses lzip: members one after another, each with checksum and both sizes verified; then zeros or nothing.</summary>
/// <remarks>
/// Source: the lzip manual, "File format". SharpCompress decodes LZMA; its own lzip reader takes one member and verifies sizes only where it can seek, so header and
/// trailer are read here.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
internal sealed class LzipDecoder(InputWindow input, string name) : LzmaFormatDecoder(input, name, "lzip")
{
    private const int HeaderSize = 6, TrailerSize = 20;
    private const byte Properties = 93; // lc 3, lp 0, pb 2: the only ones

    private readonly Crc32 _crc = new();
    private bool _isAtEnd;

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && !_isAtEnd)
        {
            if (!IsOpen)
            {
                BeginMember();
            }

            if (Decode(buffer) is > 0 and var count)
            {
                _crc.Append(buffer[..count]);
                return count;
            }

            EndMember();
            _isAtEnd = TrySkipToEnd();
        }

        return 0;
    }

    private void BeginMember()
    {
        var header = Input.Peek(HeaderSize);
        if (!header.StartsWith("LZIP"u8[..Math.Min(4, header.Length)]))
        {
            throw Trailing();
        }

        header = Require(HeaderSize);
        var (version, exponent, sixteenths) = (header[4], header[5] & 0x1f, header[5] >> 5);
        if (version != 1)
        {
            throw Fault($"version {version} of lzip is not supported");
        }

        if (exponent is < 12 or > 29)
        {
            throw Malformed();
        }

        var window = (1u << exponent) - ((uint)sixteenths * (1u << (exponent - 4)));
        RequireWindow(window);
        _crc.Reset();
        var properties = new byte[5];
        properties[0] = Properties;
        BinaryPrimitives.WriteUInt32LittleEndian(properties.AsSpan(1), window);
        Input.Advance(HeaderSize);
        Begin(properties, isSecond: false);
    }

    private void EndMember()
    {
        End();
        var trailer = Require(TrailerSize);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _crc.GetCurrentHashAsUInt32())
        {
            throw Fault("wrong lzip checksum");
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(trailer[4..]) != Written || BinaryPrimitives.ReadUInt64LittleEndian(trailer[12..]) != HeaderSize + Taken + TrailerSize)
        {
            throw Fault("the sizes in the lzip trailer are wrong");
        }

        Input.Advance(TrailerSize);
    }
}
