using NUnit.Framework;
using Orca.Cli.Output;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Tests.Cli.Output;

/// <summary>How a pull shows itself.</summary>
public sealed class PullViewTests
{
    private readonly ManualTime _time = new();
    private readonly RecordingOutput _output = new();

    [SetUp]
    public void Reset() => _output.Writes.Clear();

    [Test]
    public void Plain_SaysStartLayersAndEnd()
    {
        var output = new RecordingOutput();
        var view = PullView.Create("alpine:latest", "auto", output, color: true, dumb: false, _time);
        view.Start();
        view.Report(Layer(0, 2, PullStage.Fetching, 0, 3_000_000));
        view.Report(Layer(0, 2, PullStage.Fetching, 1_000_000, 3_000_000));
        view.Tick();
        view.Report(Layer(1, 2, PullStage.Waiting, 0, 500));
        view.Report(Layer(1, 2, PullStage.Done, 500, 500));
        _time.Advance(2);
        view.Report(Layer(0, 2, PullStage.Applying, 3_000_000, 3_000_000));
        view.Report(Layer(0, 2, PullStage.Done, 3_000_000, 3_000_000));
        view.Finish();
        Assert.That(output.Text, Is.EqualTo("""
            pulling alpine:latest
            layer 2 of 2 (bbbbbbbbbbbb) done, 500 B
            layer 1 of 2 (aaaaaaaaaaaa) done, 3.00 MB
            pulled alpine:latest: 2 layers, 3.00 MB in 2.0 s (1.50 MB/s)

            """));
    }

    [Test]
    public void Plain_NothingFetched_SaysSo()
    {
        var output = new RecordingOutput();
        var view = PullView.Create("alpine:latest", "auto", output, color: false, dumb: false, _time);
        view.Finish();
        Assert.That(output.Text, Is.EqualTo("pulled alpine:latest: nothing to fetch, all was there (0.0 ms)\n"));
    }

    [Test]
    public void Quiet_SaysNothing()
    {
        var output = new RecordingOutput { Terminal = (24, 80) };
        var view = PullView.Create("alpine:latest", "none", output, color: true, dumb: false, _time);
        view.Start();
        view.Report(Layer(0, 1, PullStage.Done, 1, 1));
        view.Finish();
        Assert.That(output.Writes, Is.Empty);
    }

    [Test]
    public void Live_DrawsBarRateAndTimeLeft()
    {
        var view = Live(24, 100);
        view.Report(Layer(0, 1, PullStage.Fetching, 0, 10_000_000));
        _time.Advance(1);
        view.Report(Layer(0, 1, PullStage.Fetching, 2_500_000, 10_000_000));
        Assert.That(_output.Writes[^1], Is.EqualTo(
            "\r\e[2A\e[Jpulling alpine:latest\n  aaaaaaaaaaaa  [======>                 ]  2.50 MB of 10.0 MB  2.50 MB/s  3.0 s left\n"));
    }

    [Test]
    public void Live_Stalled_ShowsItself()
    {
        var view = Live(24, 100);
        view.Report(Layer(0, 1, PullStage.Fetching, 0, 10_000_000));
        _time.Advance(1);
        view.Report(Layer(0, 1, PullStage.Fetching, 2_500_000, 10_000_000));
        _time.Advance(60);
        view.Tick();
        Assert.That(_output.Writes[^1], Does.Not.Contain("/s").And.Contain("2.50 MB of 10.0 MB"));
    }

    [Test]
    public void Live_ManyReports_AreDrawnTenTimesASecond()
    {
        var view = Live(24, 100);
        view.Report(Layer(0, 1, PullStage.Fetching, 0, 10_000_000));
        _output.Writes.Clear();
        for (var i = 0; i < 1000; i++)
        {
            _time.Advance(0.001);
            view.Report(Layer(0, 1, PullStage.Fetching, i * 1000, 10_000_000));
        }

        Assert.That(_output.Writes, Has.Count.InRange(8, 11));
    }

    [TestCase(24, 20)]
    [TestCase(24, 40)]
    [TestCase(5, 80)]
    [TestCase(3, 80)]
    [TestCase(1, 80)]
    public void Live_NeverWiderOrHigherThanTheTerminal(int rows, int columns)
    {
        var view = Live(rows, columns);
        for (var i = 0; i < 60; i++)
        {
            view.Report(Layer(i, 60, i % 3 == 0 ? PullStage.Done : PullStage.Fetching, 5_000_000, 10_000_000));
            _time.Advance(0.2);
            view.Tick();
        }

        foreach (var write in _output.Writes)
        {
            var lines = write[(write.IndexOf("\e[J", StringComparison.Ordinal) + 3)..].Split('\n');
            Assert.That(lines.Max(line => line.Length), Is.LessThan(columns));
            Assert.That(lines, Has.Length.LessThanOrEqualTo(Math.Max(rows, 4)));
        }
    }

    [Test]
    public void Live_FitsNamesOfWideCharacters()
    {
        var view = PullView.Create("./" + string.Concat(Enumerable.Repeat("日本", 20)), "tty", _output, color: false, dumb: false, _time, isLocal: true);
        _output.Terminal = (24, 40);
        view.Start();
        Assert.That(DisplayWidth.Of(_output.Writes[^1].Split('\n')[0]["\r\e[J".Length..]), Is.InRange(38, 39));
    }

    [Test]
    public void Live_LastLine_IsWhole()
    {
        var view = Live(24, 30);
        view.Report(Layer(0, 1, PullStage.Done, 2000, 2000));
        view.Finish();
        Assert.That(_output.Writes[^1], Does.EndWith("nothing to fetch, all was there (0.0 ms)\n"));
    }

    [Test]
    public void Live_Finished_LeavesOneLine()
    {
        var view = Live(24, 100);
        view.Report(Layer(0, 1, PullStage.Fetching, 0, 2000));
        _time.Advance(1);
        view.Report(Layer(0, 1, PullStage.Done, 2000, 2000));
        view.Finish();
        Assert.That(_output.Writes[^1], Is.EqualTo("\r\e[2A\e[Jpulled alpine:latest: 1 layer, 2.00 kB in 1.0 s (2.00 kB/s)\n"));
    }

    [Test]
    public void Live_Abandoned_LeavesNothing()
    {
        var view = Live(24, 100);
        view.Abandon();
        Assert.That(_output.Writes[^1], Is.EqualTo("\r\e[1A\e[J"));
    }

    [TestCase(true, "\e[32mdone")]
    [TestCase(false, "  done")]
    public void Live_Color_IsAsAsked(bool color, string expected)
    {
        var view = Live(24, 100, color);
        view.Report(Layer(0, 1, PullStage.Done, 2000, 2000));
        Assert.That(_output.Writes[^1], Does.Contain(expected));
    }

    [Test]
    public void Live_ManyLayers_HaveATotal()
    {
        var view = Live(24, 120);
        view.Report(Layer(0, 2, PullStage.Waiting, 0, 10_000_000));
        view.Report(Layer(1, 2, PullStage.Waiting, 0, 30_000_000));
        view.Report(Layer(0, 2, PullStage.Fetching, 0, 10_000_000));
        _time.Advance(1);
        view.Report(Layer(0, 2, PullStage.Fetching, 4_000_000, 10_000_000));
        view.Tick();
        Assert.That(_output.Writes[^1].Split('\n')[^4..], Is.EqualTo((string[])
        [
            "  aaaaaaaaaaaa  [=========>              ]  4.00 MB of 10.0 MB  4.00 MB/s  2.0 s left",
            "  bbbbbbbbbbbb  waiting   30.0 MB",
            "  total         [==>                     ]  4.00 MB of 40.0 MB  4.00 MB/s  9.0 s left",
            "",
        ]));
    }

    [Test]
    public void Live_ALayerThatHasCome_HasABarForItsUnpacking_AndNoTimeLeft()
    {
        var view = Live(24, 120);
        view.Report(Layer(0, 1, PullStage.Fetching, 0, 10_000_000));
        _time.Advance(1);
        view.Report(Layer(0, 1, PullStage.Fetching, 10_000_000, 10_000_000));
        Assert.That(_output.Writes[^1], Does.Contain("[========================]  10.0 MB of 10.0 MB  10.0 MB/s\n"), "nothing is left to fetch");
        view.Report(Layer(0, 1, PullStage.Applying, 10_000_000, 10_000_000));
        Assert.That(_output.Writes[^1], Does.Contain("  aaaaaaaaaaaa  fetched   10.0 MB\n"));
        _time.Advance(1);
        view.Report(Layer(0, 1, PullStage.Applying, 10_000_000, 10_000_000) with { Unpacked = 5_000_000 });
        Assert.That(_output.Writes[^1], Does.Contain("  aaaaaaaaaaaa  [############>           ]  5.00 MB of 10.0 MB unpacked\n"));
    }

    [Test]
    public void Note_InTheMiddle_StandsAboveThePicture()
    {
        var view = Live(24, 100);
        view.Interject(() => _output.Write("a note\n"));
        Assert.That(_output.Writes[^3..], Is.EqualTo(["\r\e[1A\e[J", "a note\n", "\r\e[Jpulling alpine:latest\n"]));
    }

    [Test]
    public void Json_IsOneObjectALine()
    {
        var output = new RecordingOutput();
        var view = PullView.Create("docker.io/library/a:1", "json", output, color: true, dumb: false, _time);
        view.Start();
        view.Report(Layer(0, 2, PullStage.Waiting, 0, 1000));
        view.Report(Layer(0, 2, PullStage.Fetching, 600, 1000));
        _time.Advance(2);
        view.Report(Layer(0, 2, PullStage.Applying, 1000, 1000) with { Unpacked = 250 });
        view.Report(Layer(0, 2, PullStage.Done, 1000, 1000));
        view.Finish(Digest.Parse("sha256:" + new string('c', 64)));
        var lines = output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines.Select(line => line.Replace(new string('a', 64), "A", StringComparison.Ordinal).Replace(new string('c', 64), "C", StringComparison.Ordinal)), Is.EqualTo((string[])
        [
            """{"event":"start","image":"docker.io/library/a:1"}""",
            """{"event":"layer","layer":"sha256:A","index":0,"count":2,"stage":"waiting","bytes":0,"total":1000}""",
            """{"event":"layer","layer":"sha256:A","index":0,"count":2,"stage":"fetching","bytes":600,"total":1000}""",
            """{"event":"layer","layer":"sha256:A","index":0,"count":2,"stage":"applying","bytes":1000,"total":1000,"unpacked":250}""",
            """{"event":"layer","layer":"sha256:A","index":0,"count":2,"stage":"done","bytes":1000,"total":1000}""",
            """{"event":"done","image":"docker.io/library/a:1","digest":"sha256:C","layers":1,"bytes":400,"seconds":2}""",
        ]));
    }

    [Test]
    public void Resumed_CountsOnlyWhatThisPullFetched()
    {
        var output = new RecordingOutput();
        var view = PullView.Create("a", "auto", output, color: false, dumb: false, _time);
        view.Report(Layer(0, 1, PullStage.Fetching, 900, 1000));
        _time.Advance(1);
        view.Report(Layer(0, 1, PullStage.Done, 1000, 1000));
        view.Finish();
        Assert.That(output.Text, Does.EndWith("pulled a: 1 layer, 100 B in 1.0 s (100 B/s)\n"));
    }

    [Test]
    public void Output_ThatIsGone_DoesNotFailThePull()
    {
        var output = new RecordingOutput { Failure = new OutputException(2, Errno.EPIPE) };
        var view = PullView.Create("a", "auto", output, color: false, dumb: false, _time);
        view.Start();
        view.Report(Layer(0, 1, PullStage.Done, 1, 1));
        Assert.That(() => view.Finish(), Throws.Nothing);
    }

    [Test]
    public void Reports_FromManyThreads_AreTakenWhole()
    {
        var view = Live(24, 100);
        Parallel.For(0, 4000, i => view.Report(Layer(i % 8, 8, (PullStage)(i / 8 % 3), i, 4000)));
        view.Finish();
        Assert.That(_output.Writes[^1], Does.Contain("8 layers"));
    }

    private PullView Live(int rows, int columns, bool color = false)
    {
        _output.Terminal = (rows, columns);
        var view = PullView.Create("alpine:latest", "auto", _output, color, dumb: false, _time);
        view.Start();
        return view;
    }

    internal static PullProgress Layer(int index, int count, PullStage stage, long bytes, long total)
        => new(Digest.Parse("sha256:" + new string("abcdef0123456789"[index % 16], 64)), index, count, stage, bytes, total);
}
