using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orca.Core.Host;

namespace Orca.Sandbox.Diagnosis;

/// <summary>Whether this host can run containers, by trying it.</summary>
internal sealed class HostHealthCheck(IEnumerable<IHostProbe> probes) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.Run(() => Check(context.Registration.FailureStatus, cancellationToken), cancellationToken);

    private HealthCheckResult Check(HealthStatus failureStatus, CancellationToken cancellationToken)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        string? failure = null;
        foreach (var probe in probes)
        {
            foreach (var finding in probe.Examine(cancellationToken))
            {
                data[finding.Subject] = $"{finding.Verdict}: {finding.Detail}";
                failure ??= finding.Verdict == HostVerdict.Fails ? $"{finding.Subject}: {finding.Detail}" : null;
            }
        }

        return failure is null ? HealthCheckResult.Healthy("containers can run", data) : new HealthCheckResult(failureStatus, failure, exception: null, data);
    }
}
