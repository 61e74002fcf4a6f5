using System.Globalization;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Registry;

/// <summary>What an image may ask for before it is refused: bounds on bombs, generous enough for every honest image.</summary>
/// <remarks>They hold for all layers of an image together where not said otherwise.</remarks>
public sealed record ImageLimits
{
    /// <summary>What holds when nobody says anything.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>Bytes of uncompressed archives, and bytes of files as they appear (holes counted): <c>size</c>.</summary>
    public long UnpackedBytes { get; init; } = 64L << 30;

    /// <summary>Files, directories, links and whiteouts: <c>entries</c>.</summary>
    public long Entries { get; init; } = 10_000_000;

    /// <summary>How many times larger one layer may become when it is unpacked; asked once it has become more than 1 GiB: <c>ratio</c>.</summary>
    public int InflateRatio { get; init; } = 250;

    /// <summary>Bytes of one path: <c>path</c>. More than PATH_MAX, since every step is taken below a descriptor.</summary>
    public int PathBytes { get; init; } = 32 * 1024;

    /// <summary>Names in one path: <c>depth</c>.</summary>
    public int PathDepth { get; init; } = 16 * 1024;

    /// <summary>Bytes of one extended header of tar: <c>header</c>.</summary>
    public int HeaderBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one manifest, index or config: <c>json-size</c>, at most 256 MiB.</summary>
    public int DocumentBytes { get; init; } = 8 << 20;

    /// <summary>How deep objects and arrays of one manifest, index or config are nested: <c>json-depth</c>, at most 1000.</summary>
    public int DocumentDepth { get; init; } = 64;

    /// <summary>The default limits with some changed.</summary>
    /// <param name="texts">Each <c>NAME=VALUE</c>, the names as above, sizes as <see cref="ByteSize"/> reads them; of two of one name the last counts.</param>
    /// <exception cref="ReferenceException">A text is not that.</exception>
    public static ImageLimits Parse(IEnumerable<string> texts)
    {
        var limits = Default;
        foreach (var text in texts)
        {
            limits = limits.With(text);
        }

        return limits;
    }

    private ImageLimits With(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (text, string.Empty) : (text[..equals], text[(equals + 1)..]);
        long Size(long most) => ByteSize.TryParse(value, out var bytes) && bytes <= most ? bytes : throw Refuse(text, $"the value is no size up to {most} bytes such as 64m");
        long Number(long most) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most
            ? number : throw Refuse(text, $"the value is no number from 1 to {most}");
        return name switch
        {
            "size" => this with { UnpackedBytes = Size(1L << 60) },
            "entries" => this with { Entries = Number(int.MaxValue) },
            "ratio" => this with { InflateRatio = (int)Number(int.MaxValue) },
            "path" => this with { PathBytes = (int)Size(1 << 20) },
            "depth" => this with { PathDepth = (int)Number(1 << 20) },
            "header" => this with { HeaderBytes = (int)Size(256 << 20) },
            "json-size" => this with { DocumentBytes = (int)Size(Manifests.DocumentLimits.Stored.Bytes) },
            "json-depth" => this with { DocumentDepth = (int)Number(Manifests.DocumentLimits.Stored.Depth) },
            _ => throw Refuse(text, $"there is no limit '{Quoted.Text(name)}', only size, entries, ratio, path, depth, header, json-size, json-depth"),
        };
    }

    private static ReferenceException Refuse(string text, string cause) => new($"cannot use limit '{Quoted.Text(text)}': {cause}");
}
