using Orca.Core.Errors;
using Orca.Registry.Layers.Compression;

namespace Orca.Registry.Layers;

/// <summary>Finds out how a layer is compressed, by its bytes, and undoes it.</summary>
/// <remarks>Media types lie in real registries, so they are not asked; the diff id decides whether the outcome is right.</remarks>
internal sealed class LayerDecompressor : ForwardStream
{
    /// <summary>Below this nobody asks for the ratio: a page of zeros is a thousand times smaller than itself, and harmless.</summary>
    private const long FreeBytes = 1L << 30;

    private readonly InputWindow _input;
    private readonly string _name;
    private readonly int _ratio;
    private readonly long _free;
    private long _written;
    private Stream? _decoder;

    private LayerDecompressor(Stream compressed, string name, int ratio, long free)
    {
        _input = new InputWindow(compressed);
        (_name, _ratio, _free) = (name, ratio, free);
    }

    /// <summary>The uncompressed bytes. Nothing is read before the first read; reading to the end reads <paramref name="compressed"/> to its end.</summary>
    /// <param name="compressed">The layer as it came; the result owns it.</param>
    /// <param name="name">How messages call it, such as <c>layer sha256:...</c>.</param>
    /// <param name="ratio">How many times larger they may become; null for what holds when nobody says anything.</param>
    /// <param name="free">How many bytes may come out before that is asked.</param>
    /// <exception cref="ContentException">Thrown by reads: the format is not supported, the bytes are malformed or truncated, or too many come out.</exception>
    internal static Stream Open(Stream compressed, string name, int? ratio = null, long free = FreeBytes) =>
        new LayerDecompressor(compressed, name, ratio ?? ImageLimits.Default.InflateRatio, free);

    public override int Read(Span<byte> buffer)
    {
        var count = (_decoder ??= ChooseDecoder()).Read(buffer);
        _written += count;
        return _written <= _free || _written / _ratio <= _input.Taken || _decoder is PlainDecoder
            ? count
            : throw new ContentException(
                $"cannot decompress {_name}: it becomes more than {_ratio} times larger ({_written} bytes of {_input.Taken}), which exceeds limit of ratio", LayerLimits.Hint("ratio"));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder?.Dispose();
            _input.Dispose();
        }

        base.Dispose(disposing);
    }

    private ForwardStream ChooseDecoder()
    {
        var format = CompressionSniffer.Sniff(_input.Peek(CompressionSniffer.LongestMagic));
        return format switch
        {
            CompressionFormat.Gzip => new GzipDecoder(_input, _name),
            CompressionFormat.Zstd => new ZstdDecoder(_input, _name),
            CompressionFormat.Xz => new XzDecoder(_input, _name),
            CompressionFormat.Bzip2 => new Bzip2Decoder(_input, _name),
            CompressionFormat.Lzip => new LzipDecoder(_input, _name),
            CompressionFormat.Lzw => new LzwDecoder(_input, _name),
            _ when CompressionSniffer.NameOfUnsupported(format) is { } unsupported =>
                throw new ContentException($"cannot decompress {_name}: {unsupported} is not supported; gzip, zstd, xz, bzip2, lzip and compress (.Z) are"),
            _ => new PlainDecoder(_input),
        };
    }
}
