using System.Buffers;
using ZstdSharp.Unsafe;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decompresses zstd: frames one after another, skippable ones among them (zstd:chunked keeps its table of contents in one).</summary>
/// <remarks>
/// Source: RFC 8878. A frame says how far it looks back, and the library keeps that much in memory: at most 8 MiB up to level 19 of zstd and from BuildKit, up to 128 MiB,
/// the most that is taken, with --ultra and --long. The kernel gives memory to the window as far as it is written. Dictionaries are refused.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
internal sealed class ZstdDecoder(InputWindow input, string name) : FormatDecoder(input, name, "zstd")
{
    private const ulong LongestWindow = 128 << 20;
    private const int LongestHeader = 18;

    private ZstdFrameDecoder? _frame;
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

            if (Decode(buffer) is > 0 and var count)
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
            _frame?.Dispose();
            _frame = null;
        }

        base.Dispose(disposing);
    }

    /// <summary>Makes the decoder ready for the next frame; false when there is none.</summary>
    private unsafe bool TryBeginFrame()
    {
        if (!Input.Fill())
        {
            return false;
        }

        ZSTD_frameHeader header = default;
        nuint missing;
        var bytes = Input.Peek(LongestHeader);
        fixed (byte* start = bytes)
        {
            missing = Methods.ZSTD_getFrameHeader(&header, start, (nuint)bytes.Length);
        }

        if (header.windowSize > LongestWindow || Methods.ZSTD_getErrorCode(missing) == ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge)
        {
            throw Fault($"the zstd stream needs a window of more than {LongestWindow} bytes", "compress it with zstd --long=27 or without --long");
        }

        if (missing != 0)
        {
            throw Methods.ZSTD_isError(missing) ? Malformed() : Truncated();
        }

        if (header.dictID != 0 && header.frameType == ZSTD_frameType_e.ZSTD_frame)
        {
            throw Fault("the zstd stream needs a dictionary, which no layer has");
        }

        if (_frame?.Takes(header.windowSize) != true)
        {
            _frame?.Dispose();
            _frame = new ZstdFrameDecoder(header.windowSize);
        }

        _isBetweenFrames = false;
        return true;
    }

    private int Decode(Span<byte> buffer)
    {
        if (!_outputIsPending && !Input.Fill())
        {
            throw Truncated();
        }

        var status = _frame!.Decode(Input.Available, buffer, out var used, out var written);
        Input.Advance(used);
        _isBetweenFrames = status == OperationStatus.Done;
        _outputIsPending = status == OperationStatus.DestinationTooSmall;
        return status != OperationStatus.InvalidData ? written : throw Malformed();
    }
}
