using System.Buffers;
using Orca.Core.Errors;
using Orca.Registry.Layers.Scratch;
using Orca.Registry.Layers.Zstd;
using ZstdSharp.Unsafe;

namespace Orca.Registry.Layers;

/// <summary>Decompresses zstd: frames one after another, skippable ones among them (zstd:chunked keeps its table of contents in one).</summary>
/// <remarks>
/// Source: RFC 8878. A frame says how far it looks back: 8 MiB at the most is what zstd writes up to level 19, and what BuildKit does; --ultra and --long
/// make it 128 MiB, the most that is taken. The library is twice as fast as <see cref="LongFrame"/> but keeps all of that in memory, so it gets what is short.
/// Dictionaries are refused.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
/// <param name="scratch">Opens an empty file for a large window; null when there is no place for one, and the library gets all.</param>
/// <param name="longestInMemory">The longest window that the library gets.</param>
internal sealed class ZstdDecoder(InputWindow input, string name, Func<ScratchFile>? scratch, ulong longestInMemory = ZstdDecoder.LongestInMemory) : ForwardStream
{
    private const ulong LongestWindow = 128 << 20, LongestInMemory = 8 << 20;
    private const int LongestHeader = 18;

    private LibraryDecoder? _library;
    private LongFrame? _long;
    private bool _isLong;
    private bool _isBetweenFrames = true;
    private bool _outputIsPending;

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_isBetweenFrames && !TryBeginFrame())
            {
                return 0;
            }

            var count = _isLong ? ReadLong(buffer) : Decode(buffer);
            if (count > 0)
            {
                return count;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _library?.Dispose();
            _long?.Dispose();
            (_library, _long) = (null, null);
        }

        base.Dispose(disposing);
    }

    /// <summary>Looks who has to decode the next frame; false when there is none.</summary>
    private unsafe bool TryBeginFrame()
    {
        if (!input.Fill())
        {
            return false;
        }

        ZSTD_frameHeader header = default;
        nuint missing;
        var bytes = input.Peek(LongestHeader);
        fixed (byte* start = bytes)
        {
            missing = Methods.ZSTD_getFrameHeader(&header, start, (nuint)bytes.Length);
        }

        if (header.windowSize > LongestWindow || Methods.ZSTD_getErrorCode(missing) == ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge)
        {
            throw Malformed($"the zstd stream needs a window of more than {LongestWindow} bytes", "compress it with zstd --long=27 or without --long");
        }

        if (missing != 0)
        {
            throw Methods.ZSTD_isError(missing) ? Malformed("malformed zstd stream") : Truncated();
        }

        if (header.dictID != 0 && header.frameType == ZSTD_frameType_e.ZSTD_frame)
        {
            throw Malformed("the zstd stream needs a dictionary, which no layer has");
        }

        _isLong = header.windowSize > longestInMemory && scratch is not null;
        if (_isLong)
        {
            (_long ??= new LongFrame(input, scratch!)).Begin(header);
        }
        else if (_library?.Takes(header.windowSize) != true)
        {
            _library?.Dispose();
            _library = new LibraryDecoder(header.windowSize);
        }

        _isBetweenFrames = false;
        return true;
    }

    private int Decode(Span<byte> buffer)
    {
        if (!_outputIsPending && !input.Fill())
        {
            throw Truncated();
        }

        var status = _library!.Decode(input.Available, buffer, out var used, out var written);
        input.Advance(used);
        _isBetweenFrames = status == OperationStatus.Done;
        _outputIsPending = status == OperationStatus.DestinationTooSmall;
        return status != OperationStatus.InvalidData ? written : throw Malformed("malformed zstd stream");
    }

    private int ReadLong(Span<byte> buffer)
    {
        try
        {
            var count = _long!.Read(buffer);
            _isBetweenFrames = count == 0;
            return count;
        }
        catch (EndOfStreamException)
        {
            throw Truncated();
        }
        catch (InvalidDataException e)
        {
            throw Malformed($"malformed zstd stream: {e.Message}");
        }
    }

    private ContentException Truncated() => Malformed("truncated zstd stream");

    private ContentException Malformed(string why, string? hint = null) => new($"cannot decompress {name}: {why}", hint);
}
