using Orca.Cli.Output;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>Pulls an image, shows how it goes, and stops when asked to.</summary>
internal static class Puller
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Pulls.</summary>
    /// <exception cref="InterruptedException">A signal asked to stop.</exception>
    public static StoredImage Pull(CommandContext context, ImageReference reference, Platform? platform, string progress)
    {
        using var interruption = new Interruption();
        var view = CreateView(context, reference, progress);
        context.Interject = view.Interject;
        view.Start();
        try
        {
            var pull = Task.Run(() => context.Get<IImagePuller>().PullAsync(reference, platform ?? Platform.Current, view, interruption.Token), CancellationToken.None);
            while (Task.WaitAny([pull], s_tick) < 0)
            {
                view.Tick();
            }

            var image = pull.GetAwaiter().GetResult();
            view.Finish(image.Digest);
            return image;
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

    private static PullView CreateView(CommandContext context, ImageReference reference, string progress)
    {
        var color = context.Environment.Find("NO_COLOR") is null or "";
        var dumb = context.Environment.Find("TERM") is null or "" or "dumb";
        return PullView.Create(progress == "json" ? reference.ToString() : reference.Familiar, progress, context.Error, color, dumb, context.Time);
    }
}
