using ICSharpCode.SharpZipLib.BZip2;
using Orca.Core.Errors;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decompresses bzip2 with SharpZipLib: streams one after another, as bzip2 and pbzip2 write them; then zeros or nothing.</summary>
/// <remarks>
/// The library checks the CRC of each block and of each stream, and takes one byte at a time, so nothing behind a stream is lost. It allocates up to 4.5 MB for each
/// stream, and ends silently at a wrong header; so headers are checked here, and streams without a block are skipped without it.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
internal sealed class Bzip2Decoder(InputWindow input, string name) : ForwardStream
{
    private const string Format = "bzip2";
    private const int EmptyStream = 14; // header, end mark, checksum

    private readonly LibraryInput _input = new(input);
    private BZip2InputStream? _stream;
    private bool _isAtEnd;

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
                    return count;
                }
                else
                {
                    _stream = null;
                    _isAtEnd = TrailingBytes.TrySkipToEnd(input, name, Format);
                }
            }
            catch (Exception e) when (e is not (OrcaException or OutOfMemoryException))
            {
                var fault = _input.Explain(e, name, Format);
                throw e.Message.Contains("crc", StringComparison.OrdinalIgnoreCase) ? new ContentException($"cannot decompress {name}: wrong bzip2 checksum", null, e) : fault;
            }
        }

        return 0;
    }

    private void Begin()
    {
        var start = input.Peek(EmptyStream);
        if (start is not [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..])
        {
            throw start.Length < 4 && "BZh"u8.StartsWith(start[..Math.Min(3, start.Length)])
                ? new ContentException($"cannot decompress {name}: truncated bzip2 stream")
                : TrailingBytes.Fault(name, Format);
        }

        if (start[4..] is [0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0, 0, 0])
        {
            input.Advance(EmptyStream);
            _isAtEnd = TrailingBytes.TrySkipToEnd(input, name, Format);
            return;
        }

        _stream = new BZip2InputStream(_input) { IsStreamOwner = false };
    }
}
