using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>What a kept container's next run does: what it remembers where the run does not say otherwise, less what is gone from the host since.</summary>
/// <remarks>
/// An agent's socket ends with its session, a disk is unplugged, a directory is removed: the container must open all the same, or its changes cannot be reached. What this run names
/// itself must be there. A mount that this run puts in place of a lost one is remembered, so that the container is whole again.
/// </remarks>
/// <param name="Run">The options of the run.</param>
/// <param name="Remembered">What the container remembers from now on; null when that does not change.</param>
internal sealed record KeptOptions(RunOptions Run, RunOptions? Remembered)
{
    /// <summary>Merges.</summary>
    /// <param name="known">What the container remembers.</param>
    /// <param name="asked">What the run asks for.</param>
    /// <param name="note">Hears of mounts that are left out; null for nobody.</param>
    internal static KeptOptions Of(ContainerRecord known, RunOptions asked, Action<string>? note)
    {
        var run = known.Options.OverriddenBy(asked);
        var security = WithReplacedPolicy(known.Options.Security, asked.Security);
        var lost = known.Options.Mounts.Select(static mount => (Mount: mount, Error: Look(mount.Source))).Where(static entry => entry.Error != Errno.None).ToArray();
        if (lost.Length == 0)
        {
            return new KeptOptions(run, security == known.Options.Security ? null : known.Options with { Security = security });
        }

        var missing = lost.Where(entry => run.Mounts.Contains(entry.Mount) && !asked.Mounts.Contains(entry.Mount)).ToArray();
        foreach (var (mount, error) in missing)
        {
            note?.Invoke($"the mount of '{Quoted.Text(mount.Source)}' on '{Quoted.Text(mount.Destination)}' is left out: {error.Describe()}; "
                + $"another for good: 'orca run --name {known.Name} -v SOURCE:{Quoted.Text(mount.Destination)}'");
        }

        var replaced = lost.Where(entry => !run.Mounts.Contains(entry.Mount)).Select(static entry => CleanPath.Of(entry.Mount.Destination)).ToHashSet(StringComparer.Ordinal);
        return new KeptOptions(
            run with { Mounts = [.. run.Mounts.Where(mount => !missing.Any(entry => entry.Mount == mount))] },
            replaced.Count == 0 && security == known.Options.Security ? null : known.Options with
            {
                Security = security,
                Mounts = [.. known.Options.Mounts.Where(mount => !replaced.Contains(CleanPath.Of(mount.Destination))), .. asked.Mounts.Where(mount => replaced.Contains(CleanPath.Of(mount.Destination)))],
                TemporaryMounts = [.. known.Options.TemporaryMounts, .. asked.TemporaryMounts.Where(mount => replaced.Contains(CleanPath.Of(mount.Destination)))],
            });
    }

    /// <summary>A policy of system calls that this run puts in place of one that is gone from the host is remembered, too.</summary>
    private static SecurityOptions WithReplacedPolicy(SecurityOptions known, SecurityOptions asked) =>
        asked.Seccomp is not null && known is { Seccomp: { } path, SeccompPolicy: null } && path != SecurityOptions.Unconfined && Look(path) != Errno.None
            ? known with { Seccomp = asked.Seccomp, SeccompPolicy = asked.SeccompPolicy } : known;

    private static Errno Look(string source)
    {
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(source)), Tmds.Linux.LibC.O_PATH, out var found);
        found?.Dispose();
        return error;
    }
}
