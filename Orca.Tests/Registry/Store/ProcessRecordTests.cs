using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Registry.Store;

namespace Orca.Tests.Registry.Store;

/// <summary>A kept container remembers how its command is started and ended.</summary>
public sealed class ProcessRecordTests
{
    [Test]
    public void Options_ReadBackAsTheyWereWritten()
    {
        var options = new RunOptions { Network = new() { Pid = NamespaceMode.Host, HttpProxy = false }, Process = new() { Init = false, StopSignal = Signal.Parse("RTMIN+3"), Timeout = TimeSpan.FromSeconds(90) } };
        var read = ReadBack(options);
        Assert.That((read.Network.Pid, read.Process.Init, read.Process.StopSignal, read.Process.Timeout, read.Network.HttpProxy), Is.EqualTo((options.Network.Pid, options.Process.Init, options.Process.StopSignal, options.Process.Timeout, options.Network.HttpProxy)));
    }

    [Test]
    public void LaterRun_MaySayOtherwise()
    {
        var first = new RunOptions { Network = new() { Pid = NamespaceMode.Host }, Process = new() { Init = false, StopSignal = Signal.Kill, Timeout = TimeSpan.FromSeconds(90) } };
        var merged = first.OverriddenBy(new RunOptions { Network = new() { Pid = NamespaceMode.Own }, Process = new() { Init = true, StopSignal = Signal.Term, Timeout = TimeSpan.Zero } });
        Assert.That((merged.Network.Pid, merged.Process.Init, merged.Process.StopSignal, merged.Process.Timeout), Is.EqualTo(((NamespaceMode?)NamespaceMode.Own, (bool?)true, (Signal?)Signal.Term, (TimeSpan?)TimeSpan.Zero)));
        Assert.That(first.OverriddenBy(new RunOptions()).Process.Timeout, Is.EqualTo(TimeSpan.FromSeconds(90)));
    }

    [TestCase("0")]
    [TestCase("65")]
    public void Signal_ThatIsNone_MakesTheRecordUnreadable(string number)
    {
        var json = System.Text.Encoding.UTF8.GetString(ContainerRecordWriter.Write(Record(new RunOptions { Process = new() { StopSignal = Signal.Term } }), isKept: true));
        Assert.That(json, Does.Contain("\"stopSignal\":15"));
        Assert.That(ContainerRecordReader.Read(System.Text.Encoding.UTF8.GetBytes(json.Replace(":15", ":" + number, StringComparison.Ordinal))), Is.Null);
    }

    private static RunOptions ReadBack(RunOptions options) => ContainerRecordReader.Read(ContainerRecordWriter.Write(Record(options), isKept: true))!.Value.Record.Options;

    private static ContainerRecord Record(RunOptions options) => new()
    {
        Name = "work",
        Image = ImageReference.Parse("alpine"),
        ImageDigest = Digest.Parse("sha256:" + new string('a', 64)),
        Created = DateTimeOffset.UnixEpoch,
        Options = options,
    };
}
