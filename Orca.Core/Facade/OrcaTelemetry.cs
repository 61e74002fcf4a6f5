using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Orca;

/// <summary>The activity source and the meter <c>Orca</c>. Without listeners they cost next to nothing.</summary>
internal static class OrcaTelemetry
{
    /// <summary>The name of both.</summary>
    internal const string Name = "Orca";

    private static readonly ActivitySource s_source = new(Name);
    private static readonly Meter s_meter = new(Name);
    private static readonly Counter<long> s_starts = s_meter.CreateCounter<long>("orca.container.starts", "{container}", "Containers whose command ran.");
    private static readonly Counter<long> s_failures = s_meter.CreateCounter<long>("orca.container.start.failures", "{container}", "Containers that could not be started, or did not get ready.");
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram<double>("orca.container.start.duration", "s", "From the call to the running command, a pull included.");

    /// <summary>Observes a pull.</summary>
    internal static Task PullAsync(string image, Func<Task> pull) => ObserveAsync("pull", image, async _ =>
    {
        await pull().ConfigureAwait(false);
        return true;
    });

    /// <summary>Observes and counts a start.</summary>
    internal static async Task<RunningContainer> StartAsync(string image, TimeProvider time, Func<Task<RunningContainer>> start)
    {
        var began = time.GetTimestamp();
        try
        {
            var container = await ObserveAsync("start", image, async activity =>
            {
                var one = await start().ConfigureAwait(false);
                activity?.SetTag("orca.container.name", one.Info.Name);
                return one;
            }).ConfigureAwait(false);
            s_starts.Add(1);
            s_duration.Record(time.GetElapsedTime(began).TotalSeconds);
            return container;
        }
        catch
        {
            s_failures.Add(1);
            throw;
        }
    }

    private static async Task<T> ObserveAsync<T>(string name, string image, Func<Activity?, Task<T>> work)
    {
        using var activity = s_source.StartActivity(name);
        activity?.SetTag("orca.image", image);
        try
        {
            return await work(activity).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }
}
