using System.Buffers;
using System.Numerics;
using Orca.Core.Linux;
using ZstdSharp.Unsafe;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decodes zstd frames by the library, with all of its memory in one block that goes back to the kernel at once: malloc would keep the windows of layers that are done.</summary>
internal sealed unsafe class ZstdFrameDecoder : IDisposable
{
    private const ulong Least = 64 << 10;

    private readonly ulong _window;
    private readonly PageBlock _block;
    private readonly ZSTD_DCtx_s* _decoder;

    /// <param name="window">How many bytes a frame looks back.</param>
    internal ZstdFrameDecoder(ulong window)
    {
        _window = BitOperations.RoundUpToPowerOf2(Math.Max(window, Least)); // a frame that is a little larger than the last one fits, too
        var words = (int)((Methods.ZSTD_estimateDStreamSize((nuint)_window) + sizeof(ulong) - 1) / sizeof(ulong));
        _block = new PageBlock(words);
        fixed (ulong* start = _block.Words) // it is the kernel's, and stays where it is
        {
            _decoder = Methods.ZSTD_initStaticDStream(start, (nuint)words * sizeof(ulong));
        }
    }

    /// <summary>Whether a frame that looks back so far can be decoded.</summary>
    internal bool Takes(ulong window) => window <= _window;

    /// <summary>Decodes from one span into another, up to the end of a frame at most, which is <see cref="OperationStatus.Done"/>.</summary>
    internal OperationStatus Decode(ReadOnlySpan<byte> input, Span<byte> output, out int used, out int written)
    {
        fixed (byte* from = input, to = output)
        {
            var source = new ZSTD_inBuffer_s { src = from, size = (nuint)input.Length };
            var target = new ZSTD_outBuffer_s { dst = to, size = (nuint)output.Length };
            var left = Methods.ZSTD_decompressStream(_decoder, &target, &source);
            (used, written) = ((int)source.pos, (int)target.pos);
            return Methods.ZSTD_isError(left) ? OperationStatus.InvalidData
                : left == 0 ? OperationStatus.Done
                : written == output.Length ? OperationStatus.DestinationTooSmall : OperationStatus.NeedMoreData;
        }
    }

    public void Dispose() => _block.Dispose();
}
