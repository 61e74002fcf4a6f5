using Orca.Cli.Output;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>Pulls or loads images, shows how it goes, and stops when asked to.</summary>
internal static class Puller
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Pulls from a registry.</summary>
    /// <exception cref="InterruptedException">A signal asked to stop.</exception>
    public static StoredImage Pull(CommandContext context, ImageReference reference, Platform? platform, string progress)
    {
        var image = Await(
            context, progress == "json" ? reference.ToString() : reference.Familiar, progress,
            (view, token) => context.Get<IImagePuller>().PullAsync(reference, platform ?? Platform.Current, view, token), static image => image.Digest);
        Tell(context, reference, context.Get<IShortNames>().OfPulled(image, reference));
        Warn(context, image, progress);
        return image;
    }

    /// <summary>Loads from anywhere, and says which names were taken from other images.</summary>
    /// <exception cref="InterruptedException">A signal asked to stop.</exception>
    public static IReadOnlyList<LoadedImage> Load(CommandContext context, LoadRequest request, string progress)
    {
        var name = progress == "json" && request.Location.Reference is { } reference ? reference.ToString() : request.Location.Shown;
        var loaded = Await(context, name, progress, (view, token) => context.Get<IImageLoader>().LoadAsync(request, view, token), static images => images[0].Image.Digest,
            isLocal: request.Location.Reference is null);
        foreach (var replaced in loaded.SelectMany(static one => one.Replaced))
        {
            context.Note($"'{replaced.Familiar}' was the name of another image before");
        }

        foreach (var one in loaded)
        {
            Warn(context, one.Image, progress);
        }

        foreach (var one in loaded.Where(static one => one.UnusableNames.Count > 0))
        {
            var unusable = one.UnusableNames.Count == 1 ? "a name" : $"{one.UnusableNames.Count} names";
            context.Note($"'{one.Names[0].Familiar}' has {unusable} in the archive that cannot be used here: '{Quoted.Text(one.UnusableNames[0])}'");
        }

        if (request.Location.Reference is { } asked)
        {
            Tell(context, asked, loaded[0].Names[^1]);
        }

        return loaded;
    }

    /// <summary>What a short name was found as is not to be guessed.</summary>
    private static void Tell(CommandContext context, ImageReference asked, ImageReference found)
    {
        if (found != asked)
        {
            context.Note($"'{asked.Familiar}' is '{found.Familiar}'");
        }
    }

    /// <summary>What could not be kept of the image, unless nothing is to be said.</summary>
    private static void Warn(CommandContext context, StoredImage image, string progress)
    {
        foreach (var warning in progress == "none" ? [] : image.Warnings)
        {
            context.Note(warning);
        }
    }

    private static T Await<T>(CommandContext context, string name, string progress, Func<PullView, CancellationToken, Task<T>> start, Func<T, Digest> digestOf, bool isLocal = false)
    {
        ThreadProbe.Require();
        using var interruption = new Interruption();
        var view = CreateView(context, name, progress, isLocal);
        context.Interject = view.Interject;
        view.Start();
        try
        {
            var task = Task.Run(() => start(view, interruption.Token), CancellationToken.None);
            while (Task.WaitAny([task], s_tick) < 0)
            {
                view.Tick();
            }

            var result = task.GetAwaiter().GetResult();
            view.Finish(digestOf(result));
            return result;
        }
        catch (Exception) when (interruption.Token.IsCancellationRequested)
        {
            view.Abandon();
            throw new InterruptedException(interruption.ExitStatus);
        }
        catch (Exception)
        {
            view.Abandon();
            throw;
        }
        finally
        {
            context.Interject = null;
        }
    }

    private static PullView CreateView(CommandContext context, string name, string progress, bool isLocal)
    {
        var color = context.Environment.Find("NO_COLOR") is null or "";
        var dumb = context.Environment.Find("TERM") is null or "" or "dumb";
        return PullView.Create(name, progress, context.Error, color, dumb, context.Time, isLocal);
    }
}
