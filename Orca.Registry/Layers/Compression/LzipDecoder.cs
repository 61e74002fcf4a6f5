using System.Buffers.Binary;
using System.IO.Hashing;
using Orca.Core.Errors;
using SharpCompress.Compressors.LZMA;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decompresses lzip: members one after another, each with checksum and both sizes verified; then zeros or nothing.</summary>
/// <remarks>
/// Source: the lzip manual, "File format". SharpCompress decodes LZMA; its own lzip reader takes one member and verifies sizes only where it can seek, so header and
/// trailer are read here.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
internal sealed class LzipDecoder(InputWindow input, string name) : ForwardStream
{
    private const string Format = "lzip";
    private const int HeaderSize = 6, TrailerSize = 20;
    private const byte Properties = 93; // lc 3, lp 0, pb 2: the only ones

    private readonly LibraryInput _input = new(input);
    private readonly Crc32 _crc = new();
    private LzmaStream? _stream;
    private long _start;
    private ulong _written;
    private uint _largestWindow;
    private bool _isAtEnd;

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && !_isAtEnd)
        {
            if (_stream is null)
            {
                Begin();
            }

            if (Decode(buffer) is > 0 and var count)
            {
                return count;
            }

            End();
            _isAtEnd = TrailingBytes.TrySkipToEnd(input, name, Format);
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream?.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Decode(Span<byte> buffer)
    {
        try
        {
            var count = _stream!.Read(buffer);
            _crc.Append(buffer[..count]);
            _written += (ulong)count;
            return count;
        }
        catch (Exception e) when (e is not (OrcaException or OutOfMemoryException))
        {
            throw _input.Explain(e, name, Format);
        }
    }

    private void Begin()
    {
        var header = input.Peek(HeaderSize);
        if (!header.StartsWith("LZIP"u8[..Math.Min(4, header.Length)]))
        {
            throw TrailingBytes.Fault(name, Format);
        }

        if (header.Length < HeaderSize)
        {
            throw Fault("truncated lzip stream");
        }

        var (version, exponent, sixteenths) = (header[4], header[5] & 0x1f, header[5] >> 5);
        if (version != 1)
        {
            throw Fault($"version {version} of lzip is not supported");
        }

        if (exponent is < 12 or > 29)
        {
            throw Fault("malformed lzip stream");
        }

        var window = (1u << exponent) - ((uint)sixteenths * (1u << (exponent - 4)));
        LzmaWindow.Require(window, name, Format);
        if (window > _largestWindow)
        {
            LzmaWindow.MakeRoom(_largestWindow = window);
        }

        _start = input.Taken;
        input.Advance(HeaderSize);
        _crc.Reset();
        _written = 0;
        var properties = new byte[5];
        properties[0] = Properties;
        BinaryPrimitives.WriteUInt32LittleEndian(properties.AsSpan(1), window);
        try
        {
            _stream = LzmaStream.Create(properties, _input, leaveOpen: true);
        }
        catch (Exception e) when (e is not (OrcaException or OutOfMemoryException))
        {
            throw _input.Explain(e, name, Format);
        }
    }

    private void End()
    {
        _stream!.Dispose();
        _stream = null;
        var trailer = input.Peek(TrailerSize);
        if (trailer.Length < TrailerSize)
        {
            throw Fault("truncated lzip stream");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _crc.GetCurrentHashAsUInt32())
        {
            throw Fault("wrong lzip checksum");
        }

        var size = (ulong)(input.Taken - _start) + TrailerSize;
        if (BinaryPrimitives.ReadUInt64LittleEndian(trailer[4..]) != _written || BinaryPrimitives.ReadUInt64LittleEndian(trailer[12..]) != size)
        {
            throw Fault("the sizes in the lzip trailer are wrong");
        }

        input.Advance(TrailerSize);
    }

    private ContentException Fault(string cause) => new($"cannot decompress {name}: {cause}");
}
