using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>Which images <c>orca images</c> lists: those of a name, and those that all filters let through.</summary>
internal static class ImageFilter
{
    /// <summary>Returns the images, in the order that is asked for, each with the names that are to be shown.</summary>
    /// <exception cref="OrcaException">A filter is unknown, or names an image that is not there.</exception>
    public static List<StoredImage> Apply(CommandContext context, IReadOnlyList<StoredImage> all, string? name, List<string> filters)
    {
        var images = name is null ? [.. all] : all.Select(image => Named(image, name)).OfType<StoredImage>().ToList();
        foreach (var filter in filters)
        {
            var equals = filter.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (filter, string.Empty) : (filter[..equals], filter[(equals + 1)..]);
            images = key switch
            {
                "reference" => [.. images.Select(image => Matching(image, value)).OfType<StoredImage>()],
                "dangling" when IsTrue(filter, value) is var wanted => images.FindAll(image => image.References.Count == 0 == wanted),
                "before" => Sooner(context, images, value, isSooner: true),
                "since" or "after" => Sooner(context, images, value, isSooner: false),
                "until" when Until(context, filter, value) is var limit => images.FindAll(image => CreatedAt(image) < limit),
                "id" => images.FindAll(image => image.Digest.Hex.StartsWith(value.StartsWith("sha256:", StringComparison.Ordinal) ? value[7..] : value, StringComparison.Ordinal)),
                "digest" => images.FindAll(image => image.Digest.ToString().StartsWith(value, StringComparison.Ordinal)),
                "readonly" when IsTrue(filter, value) is var wanted => images.FindAll(image => image.Store is not null == wanted),
                "label" => throw ContainerFilter.Wrong(filter, "labels of images are not read"),
                _ => throw ContainerFilter.Wrong(filter, "it is none of reference, dangling, before, since, until, id, digest, readonly"),
            };
        }

        return images;
    }

    /// <summary>When the image was made, as it says itself; when it came, where it says nothing that is a time.</summary>
    public static DateTimeOffset CreatedAt(StoredImage image) =>
        DateTimeOffset.TryParse(image.Config.Created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time > DateTimeOffset.UnixEpoch ? time : image.Pulled.ToUniversalTime();

    /// <summary>Sorts as podman does.</summary>
    /// <exception cref="ReferenceException">There is no such order.</exception>
    public static List<StoredImage> Sorted(List<StoredImage> images, string order) => order switch
    {
        "created" => [.. images.OrderByDescending(CreatedAt)],
        "size" => [.. images.OrderBy(static image => image.Size)],
        "id" => [.. images.OrderBy(static image => image.Digest.ToString(), StringComparer.Ordinal)],
        "repository" => [.. images.OrderBy(static image => image.References.Count == 0 ? string.Empty : image.References[0].Familiar, StringComparer.Ordinal)],
        "tag" => [.. images.OrderBy(static image => image.References.Count == 0 ? string.Empty : image.References[0].Tag, StringComparer.Ordinal)],
        _ => throw new ReferenceException($"cannot use option '--sort': '{Quoted.Text(order)}' is none of created, id, repository, size, tag"),
    };

    /// <summary>An image's name may be given without the registry and without the tag.</summary>
    private static StoredImage? Named(StoredImage image, string name)
    {
        if (DigestPrefix.TryParse(name, out var prefix) && prefix.Matches(image.Digest))
        {
            return image;
        }

        if (!ImageReference.TryParse(name, out var asked))
        {
            return Matching(image, name);
        }

        var hasTag = name.AsSpan(name.LastIndexOf('/') + 1).Contains(':');
        var path = asked.ShortPath ?? asked.Repository;
        return With(image, reference => (!hasTag || reference.Tag == asked.Tag)
            && (reference.Repository == asked.Repository ? asked.ShortPath is not null || reference.Registry == asked.Registry
                : asked.ShortPath is not null && (reference.Repository == path || reference.Repository.EndsWith("/" + path, StringComparison.Ordinal))));
    }

    /// <summary>As docker: the pattern is for the name with or without its tag, as it is shown; podman: also for the last parts of it.</summary>
    private static StoredImage? Matching(StoredImage image, string pattern) => With(image, reference =>
    {
        string[] names = [reference.Familiar, $"{reference.Registry}/{reference.Repository}", $"{reference.Registry}/{reference.Repository}:{reference.Tag}", reference.Repository, $"{reference.Repository}:{reference.Tag}",
            reference.ShortName, $"{reference.ShortName}:{reference.Tag}", ImageRows.RepositoryOf(reference)];
        return Array.Exists(names, name => Glob(pattern, name));
    });

    private static StoredImage? With(StoredImage image, Func<ImageReference, bool> isShown)
    {
        List<ImageReference> shown = [.. image.References.Where(isShown)];
        return shown.Count == 0 ? null : image with { References = shown };
    }

    private static List<StoredImage> Sooner(CommandContext context, List<StoredImage> images, string name, bool isSooner)
    {
        var store = context.Get<IImageStore>();
        var other = StoredImages.ByDigest(context, name, "cannot filter by image") ?? (ImageReference.TryParse(name, out var reference) ? store.Find(context.Get<IShortNames>().InStore(store, reference)) : null)
            ?? throw new StoreException($"cannot filter by image '{Quoted.Text(name)}': it is not in the store", "'orca images' lists what is there");
        return images.FindAll(image => image.Digest != other.Digest && CreatedAt(image) < CreatedAt(other) == isSooner && CreatedAt(image) != CreatedAt(other));
    }

    private static DateTimeOffset Until(CommandContext context, string filter, string value) =>
        value.EndsWith('h') && double.TryParse(value[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours) && hours < 1e6 ? context.Time.GetUtcNow() - TimeSpan.FromHours(hours)
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 100_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) ? time
        : throw ContainerFilter.Wrong(filter, $"'{Quoted.Text(value)}' is not a time such as 24h or 2026-01-31T12:00:00");

    private static bool IsTrue(string filter, string value) => value is "true" or "1" || (value is "false" or "0" ? false
        : throw ContainerFilter.Wrong(filter, $"'{Quoted.Text(value)}' is neither 'true' nor 'false'"));

    /// <summary>Whether a name matches a pattern in which <c>*</c> is any text without a slash, and <c>?</c> one character.</summary>
    internal static bool Glob(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (star, restart, at) = (-1, 0, 0);
        var p = 0;
        while (at < name.Length)
        {
            if (p < pattern.Length && (pattern[p] == name[at] || (pattern[p] == '?' && name[at] != '/')) && pattern[p] != '*')
            {
                p++;
                at++;
            }
            else if (p < pattern.Length && pattern[p] == '*')
            {
                (star, restart) = (p++, at);
            }
            else if (star >= 0 && name[restart] != '/')
            {
                (p, at) = (star + 1, ++restart);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }
}
