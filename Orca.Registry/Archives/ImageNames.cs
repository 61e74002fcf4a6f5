using System.Text;
using Orca.Core.References;
using Orca.Registry.Store;

namespace Orca.Registry.Archives;

/// <summary>Which names an image gets that does not come from a registry: pure.</summary>
internal static class ImageNames
{
    private const string Nameless = "image";
    private const int MaxLength = 100;
    private static readonly string[] s_endings = [".gz", ".zst", ".tgz", ".tar", ".oci", ".rootfs"];

    /// <summary>The names of a Docker archive; what is no name is left out, as Docker does, and is one of <see cref="UnusableTags"/>.</summary>
    internal static IReadOnlyList<ImageReference> OfTags(IReadOnlyList<string> tags) => [.. tags.Select(TryTag).OfType<ImageReference>().Distinct()];

    /// <summary>What a Docker archive gives as names and is none.</summary>
    internal static IReadOnlyList<string> UnusableTags(IReadOnlyList<string> tags) => [.. tags.Where(static tag => TryTag(tag) is null)];

    private static ImageReference? TryTag(string tag) => ImageReference.TryParse(tag, out var name) && name.Digest is null ? name : null;

    /// <summary>The name that the annotations of an OCI index give; null when there is none.</summary>
    /// <param name="imageName"><c>io.containerd.image.name</c>: a whole name.</param>
    /// <param name="refName"><c>org.opencontainers.image.ref.name</c>: a tag, or what a tool takes for one.</param>
    /// <param name="baseName">What a tag belongs to: <see cref="OfFile"/>.</param>
    internal static ImageReference? OfAnnotations(string? imageName, string? refName, string baseName)
    {
        if (ImageReference.TryParse(imageName, out var whole) && whole.Digest is null)
        {
            return whole;
        }

        if (refName is null)
        {
            return null;
        }

        var isTag = refName.AsSpan().IndexOfAny('/', ':') < 0;
        return ImageReference.TryParse(isTag ? $"{ReferenceCatalog.LocalRegistry}/{baseName}:{refName}" : refName, out var name) && name.Digest is null ? name : null;
    }

    /// <summary>A repository's last component made of a file's name: <c>Alpine_3.20.tar.gz</c> is <c>alpine_3.20</c>.</summary>
    internal static string OfFile(string path)
    {
        var name = path.Split('?', '#')[0].TrimEnd('/');
        name = name[(name.LastIndexOf('/') + 1)..].ToLowerInvariant();
        while (Array.Find(s_endings, ending => name.EndsWith(ending, StringComparison.Ordinal)) is { } ending)
        {
            name = name[..^ending.Length];
        }

        var text = new StringBuilder();
        foreach (var c in name)
        {
            var isPlain = char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
            if (isPlain || (text.Length > 0 && char.IsAsciiLetterOrDigit(text[^1])))
            {
                text.Append(isPlain || c is '.' or '_' ? c : '-'); // one separator at a time: the grammar knows no others
            }
        }

        var result = text.ToString(0, Math.Min(text.Length, MaxLength)).TrimEnd('.', '_', '-');
        return result.Length > 0 ? result : Nameless;
    }

    /// <summary>The name of an image that has none: where it came from, pinned to what it is, so that it can take no other's place.</summary>
    internal static ImageReference Pinned(string baseName, Digest digest) => ImageReference.Parse($"{ReferenceCatalog.LocalRegistry}/{baseName}@{digest}");
}
