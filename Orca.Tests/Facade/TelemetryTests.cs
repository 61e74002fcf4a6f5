using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using NUnit.Framework;
using Orca.Core.Errors;

namespace Orca.Tests.Facade;

[TestFixture]
[NonParallelizable]
internal sealed class TelemetryTests
{
    [Test]
    public async Task Listeners_HearOfStartsAndFailures()
    {
        using var real = new RealOrca();
        var (activities, counts) = (new ConcurrentQueue<Activity>(), new ConcurrentDictionary<string, double>());
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Orca",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener();
        meters.InstrumentPublished = static (instrument, one) =>
        {
            if (instrument.Meter.Name == "Orca")
            {
                one.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => counts.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => counts.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        meters.Start();

        await real.Orca.RunAsync("busybox", ["/bin/true"]);
        Assert.That(() => real.Orca.RunAsync("busybox", ["nonesuch"]), Throws.TypeOf<SandboxException>());

        Assert.That(activities.Select(static one => (one.OperationName, one.Status, one.GetTagItem("orca.image"))), Is.EqualTo(
        [
            ("start", ActivityStatusCode.Unset, (object)"docker.io/library/busybox:latest"),
            ("start", ActivityStatusCode.Error, (object)"docker.io/library/busybox:latest"),
        ]));
        Assert.That((counts["orca.container.starts"], counts["orca.container.start.failures"]), Is.EqualTo((1, 1)));
        Assert.That(counts["orca.container.start.duration"], Is.GreaterThan(0).And.LessThan(60));
    }
}
