using Orca.Core.Errors;
using Orca.Core.Host;

namespace Orca.Core.Containers;

/// <summary>What a kept container's next run does: what it remembers where the run does not say otherwise, less the mounts that cannot be made any more.</summary>
/// <remarks>
/// An agent's socket ends with its session, a disk is unplugged, a directory is where a file was: the container must open all the same, or its changes cannot be reached. What this run
/// names itself must be there. A mount that this run puts in place of a lost one is remembered, so that the container is whole again.
/// </remarks>
/// <param name="Run">The options of the run.</param>
/// <param name="Remembered">What the container remembers from now on; null when that does not change.</param>
internal sealed record KeptOptions(RunOptions Run, RunOptions? Remembered)
{
    /// <summary>Merges.</summary>
    /// <param name="known">What the container remembers.</param>
    /// <param name="container">Its root.</param>
    /// <param name="asked">What the run asks for.</param>
    /// <param name="note">Hears of mounts that are left out; null for nobody.</param>
    internal static KeptOptions Of(ContainerRecord known, IContainerPaths container, RunOptions asked, Action<string>? note)
    {
        var run = known.Options.OverriddenBy(asked);
        var remembered = known.Options with { Security = WithReplacedPolicy(known.Options.Security, asked.Security) };
        if (known.Options.Files.Mounts.Count + known.Options.Files.TemporaryMounts.Count > 0 && asked.Files.Mounts.Count + asked.Files.TemporaryMounts.Count > 0)
        {
            remembered = WithReplaced(remembered, asked, run, new MountChecks(known.Options, container));
        }

        while (FirstLost(run, asked, new MountChecks(run, container)) is var (lost, problem))
        {
            note?.Invoke(Describe(run, lost, problem.Cause, known.Name));
            run = Without(run, lost);
        }

        if (note is not null)
        {
            TellChanges(run, asked, new MountChecks(run, container), note);
        }

        return new KeptOptions(run, remembered == known.Options ? null : remembered);
    }

    /// <summary>A policy of system calls that this run puts in place of one that is gone from the host is remembered, too.</summary>
    private static SecurityOptions WithReplacedPolicy(SecurityOptions known, SecurityOptions asked) =>
        asked.Seccomp is not null && known is { Seccomp: { } path, SeccompPolicy: null } && path != SecurityOptions.Unconfined && HostFileReader.Problem(path) is not null
            ? known with { Seccomp = asked.Seccomp, SeccompPolicy = asked.SeccompPolicy } : known;

    private static void TellChanges(RunOptions run, RunOptions asked, MountChecks checks, Action<string> note)
    {
        foreach (var mount in checks.Layout.Mounts)
        {
            if (!mount.IsTemporary && !IsAsked(run, asked, mount) && checks.ChangesKind(mount))
            {
                var (source, destination) = (Quoted.Text(run.Files.Mounts[mount.Index].Source), Quoted.Text(run.Files.Mounts[mount.Index].Destination));
                var (now, before) = checks.IsDirectory(mount) == true ? ("directory", "file") : ("file", "directory");
                note($"'{source}' is a {now} now, and so is '{destination}' inside, where a {before} was mounted before");
            }
        }
    }

    private static bool IsAsked(RunOptions run, RunOptions asked, PlacedMount mount) =>
        mount.IsTemporary ? asked.Files.TemporaryMounts.Contains(run.Files.TemporaryMounts[mount.Index]) : asked.Files.Mounts.Contains(run.Files.Mounts[mount.Index]);

    /// <summary>The first mount that cannot be made, where the run does not ask for it itself; what lies in it is looked at again without it.</summary>
    private static (PlacedMount Mount, MountProblem Problem)? FirstLost(RunOptions run, RunOptions asked, MountChecks checks)
    {
        foreach (var mount in checks.Layout.Mounts)
        {
            if (!IsAsked(run, asked, mount) && checks.Problem(mount) is { } problem)
            {
                return (mount, problem);
            }
        }

        return null;
    }

    private static string Describe(RunOptions run, PlacedMount lost, string cause, string name)
    {
        var (what, option) = lost.IsTemporary ? ("the empty file system", "--tmpfs ") : ($"the mount of '{Quoted.Text(run.Files.Mounts[lost.Index].Source)}'", "-v SOURCE:");
        var destination = Quoted.Text(lost.IsTemporary ? run.Files.TemporaryMounts[lost.Index].Destination : run.Files.Mounts[lost.Index].Destination);
        return $"{what} on '{destination}' is left out: {cause}; another for good: 'orca run --name {name} {option}{destination}'";
    }

    private static RunOptions Without(RunOptions run, PlacedMount lost) => lost.IsTemporary
        ? run with { Files = run.Files with { TemporaryMounts = [.. run.Files.TemporaryMounts.Where((_, i) => i != lost.Index)] } }
        : run with { Files = run.Files with { Mounts = [.. run.Files.Mounts.Where((_, i) => i != lost.Index)] } };

    /// <summary>What is remembered with this run's mounts in the places of those that it replaces and that could not be made.</summary>
    private static RunOptions WithReplaced(RunOptions known, RunOptions asked, RunOptions run, MountChecks checks)
    {
        var replaced = checks.Layout.Mounts
            .Where(mount => !(mount.IsTemporary ? run.Files.TemporaryMounts.Contains(known.Files.TemporaryMounts[mount.Index]) : run.Files.Mounts.Contains(known.Files.Mounts[mount.Index])) && (checks.Problem(mount) is not null || checks.ChangesKind(mount)))
            .Select(static mount => mount.Target).ToHashSet(StringComparer.Ordinal);
        return replaced.Count == 0 ? known : known with
        {
            Files = known.Files with
            {
                Mounts = [.. known.Files.Mounts.Where(mount => !IsReplaced(mount.Destination)), .. asked.Files.Mounts.Where(mount => IsReplaced(mount.Destination))],
                TemporaryMounts = [.. known.Files.TemporaryMounts.Where(mount => !IsReplaced(mount.Destination)), .. asked.Files.TemporaryMounts.Where(mount => IsReplaced(mount.Destination))],
            },
        };

        bool IsReplaced(string destination) => replaced.Contains(CleanPath.Of(destination));
    }
}
