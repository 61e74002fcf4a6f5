using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands;

/// <summary>Runs a request: pulls first where that is needed, and then starts clean.</summary>
internal static class Launcher
{
    /// <summary>Runs.</summary>
    /// <returns>The command's exit status.</returns>
    public static int Run(CommandContext context, RunRequest request, string progress)
    {
        foreach (var mount in request.Options.Mounts)
        {
            VolumeReader.RequireSource(mount);
        }

        var runner = context.Get<IContainerRunner>();
        if (Reexec.PulledDigest(context.Environment) is not null)
        {
            request = request with { Pull = PullPolicy.Never };
        }
        else if (runner.NeedsPull(request) && request.Image is { } reference)
        {
#if FRONT
            NetworkHalf.Become();
#else
            var image = Puller.Pull(context, reference, request.Platform, progress);
            context.Restart(image.Digest);
            request = request with { Pull = PullPolicy.Never };
#endif
        }

        // No token: signals go to the command, and when it ends the run ends.
        return runner.Run(request, new SandboxRunOptions { ForwardSignals = true, Note = context.Note }, CancellationToken.None).Code;
    }
}
