using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Archives;

/// <summary>One image that is going to be loaded, and what it will be called.</summary>
internal sealed record PlannedImage(LocalImage Image, ImageContent Content, IReadOnlyList<ImageReference> Names, IReadOnlyList<ImageReference> Replaced)
{
    /// <summary>The stored image that this one was saved from: nothing has to be loaded. Null where there is none.</summary>
    internal StoredImage? Existing { get; init; }
}

/// <summary>Decides, before anything is written, which images of a location are loaded and which names they get.</summary>
internal static class LoadPlan
{
    private const int MaxShown = 10;

    /// <exception cref="OrcaException">The choice is ambiguous, or a name is another image's.</exception>
    /// <param name="images">The images of the location.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="store">Where they go.</param>
    /// <param name="isSavedFrom">Whether an image of the location is what saving a stored one gives; asked only where they have a name in common.</param>
    /// <param name="failure">How an error message starts.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal static IReadOnlyList<PlannedImage> Make(
        IReadOnlyList<LocalImage> images, LoadRequest request, IImageStore store, Func<ImageContent, StoredImage, bool> isSavedFrom, string failure, CancellationToken cancellationToken)
    {
        var chosen = Choose(images, request, failure);
        var plan = new List<PlannedImage>();
        var owners = new Dictionary<ImageReference, Digest>();
        foreach (var (image, names) in chosen)
        {
            var content = image.Resolve(request.Platform, cancellationToken);
            var planned = Name(image, content, request.Name is { } given ? [given] : names, request, store, isSavedFrom, failure);
            foreach (var name in planned.Names)
            {
                if (!owners.TryAdd(name, content.Digest) && owners[name] != content.Digest)
                {
                    throw new ContentException($"{failure}: two of its images have the name '{name.Familiar}'");
                }
            }

            image.OfferedAs = planned.Names;
            plan.Add(planned);
        }

        return plan;
    }

    private static List<(LocalImage Image, IReadOnlyList<ImageReference> Names)> Choose(IReadOnlyList<LocalImage> images, LoadRequest request, string failure)
    {
        var chosen = images.Select(static image => (Image: image, image.Names)).ToList();
        if (request.Location.Selector is { } selector)
        {
            var name = ImageReference.TryParse(selector, out var parsed) ? parsed : null;
            chosen = selector.StartsWith('@')
                ? [.. chosen.Where((_, index) => selector[1..] == index.ToString(CultureInfo.InvariantCulture))]
                : [.. chosen.Where(one => one.Image.Selectors.Contains(selector) || (name is not null && one.Names.Contains(name)))
                    .Select(one => (one.Image, name is not null && one.Names.Contains(name) ? [name] : one.Names))];
            if (chosen.Count == 0)
            {
                throw new ContentException($"{failure}: it has no image '{Quoted.Text(selector)}'{Describe(images)}");
            }
        }

        return chosen.Count switch
        {
            0 => throw new ContentException($"{failure}: there is no image in it"),
            > 1 when request.Single || request.Name is not null => throw new ContentException(
                $"{failure}: there are {chosen.Count} images in it{Describe(images)}",
                LocationHints.Choose(images[0].Transport, request.Location)),
            _ => chosen,
        };
    }

    private static PlannedImage Name(LocalImage image, ImageContent content, IReadOnlyList<ImageReference> wanted, LoadRequest request, IImageStore store, Func<ImageContent, StoredImage, bool> isSavedFrom, string failure)
    {
        var taken = wanted.Where(name => store.Find(name) is { } other && other.Digest != content.Digest).ToList();
        var mayReplace = request.Replace || request.Name is not null;
        if (taken.Count > 0 && !mayReplace && taken.Select(name => store.Find(name)).DistinctBy(static other => other?.Digest).ToList() is [{ } one] && isSavedFrom(content, one))
        {
            return new PlannedImage(image, content, wanted, []) { Existing = one };
        }

        if (taken.Count > 0 && !mayReplace && !request.YieldNames)
        {
            throw new StoreException(
                $"{failure}: the name '{taken[0].Familiar}' is another image's in the store", "'--tag NAME' gives the image a name of its own; '--replace' takes the name away from the other image, which is then kept by its digest alone until 'orca prune'");
        }

        IReadOnlyList<ImageReference> names = mayReplace ? wanted : [.. wanted.Except(taken)];
        names = names.Count > 0 ? names : [ImageNames.Pinned(wanted.Count > 0 ? wanted[0].ShortName : ImageNames.OfFile(request.Location.Path), content.Digest)];
        return new PlannedImage(image, content, names, mayReplace ? taken : []);
    }

    private static string Describe(IReadOnlyList<LocalImage> images)
    {
        var names = images.SelectMany(static image => image.Names.Select(static name => name.Familiar).Concat(image.Selectors)).Distinct(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? string.Empty : $" ({Quoted.Text(string.Join(", ", names.Take(MaxShown)))}{(names.Count > MaxShown ? ", ..." : string.Empty)})";
    }
}
