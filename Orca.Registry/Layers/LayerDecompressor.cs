using Orca.Core.Errors;
using Orca.Registry.Layers.Scratch;

namespace Orca.Registry.Layers;

/// <summary>Finds out how a layer is compressed, by its bytes, and undoes it.</summary>
/// <remarks>Media types lie in real registries, so they are not asked; the diff id decides whether the outcome is right.</remarks>
internal sealed class LayerDecompressor : ForwardStream
{
    /// <summary>How many bytes tell the formats apart.</summary>
    internal const int LongestMagic = 10;

    /// <summary>Below this nobody asks for the ratio: a page of zeros is a thousand times smaller than itself, and harmless.</summary>
    private const long FreeBytes = 1L << 30;

    private readonly InputWindow _input;
    private readonly string _name;
    private readonly int _ratio;
    private readonly long _free;
    private readonly Func<ScratchFile>? _scratch;
    private long _written;
    private Stream? _decoder;

    private LayerDecompressor(Stream compressed, string name, int ratio, long free, Func<ScratchFile>? scratch)
    {
        _input = new InputWindow(compressed);
        (_name, _ratio, _free, _scratch) = (name, ratio, free, scratch);
    }

    /// <summary>The uncompressed bytes. Nothing is read before the first read; reading to the end reads <paramref name="compressed"/> to its end.</summary>
    /// <param name="compressed">The layer as it came; the result owns it.</param>
    /// <param name="name">How messages call it, such as <c>layer sha256:...</c>.</param>
    /// <param name="ratio">How many times larger they may become; null for what holds when nobody says anything.</param>
    /// <param name="free">How many bytes may come out before that is asked.</param>
    /// <param name="scratch">Opens an empty file for what is too large for memory; null when there is no place for one.</param>
    /// <exception cref="ContentException">Thrown by reads: the format is not supported, the bytes are malformed or truncated, or too many come out.</exception>
    internal static Stream Open(Stream compressed, string name, int? ratio = null, long free = FreeBytes, Func<ScratchFile>? scratch = null) =>
        new LayerDecompressor(compressed, name, ratio ?? ImageLimits.Default.InflateRatio, free, scratch);

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
        var start = _input.Peek(LongestMagic);
        return start switch
        {
            [0x1f, 0x8b, ..] => new GzipDecoder(_input, _name),
            [0x28, 0xb5, 0x2f, 0xfd, ..] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..] => new ZstdDecoder(_input, _name, _scratch),
            _ when UnsupportedFormat(start) is { } format =>
                throw new ContentException($"cannot decompress {_name}: {format} is not supported; layers are gzip, zstd or plain tar"),
            _ => new PlainDecoder(_input),
        };
    }

    /// <summary>The name of a format that begins so and is not supported; null for all others.</summary>
    internal static string? UnsupportedFormat(ReadOnlySpan<byte> start) => start switch
    {
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => "xz",
        // "BZh" and a digit could start a file name in a plain archive; the block or end mark behind it cannot.
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59] => "bzip2",
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90] => "bzip2",
        [0x04, 0x22, 0x4d, 0x18, ..] or [0x02, 0x21, 0x4c, 0x18, ..] => "lz4",
        [0x1f, 0x9d, ..] => "compress (.Z)",
        [(byte)'L', (byte)'Z', (byte)'I', (byte)'P', 1, ..] => "lzip",
        [0x5d, 0, 0, _, _, 0xff, 0xff, ..] => "lzma",
        _ => null,
    };
}
