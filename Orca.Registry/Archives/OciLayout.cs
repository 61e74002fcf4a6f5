using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Archives;

/// <summary>Opens the images of an OCI layout, in a directory or in an archive.</summary>
/// <remarks>Source: OCI image-spec, image-layout.md.</remarks>
internal static class OciLayout
{
    private const int MaxMark = 64 << 10;

    /// <param name="files">The layout.</param>
    /// <param name="baseName">What a bare tag belongs to.</param>
    /// <exception cref="ContentException">The layout's own description is wrong.</exception>
    internal static IReadOnlyList<LocalImage> Open(ArchiveFiles files, string baseName)
    {
        var mark = files.TryRead(TarIndex.OciLayout, MaxMark) ?? throw files.Refuse("it has no file 'oci-layout'");
        var version = JsonDocumentReader.Read(mark, files.Documents with { Bytes = MaxMark }, files.Failure, "its oci-layout", static (ref Utf8JsonReader reader) => ReadVersion(ref reader));
        if (version?.StartsWith("1.", StringComparison.Ordinal) != true)
        {
            throw files.Refuse($"its OCI layout is of version '{Quoted.Text(version ?? string.Empty)}', not of 1.x");
        }

        var index = files.TryRead(TarIndex.OciIndex, files.Documents.Bytes) ?? throw files.Refuse("it has no file 'index.json'");
        var entries = OciIndexReader.Read(index, files.Failure, files.Documents);
        var manifests = entries.Where(static entry => PlatformChooser.IsManifest(entry.Descriptor)).ToList();
        return Group(manifests.Count > 0 ? manifests : entries, files, baseName);
    }

    /// <summary>
    /// Lines that share a name are one image for several platforms; so are nameless ones that all tell a platform. An image with
    /// several names has a line for each.
    /// </summary>
    private static List<LocalImage> Group(IReadOnlyList<OciIndexEntry> entries, ArchiveFiles files, string baseName)
    {
        var groups = new Dictionary<string, (List<Descriptor> Lines, List<ImageReference> Names, List<string> Selectors)>(StringComparer.Ordinal);
        var byName = entries.ToLookup(entry => ImageNames.OfAnnotations(entry.ImageName, entry.RefName, baseName));
        foreach (var lines in byName)
        {
            var isOneImage = lines.Key is not null || lines.All(static line => line.Descriptor.Platform is not null);
            foreach (var one in isOneImage ? [lines.ToList()] : lines.Select(static line => new List<OciIndexEntry> { line }))
            {
                var descriptors = one.Select(static line => line.Descriptor).DistinctBy(static descriptor => descriptor.Digest).ToList();
                var key = string.Join(' ', descriptors.Select(static descriptor => descriptor.Digest));
                if (!groups.TryGetValue(key, out var group))
                {
                    groups[key] = group = (descriptors, [], []);
                }

                group.Names.AddRange(lines.Key is { } name && !group.Names.Contains(name) ? [name] : []);
                group.Selectors.AddRange(one.Select(static line => line.RefName).OfType<string>());
            }
        }

        var unusable = byName[null].ToLookup(static line => line.Descriptor.Digest, static line => line.ImageName ?? line.RefName);
        return
        [
            .. groups.Values.Select(group => new OciImage(files, group.Lines, group.Names)
            {
                Selectors = group.Selectors,
                UnusableNames = [.. group.Lines.SelectMany(line => unusable[line.Digest]).OfType<string>().Distinct()],
            }),
        ];
    }

    private static string? ReadVersion(ref Utf8JsonReader reader)
    {
        string? version = null;
        while (NextField(ref reader))
        {
            if (IsField(ref reader, "imageLayoutVersion"u8))
            {
                version = ReadString(ref reader, "imageLayoutVersion") ?? version;
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return version;
    }
}
