using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands;

/// <summary>Runs a request: pulls or loads first where that is needed, and then starts clean.</summary>
internal static class Launcher
{
    /// <summary>Runs.</summary>
    /// <param name="context">What the command works with.</param>
    /// <param name="request">What to run; without an image where <paramref name="location"/> says where it comes from.</param>
    /// <param name="location">Where the image comes from when that is no registry; else null.</param>
    /// <param name="report">What other programs are told.</param>
    /// <param name="progress">How the pull is shown.</param>
    /// <returns>The command's exit status.</returns>
    public static int Run(CommandContext context, RunRequest request, ImageLocation? location, RunReport report, string progress)
    {
        foreach (var mount in request.Options.Mounts)
        {
            VolumeReader.RequireSource(mount);
        }

        OptionConflicts.Require(request.Options);
        var runner = context.Get<IContainerRunner>();
        if (Reexec.Pulled(context.Environment) is { } pulled)
        {
            request = Pulled(request, location, pulled);
        }
        else if (location is not null || (runner.NeedsPull(request) && request.Image is not null))
        {
#if FRONT
            NetworkHalf.Become();
#else
            var image = Fetch(context, request, location, progress);
            context.Restart(image);
            request = Pulled(request, location, image);
#endif
        }

        // No token: signals go to the command, and when it ends the run ends.
        var status = runner.Run(request, new SandboxRunOptions
        {
            ForwardSignals = true,
            Handover = new HandoverOptions { Always = report.TellsTheEnd },
            Isolated = report.TellsTheEnd ? report.Isolated : null,
            Started = report.IsEmpty ? null : report.Started,
            Note = context.Note,
        }, CancellationToken.None).Code;
        report.Ended(status);
        return status;
    }

    /// <summary>The run of what was pulled: a short name means now what it was pulled as, whatever else of its meanings the store has.</summary>
    private static RunRequest Pulled(RunRequest request, ImageLocation? location, ImageReference pulled) => request with
    {
        Image = location is not null ? pulled : request.Image?.ShortPath is not null && pulled.Tag is { } tag && request.Image.Digest is null ? pulled.WithTag(tag) : request.Image,
        Pull = PullPolicy.Never,
    };
#if !FRONT

    /// <summary>The image's name, pinned to what it was when it came.</summary>
    private static ImageReference Fetch(CommandContext context, RunRequest request, ImageLocation? location, string progress)
    {
        if (location is null)
        {
            var image = Puller.Pull(context, request.Image!, request.Platform, progress);
            return context.Get<IShortNames>().OfPulled(image, request.Image!).WithDigest(image.Digest);
        }

        var load = new LoadRequest { Location = location, Single = true, YieldNames = true, Platform = request.Platform ?? Platform.Current };
        var loaded = Puller.Load(context, load, progress)[0];
        return loaded.Names[0].WithDigest(loaded.Image.Digest);
    }
#endif
}
