using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Pulling;
using Orca.Registry.Store;

namespace Orca.Registry.Archives;

/// <summary>Loads images from anywhere: the location becomes a source like a registry, so that verifying, flattening and publishing are the puller's.</summary>
internal sealed class ImageLoader(IImagePuller registries, IImageStore images, StoreRoot store, UrlDownload download, TimeProvider time, ImageLimits? limits = null, IShortNames? names = null) : IImageLoader
{
    private readonly ImageLimits _limits = limits ?? ImageLimits.Default;
    private readonly StagingArea _staging = new(store);

    public async Task<IReadOnlyList<LoadedImage>> LoadAsync(LoadRequest request, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        if (request.Name is { Digest: not null } pinned)
        {
            throw new ReferenceException($"cannot give an image the name '{pinned.Familiar}': a name with a digest means the image of that digest", "leave out what begins with the '@'");
        }

        if (request.Location.Reference is { } reference)
        {
            return [await PullAsync(reference, request, progress, cancellationToken).ConfigureAwait(false)];
        }

        var failure = $"cannot load '{request.Location.Shown}'";
        var fetched = request.Location.Transport == ImageTransport.Url ? await FetchAsync(request.Location, failure, cancellationToken).ConfigureAwait(false) : null;

        // Reading, hashing and inflating block: they get a thread of their own.
        using var local = await RunAsync(
            () => LocalImages.Open(fetched ?? ArchiveInput.Open(request.Location, request.Input, _staging, failure, _limits, cancellationToken), request, _staging, failure, _limits, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        var (found, lower) = await RunAsync(() => BuildPlace.Layer(local.Images, request, store, images, names, failure, cancellationToken), cancellationToken).ConfigureAwait(false);
        using var heldLower = lower;
        var plan = await RunAsync(() => LoadPlan.Make(found, request, images, (content, stored) => IsSavedFrom(content, stored, cancellationToken), failure, cancellationToken), cancellationToken).ConfigureAwait(false);
        var loaded = new List<LoadedImage>();
        foreach (var planned in plan)
        {
            try
            {
                loaded.Add(await LoadAsync(planned, request, progress, cancellationToken).ConfigureAwait(false));
            }
            catch (OrcaException e) when (loaded.Count > 0)
            {
                throw new StoreException($"{e.Message}; loaded before it: {string.Join(", ", loaded.Select(static one => one.Names[0].Familiar))}", e.Hint, e);
            }
        }

        return loaded;
    }

    private async Task<LoadedImage> LoadAsync(PlannedImage planned, LoadRequest request, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var puller = new ImagePuller(planned.Image, images, new LocalParts(planned.Image), time, _limits);
        var image = planned.Existing ?? await puller.PullAsync(planned.Names[0], request.Platform, progress, cancellationToken).ConfigureAwait(false);
        foreach (var name in planned.Names.Skip(planned.Existing is null ? 1 : 0))
        {
            images.Tag(name, image.Digest);
        }

        image = planned.Image.Note is { } note ? image with { Warnings = [.. image.Warnings, note] } : image;
        return new LoadedImage(image, planned.Names, planned.Replaced) { UnusableNames = request.Name is null ? planned.Image.UnusableNames : [] };
    }

    /// <summary>Whether the image is what saving a stored one gives. A damaged one gives nothing.</summary>
    private bool IsSavedFrom(ImageContent content, StoredImage stored, CancellationToken cancellationToken)
    {
        if (content.Config.DiffIds.Count != 1)
        {
            return false; // what orca saves has one layer, and to know it the tree must be read
        }

        try
        {
            using var flat = FlatImage.Open(store, stored, cancellationToken);
            return flat.ConfigDigest == content.Manifest.Config.Digest;
        }
        catch (OrcaException)
        {
            return false;
        }
    }

    private async Task<LoadedImage> PullAsync(ImageReference reference, LoadRequest request, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var image = await registries.PullAsync(reference, request.Platform, progress, cancellationToken).ConfigureAwait(false);
        reference = names?.OfPulled(image, reference) ?? reference;
        if (request.Name is not { } name)
        {
            return new LoadedImage(image, [reference], []);
        }

        IReadOnlyList<ImageReference> replaced = images.Find(name) is { } other && other.Digest != image.Digest ? [name] : [];
        images.Tag(name, image.Digest);
        return new LoadedImage(image, [name, reference], replaced);
    }

    private async Task<ArchiveInput> FetchAsync(ImageLocation location, string failure, CancellationToken cancellationToken)
    {
        var spool = new Spool(_staging, failure, _limits.UnpackedBytes, begun => Survey.RequireArchive(begun, location, failure, _limits));
        try
        {
            await download.FetchAsync(new Uri(location.Path), spool, failure, cancellationToken).ConfigureAwait(false);
            return new ArchiveInput(spool.File, spool.Length, IsDirectory: false);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
