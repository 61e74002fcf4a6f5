using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Archives;
using Orca.Registry.Remote;
using Orca.Registry.Store;
using Orca.Tests.Cli;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Remote;

/// <summary>R24: what comes too slowly to be worth the wait, wherever bytes are waited for.</summary>
[TestFixture]
public sealed class MinimumThroughputTests
{
    [TestCase(1, 1, 60)]
    [TestCase(1, 255, 60)]
    [TestCase(1, 256, null)]
    [TestCase(59, 15_360, null)]
    [TestCase(30, 100, 60)]
    [TestCase(60, 1, 60)]
    [TestCase(61, 15_359, 61)]
    public void Require_OfAnEvenStream_StopsWhatBringsNextToNothingInAMinute(int every, int bytes, int? stops)
    {
        var time = new ManualTime();
        var pace = new MinimumThroughput(time);
        void Wait()
        {
            time.Advance(every);
            pace.Require(bytes);
        }

        for (var now = every; now < (stops ?? 600); now += every)
        {
            Assert.That(Wait, Throws.Nothing, $"second {now}");
        }

        Assert.That(Wait, stops is null ? Throws.Nothing : Throws.TypeOf<TransferException>().With.Message.EqualTo($"only {stops / every * bytes} bytes came in {stops} seconds"));
    }

    [Test]
    public void Require_FiveSlowMinutesInARow_AreFinal_AndAGoodOneForgivesThem()
    {
        var time = new ManualTime();
        var pace = new MinimumThroughput(time);
        TransferFault Slow()
        {
            time.Advance(60);
            return Assert.Throws<TransferException>(() => pace.Require(1))!.Fault;
        }

        Assert.That(Enumerable.Range(0, 4).Select(_ => Slow()), Is.All.EqualTo(TransferFault.Broken));
        pace.Require(MinimumThroughput.Least);
        Assert.That(Enumerable.Range(0, 5).Select(_ => Slow()), Is.EqualTo([.. Enumerable.Repeat(TransferFault.Broken, 4), TransferFault.Final]));
    }

    [Test]
    public void Require_TimeInWhichNobodyWaits_DoesNotCount()
    {
        var time = new ManualTime();
        var pace = new MinimumThroughput(time);
        for (var i = 0; i < 100; i++)
        {
            time.Advance(3600); // the disk's
            pace.Begin();
            pace.Require(1);
            pace.Hold();
        }
    }

    [TestCase("manifest", 5)]
    [TestCase("config", 5)]
    [TestCase("token", 5)]
    [TestCase("error", 1)]
    public async Task R24_DocumentThatComesByteByByte_IsGivenUp(string what, int tries)
    {
        using var registry = new ScriptedRegistry();
        registry.Time.OperationsTake = TimeSpan.FromSeconds(10);
        registry.AddImage();
        if (what == "token")
        {
            registry.RequireToken();
            registry.OnAuth = _ => Reply.Json($$"""{"token":"{{registry.Token}}"}""") with { Dribbles = true };
        }
        else
        {
            registry.OnRegistry = request => what == "error" ? new Reply(404) { Body = new byte[1000], Dribbles = true }
                : registry.Serve(request) with { Dribbles = request.Path.Contains(what == "config" ? "/blobs/" : "/manifests/", StringComparison.Ordinal) };
        }

        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, what == "error" ? Does.EndWith("404 NOT_FOUND: not found or no access (no login was sent)") : Does.Match(": only [0-9]+ bytes came in [67]0 seconds$"));
        Assert.That((what == "token" ? registry.Auth : registry.Registry).Requests.Count(one => what != "config" || one.Path.Contains("/blobs/", StringComparison.Ordinal)), Is.EqualTo(tries));
    }

    [TestCase("dribbles", "bytes came in")]
    [TestCase("breaks at the same place", "the connection broke")]
    public async Task R24_FileOfAnAddress_ThatNeverComesToItsEnd_IsGivenUp(string how, string said)
    {
        using var store = new TestStore();
        var time = new SkippingTime { OperationsTake = TimeSpan.FromSeconds(10) };
        var body = Encoding.ASCII.GetBytes(new string('x', 100_000));
        using var server = new ScriptedServer(_ => how == "dribbles" ? new Reply { Body = body, Dribbles = true }.With("ETag", "\"1\"") : new Reply { Body = body, CloseAt = 50_000 });
        store.OpenRoot().Open();
        using var spool = new Spool(new StagingArea(store.OpenRoot()), "cannot load 'x'", 1 << 20);
        var download = new UrlDownload(static () => new SocketsHttpHandler { UseProxy = false }, time, NullLogger.Instance);
        var error = await Assert.ThrowsAsync<RegistryException>(() => download.FetchAsync(new Uri($"http://127.0.0.1:{server.Port}/tree.tar"), spool, "cannot load 'x'", CancellationToken.None));
        Assert.That(error!.Message, Does.StartWith($"cannot load 'x': GET http://127.0.0.1:{server.Port}/tree.tar: ").And.Contain(said));
        Assert.That(server.Requests, Has.Count.InRange(5, 6));
    }
}
