using System.Buffers;
using System.Numerics;
using Orca.Core.Linux;
using ZstdSharp.Unsafe;

namespace Orca.Registry.Layers.Zstd;

/// <summary>The library's decoder with all of its memory in one block, which goes back to the kernel with it: malloc would keep what layers that are done had.</summary>
internal sealed unsafe class LibraryDecoder : IDisposable
{
    private const ulong Least = 64 << 10;

    private readonly ulong _window;
    private readonly PageBlock _block;
    private readonly ZSTD_DCtx_s* _decoder;

    /// <param name="window">Bytes that a frame looks back.</param>
    internal LibraryDecoder(ulong window)
    {
        _window = BitOperations.RoundUpToPowerOf2(Math.Max(window, Least)); // a frame that is a little larger than the last one fits, too
        var words = (int)((Methods.ZSTD_estimateDStreamSize((nuint)_window) + sizeof(ulong) - 1) / sizeof(ulong));
        _block = new PageBlock(words);
        fixed (ulong* start = _block.Words) // it is the kernel's, and stays where it is
        {
            _decoder = Methods.ZSTD_initStaticDStream(start, (nuint)words * sizeof(ulong));
        }
    }

    /// <summary>True when a frame that looks back so far can be decoded.</summary>
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
