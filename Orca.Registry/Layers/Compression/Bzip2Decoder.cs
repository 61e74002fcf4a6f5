using ICSharpCode.SharpZipLib.BZip2;
using Orca.Core.Errors;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decompresses bzip2 with SharpZipLib: streams one after another, as bzip2 and pbzip2 write them; then zeros or nothing.</summary>
/// <remarks>
/// The library checks the CRC of each block and of each stream, and takes one byte at a time, so nothing behind a stream is lost. It ends silently at a wrong header; so
/// headers are checked here, and streams without a block are skipped without it. It allocates up to 4.5 MB for each stream and has no way to use them again, which is
/// 14 seconds for a megabyte of the smallest streams; so many streams with next to nothing in them are refused.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
internal sealed class Bzip2Decoder(InputWindow input, string name) : FormatDecoder(input, name, "bzip2")
{
    private const int EmptyStream = 14; // header, end mark, checksum
    private const long TablesPerLevel = 500_000;

    /// <summary>Bytes that the library may allocate for each byte that goes in or comes out: 4 kB for a stream of level 9, whose writers put 900 kB into each.</summary>
    private const long TablesPerByte = 1024;

    /// <summary>What it may allocate before that is asked: some hundred streams, a tenth of a second.</summary>
    private const long FreeTables = 1L << 30;

    private readonly LibraryInput _input = new(input);
    private BZip2InputStream? _stream;
    private bool _isAtEnd;
    private long _tables;
    private long _streams;
    private long _written;

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && !_isAtEnd)
        {
            try
            {
                if (_stream is null)
                {
                    Begin();
                }
                else if (_stream.Read(buffer) is > 0 and var count)
                {
                    _written += count;
                    return count;
                }
                else
                {
                    _stream = null;
                    _isAtEnd = TrySkipToEnd();
                }
            }
            catch (Exception e) when (e is not (OrcaException or OutOfMemoryException))
            {
                var fault = Explain(_input, e);
                throw e.Message.Contains("crc", StringComparison.OrdinalIgnoreCase) ? Fault("wrong bzip2 checksum", exception: e) : fault;
            }
        }

        return 0;
    }

    private void Begin()
    {
        var start = Input.Peek(EmptyStream);
        if (start is not [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..])
        {
            throw start.Length < 4 && "BZh"u8.StartsWith(start[..Math.Min(3, start.Length)])
                ? Truncated()
                : Trailing();
        }

        if (start[4..] is [0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0, 0, 0])
        {
            Input.Advance(EmptyStream);
            _isAtEnd = TrySkipToEnd();
            return;
        }

        _streams++;
        _tables += (start[3] - '0') * TablesPerLevel;
        if (_tables > FreeTables && _tables / TablesPerByte > Input.Taken + _written)
        {
            throw Fault(
                $"it is made of {_streams} bzip2 streams and more, with next to nothing in each ({_written} bytes)",
                "compress it again as one: bzip2 -dc FILE | bzip2 > NEW");
        }

        _stream = new BZip2InputStream(_input) { IsStreamOwner = false };
    }
}
