using Orca.Cli.Process;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands.Run;

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
        RequireNamed(context, request.Options);

        OptionConflicts.Require(request.Options with { Files = request.Options.Files with { Mounts = [.. request.Options.Files.Mounts.Where(static mount => mount.Volume is null)] } }); // those are made with the image
        var runner = context.Get<IContainerRunner>();
        if (Handoff.Pulled(context.Environment) is { } pulled)
        {
            request = Pulled(request, location, pulled);
        }

        var run = request.Image is null && location is not null ? null : runner.Resolve(request);
        if (run is null or { NeedsPull: true })
        {
#if FRONT
            Handoff.ToFullBinary(context.Files);
#else
            var image = Fetch(context, request, location, progress);
            context.Restart(image);
            request = Pulled(request, location, image);
            run = runner.Resolve(request);
#endif
        }

        if (request.OnlyCreate)
        {
            context.Out.Write(runner.Create(run, context.Note) + "\n");
            return 0;
        }

        if (request.Detached && DetachedStart.Name(context.Environment) is null)
        {
            if (report.TellsTheEnd || request.Descriptors is not null)
            {
                throw new ReferenceException($"cannot use '{(report.TellsTheEnd ? "--json-status-fd" : "--preserve-fds")}' with '-d': a detached container has none of the caller's descriptors", "leave one of them out");
            }

            return DetachedStart.Run(context, request.Name!, ProcessImage.Arguments());
        }

        return RunHere(context, request, report, run);
    }

    /// <summary>Runs what needs no pull, in this process.</summary>
    internal static int RunHere(CommandContext context, RunRequest request, RunReport report, ResolvedRun? run = null)
    {
        StandardStreams.DiscardClosedOutput();

        // No token: signals go to the command, and when it ends the run ends.
        var runner = context.Get<IContainerRunner>();
        var status = runner.Run(run ?? runner.Resolve(request), new SandboxRunOptions
        {
            ForwardSignals = true,
            Handover = request.Detached ? new HandoverOptions { After = TimeSpan.Zero } : new HandoverOptions { Always = report.TellsTheEnd },
            Isolated = report.TellsTheEnd ? report.Isolated : null,
            Started = request.Detached ? DetachedStart.Started(report, request.Name!) : Started(report, request.Descriptors),
            Note = context.Note,
        }, CancellationToken.None).Code;
        report.Ended(status);
        return status;
    }

    /// <summary>Fails before anything is pulled when what the command line names is not there.</summary>
    private static void RequireNamed(CommandContext context, RunOptions options)
    {
        foreach (var mount in options.Files.Mounts.Where(static mount => mount.Volume is null))
        {
            MountSource.Require(mount.Source);
        }

        if (options.Security.Seccomp is { } policy && policy != SecurityOptions.Unconfined && HostFileReader.Problem(policy) is { } problem)
        {
            throw new ReferenceException($"cannot read the seccomp policy '{Quoted.Text(policy)}': {problem}", "correct the path after 'seccomp=', or leave the option out");
        }

        if (context.Global.AuthFile is { } logins && HostFileReader.Problem(logins) is { } missing)
        {
            var (why, hint) = WorkingDirectory.Explain(logins, missing, hint: "correct the path after '--authfile', or make the file with 'orca login --authfile FILE'");
            throw new ReferenceException($"cannot read the logins in '{Quoted.Text(logins)}': {why}", hint);
        }
    }

    /// <summary>The command has its own copies then of what was passed on: who waits for their end must not wait for orca's.</summary>
    private static Action<int>? Started(RunReport report, PassedDescriptors? passed) => passed is null ? report.IsEmpty ? null : report.Started : process =>
    {
        report.Started(process);
        for (var number = PassedDescriptors.First; number < PassedDescriptors.First + passed.Count; number++)
        {
            if (number != report.Descriptor)
            {
                new Fd(number).Dispose();
            }
        }
    };

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
        try
        {
            var loaded = Puller.Load(context, load, progress)[0];
            return loaded.Names[0].WithDigest(loaded.Image.Digest);
        }
        catch (OrcaException e) when (request.Name is { } name && context.Get<IContainerStore>().Find(name) is { } known)
        {
            throw new StoreException(
                $"cannot run container '{name}': '{location.Shown}' was taken for an image: {e.Message}", KeptContainerHints.Enter(known, null, request.Options.Process.Command, location.Path));
        }
    }
#endif
}
