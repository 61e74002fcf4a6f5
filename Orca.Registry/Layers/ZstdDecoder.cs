using System.Buffers;
using Orca.Core.Errors;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Orca.Registry.Layers;

/// <summary>Decompresses zstd: frames one after another, skippable ones among them (zstd:chunked keeps its table of contents in one).</summary>
/// <remarks>Source: RFC 8878. A frame may ask for a window of at most 128 MiB; the RFC wants decoders to take 8 MiB. Dictionaries are refused.</remarks>
internal sealed class ZstdDecoder : ForwardStream
{
    private const int MaxWindowLog = 27;

    private readonly InputWindow _input;
    private readonly string _name;
    private readonly Decompressor _decoder = new();
    private bool _isBetweenFrames = true;
    private bool _outputIsPending;

    internal ZstdDecoder(InputWindow input, string name)
    {
        _input = input;
        _name = name;
        _decoder.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
    }

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (!_input.Fill() && !_outputIsPending)
            {
                return _isBetweenFrames ? 0 : throw new ContentException($"cannot decompress {_name}: truncated zstd stream");
            }

            var count = Decode(buffer);
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
            _decoder.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Decode(Span<byte> buffer)
    {
        var status = _decoder.UnwrapStream(_input.Available, buffer, out var used, out var written);
        _input.Advance(used);
        _isBetweenFrames = status == OperationStatus.Done;
        _outputIsPending = status == OperationStatus.DestinationTooSmall;
        return status != OperationStatus.InvalidData
            ? written
            : throw new ContentException($"cannot decompress {_name}: malformed zstd stream, or it needs a dictionary or a window above 128 MiB");
    }
}
