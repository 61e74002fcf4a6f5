using NUnit.Framework;
using Orca.Cli.Output;
using Orca.Core.Images;
using static Orca.Tests.Cli.Output.PullViewTests;

namespace Orca.Tests.Cli.Output;

/// <summary>The last line of a pull: what was fetched, unpacked, or there before.</summary>
public sealed class PullSummaryTests
{
    private readonly ManualTime _time = new();

    [Test]
    public void Local_SaysWhatWasUnpacked()
    {
        var output = new RecordingOutput();
        var view = PullView.Create("./rootfs.tar", "auto", output, color: false, dumb: false, _time, isLocal: true);
        view.Start();
        view.Report(Layer(0, 1, PullStage.Waiting, 0, 2000));
        view.Report(Layer(0, 1, PullStage.Fetching, 2000, 2000));
        _time.Advance(1);
        view.Report(Layer(0, 1, PullStage.Done, 2000, 2000));
        view.Finish();
        Assert.That(output.Text, Is.EqualTo("loading ./rootfs.tar\nlayer 1 of 1 (aaaaaaaaaaaa) done, 2.00 kB\nloaded ./rootfs.tar: 1 layer, 2.00 kB unpacked in 1.0 s\n"));
    }

    [Test]
    public void AllFetchedByAnEarlierPull_IsNotSaidToHaveBeenThere()
    {
        var output = new RecordingOutput();
        var view = PullView.Create("a", "auto", output, color: false, dumb: false, _time);
        view.Report(Layer(0, 1, PullStage.Fetching, 1000, 1000));
        view.Report(Layer(0, 1, PullStage.Done, 1000, 1000));
        view.Finish();
        Assert.That(output.Text, Does.EndWith("pulled a: 1 layer, 1.00 kB unpacked in 0.0 ms; all had been fetched before\n"));
    }

    /// <summary>A pull of an image that is complete reports its layers as done, and nothing before.</summary>
    [TestCase(false, "pulled a: nothing to fetch, all was there (0.0 ms)\n")]
    [TestCase(true, "loaded a: the store had all of it (0.0 ms)\n")]
    public void CompleteImage_IsSaidToHaveBeenThere(bool isLocal, string last)
    {
        var output = new RecordingOutput();
        var view = PullView.Create("a", "auto", output, color: false, dumb: false, _time, isLocal);
        view.Report(Layer(0, 1, PullStage.Done, 1000, 1000));
        view.Finish();
        Assert.That(output.Text, Is.EqualTo(last));
    }
}
