using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Pulling;

/// <summary>Pulls in one pass: layers come in parallel into their parts, and flow from there into the tree in order, the lowest while it still comes.</summary>
internal sealed class ImagePuller(IImageSource source, IImageStore images, IPartStore kept, TimeProvider time, ImageLimits? limits = null, IShortNames? names = null, Action<string>? note = null,
    bool keepsParts = true) : IImagePuller
{
    private const int Attempts = 2;

    public async Task<StoredImage> PullAsync(
        ImageReference reference, Platform platform, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        (reference, var content) = await ResolveAsync(reference, platform, cancellationToken).ConfigureAwait(false);
        PullCheck.Require(reference, content);

        // Locks, disk and inflating block, for minutes perhaps: they get a thread of their own.
        return await Task.Factory.StartNew(
            () => Build(reference, content, new PullReport(progress, content.Manifest.Layers, time), cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>Asks for each meaning of the name in its order. Bytes that are wrong are no reason to ask elsewhere.</summary>
    /// <remarks>That a registry could not be asked, or refused somebody with a login, is said: then the image may be another than the one that was meant.</remarks>
    private async Task<(ImageReference Name, ImageContent Content)> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken)
    {
        var places = names?.Sources(reference) ?? [reference];
        var failures = new List<RegistryException>();
        foreach (var place in places)
        {
            try
            {
                var content = await source.ResolveAsync(place, platform, cancellationToken).ConfigureAwait(false);
                foreach (var (passed, failure) in places.Zip(failures).Where(static one => !one.Second.IsAbsence))
                {
                    note?.Invoke($"'{passed.Familiar}' was passed over: {Cause(passed, failure)}");
                }

                return (place, content);
            }
            catch (RegistryException e) when (places.Count > 1 && !cancellationToken.IsCancellationRequested)
            {
                failures.Add(e);
            }
        }

        throw new RegistryException(
            $"cannot pull '{reference.Familiar}': no registry that is searched for it has it: "
            + string.Join("; ", places.Zip(failures, static (place, failure) => $"{place.Familiar}: {Cause(place, failure)}")),
            failures.Find(static failure => failure.Hint is not null)?.Hint);
    }

    private static string Cause(ImageReference place, RegistryException failure) =>
        failure.Message.Replace($"cannot pull '{place.Familiar}': ", string.Empty, StringComparison.Ordinal);

    private StoredImage Build(ImageReference reference, ImageContent content, PullReport report, CancellationToken cancellationToken)
    {
        IPartStore parts = keepsParts ? kept : new StreamedParts(source, reference, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            using var builder = images.Begin(content, cancellationToken);
            if (builder.Existing is null)
            {
                report.Waiting();
                using var flow = new LayerFlow(source, parts, reference, content, report, (limits ?? ImageLimits.Default).InflateRatio, builder.Has, cancellationToken);
                try
                {
                    if (!flow.TryApply(builder, isLastAttempt: attempt == Attempts))
                    {
                        continue;
                    }
                }
                catch (LayerException e)
                {
                    throw new LayerException($"cannot unpack image '{reference.Familiar}': {e.Message}", e.Hint, e) { Layer = e.Layer };
                }
            }

            var image = builder.Publish(reference);
            for (var index = 0; index < content.Manifest.Layers.Count; index++)
            {
                report.Done(index);
            }

            ForgetParts(parts, content);
            return image;
        }
    }

    /// <summary>A part that another pull holds is that pull's to forget.</summary>
    private static void ForgetParts(IPartStore parts, ImageContent content)
    {
        foreach (var layer in content.Manifest.Layers.DistinctBy(static layer => layer.Digest))
        {
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
                using var part = parts.Open(layer, patience.Token);
                part.Delete();
            }
            catch (Exception e) when (e is OperationCanceledException or OrcaException)
            {
                // The image is published. A part left over costs space, not correctness.
            }
        }
    }
}
