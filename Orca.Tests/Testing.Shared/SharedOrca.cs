using Microsoft.Extensions.DependencyInjection;
using Orca.Core.Host;
using Orca.Registry;
using Orca.Sandbox;

namespace Orca.Testing.Shared;

/// <summary>One <see cref="IOrca"/> for all tests of a process, and whether this host can run containers. Part of each package of fixtures.</summary>
internal static class SharedOrca
{
    private static readonly Lazy<ServiceProvider> s_services = new(static () => new ServiceCollection().AddOrcaRegistry().AddOrcaSandbox().AddOrcaSandboxProbes().BuildServiceProvider());
    private static readonly Lazy<string?> s_problem = new(static () => Find(s_services.Value.GetServices<IHostProbe>()));

    /// <summary>On the store of the command line.</summary>
    internal static IOrca Orca => s_services.Value.GetRequiredService<IOrca>();

    /// <summary>Why containers cannot run here; null when they can.</summary>
    internal static string? Problem => s_problem.Value;

    /// <summary>Returns the first finding that keeps containers from running, with what helps.</summary>
    internal static string? Find(IEnumerable<IHostProbe> probes)
    {
        foreach (var probe in probes)
        {
            foreach (var finding in probe.Examine(CancellationToken.None))
            {
                if (finding.Verdict == HostVerdict.Fails)
                {
                    return $"containers cannot run here: {finding.Subject}: {finding.Detail}{(finding.Cure is { } cure ? "; " + cure : string.Empty)}";
                }
            }
        }

        return null;
    }
}
