using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>Finds options that cannot be together, and mounts and a working directory for which there is no room.</summary>
public static class OptionConflicts
{
    /// <summary>Looks at the options, at the sources on the host, and at the container's root; what cannot be decided there is left to the kernel.</summary>
    /// <param name="run">All that counts for the run.</param>
    /// <param name="container">The container's root; null when it is not known yet.</param>
    /// <exception cref="ReferenceException">Two options cannot be together, or the container has no room for one.</exception>
    public static void Require(RunOptions run, IContainerPaths? container = null) => Require(run, new MountChecks(run, container));

    internal static void Require(RunOptions run, MountChecks checks)
    {
        if (run.Network is { Hostname: not null, Uts: NamespaceMode.Host })
        {
            throw new ReferenceException("cannot use '--hostname' with '--uts host': the host name is then this machine's", "leave one of them out");
        }

        foreach (var parameter in run.Limits.KernelParameters)
        {
            RequireOwn(KernelParameter.Check(parameter), run.Network);
        }

        foreach (var mount in checks.Layout.Mounts)
        {
            if (checks.ProblemOfPlace(mount) is { } problem) // a missing source is told by the mount itself
            {
                throw new ReferenceException($"cannot mount '{Quoted.Text(checks.TextOf(mount))}': {problem.Cause}", problem.Hint);
            }
        }

        if (run.Process.WorkingDirectory is { } start && MountPath.IsTooLong(start))
        {
            throw new ReferenceException($"cannot start in '-w {Quoted.Text(start)}': {MountPath.TooLong}");
        }

        if (run.Process.WorkingDirectory is { Length: > 0 } directory && checks.ProblemOfStart(directory) is { } refusal)
        {
            throw new ReferenceException($"cannot start in '-w {Quoted.Text(directory)}': {refusal.Cause}", refusal.Hint);
        }
    }

    /// <summary>What the container shares with the host is not the container's to set.</summary>
    private static void RequireOwn(string parameter, NetworkOptions network)
    {
        var isNetwork = KernelParameter.IsNetwork(parameter);
        if (isNetwork ? network.Mode != NamespaceMode.Own : network.Ipc == NamespaceMode.Host)
        {
            throw new ReferenceException(
                $"cannot use '--sysctl {Quoted.Text(parameter)}': the container uses the host's {(isNetwork ? "network" : "IPC")}",
                isNetwork ? "add '--network none', which gives the container a network of its own with loopback alone" : "leave '--ipc host' out");
        }
    }
}
