using System.Globalization;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class BlobStreamTests
{
    private static readonly byte[] Content = MakeContent();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(99_999)]
    [TestCase(100_000)]
    public async Task Read_FromAnOffset_GivesTheRest(int offset)
    {
        using var registry = new ScriptedRegistry();
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(Content), offset), Is.EqualTo(Content[offset..]));
        Assert.That(registry.Registry.Requests, Has.Count.EqualTo(offset == Content.Length ? 0 : 1));
    }

    [Test]
    public async Task Read_ConnectionBrokenAnywhere_Resumes([Values(0, 1, 50_000, 99_999)] int at, [Values] bool reset)
    {
        using var registry = new ScriptedRegistry();
        var requests = 0;
        registry.OnRegistry = request => requests++ == 0 ? registry.Serve(request) with { CloseAt = at, Reset = reset } : null;
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(Content)), Is.EqualTo(Content));
        Assert.That(registry.Registry.Requests, Has.Count.EqualTo(2));
        var range = registry.Registry.Requests.Last().Header("Range");
        Assert.That(reset || range == (at == 0 ? null : $"bytes={at}-"), Is.True, range); // a reset may take bytes with it that were sent
    }

    [Test]
    public async Task Read_ManyBreaks_GoOnAsLongAsBytesCome()
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = request => registry.Serve(request) is { Body.Length: > 10_000 } reply ? reply with { CloseAt = 10_000 } : null;
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(Content)), Is.EqualTo(Content));
        Assert.That(registry.Registry.Requests, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task Read_NoProgress_EndsAfterFiveTries()
    {
        using var registry = new ScriptedRegistry();
        var requests = 0;
        registry.OnRegistry = request => registry.Serve(request) with { CloseAt = requests++ == 0 ? 5 : 0 };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ReadBlobAsync(registry.AddBlob(Content)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.StartWith("cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/blobs/sha256:"));
            Assert.That(registry.Registry.Requests, Has.Count.EqualTo(5));
            Assert.That(registry.Time.Waits, Has.Count.EqualTo(4).And.Ordered);
        }
    }

    [Test]
    public async Task Read_ServerWithoutRanges_IsReadFromTheStart()
    {
        using var registry = new ScriptedRegistry();
        var requests = 0;
        registry.OnRegistry = request => new Reply { Body = Content, CloseAt = requests++ == 0 ? 70_000 : null };
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(Content)), Is.EqualTo(Content));
    }

    [TestCase("bytes 0-99999/100000")]
    [TestCase("bytes 5-99999/100000")]
    [TestCase("garbage")]
    [TestCase("bytes 70000-1/100000")]
    [TestCase("bytes -1--2/100000")]
    [TestCase("bytes 70000-99999999999999999999/100000")]
    [TestCase(null)]
    public async Task Read_AnotherRangeThanAskedFor_IsNotBelieved(string? range)
    {
        using var registry = new ScriptedRegistry();
        var blob = registry.AddBlob(Content);
        registry.OnRegistry = request => request.Header("Range") is null ? null
            : new Reply(206) { Body = Content[70_000..], Headers = range is null ? [] : [("Content-Range", range)] };
        Assert.That(await registry.ReadBlobAsync(blob, 70_000), Is.EqualTo(Content[70_000..]));
    }

    [TestCase("bytes 70000-99999/100001")]
    [TestCase("bytes 70000-70009/70010")]
    public void Read_RangeOfABlobOfAnotherSize_IsRefused(string range)
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply(206) { Body = Content[70_000..] }.With("Content-Range", range);
        Assert.That(async () => await registry.ReadBlobAsync(registry.AddBlob(Content), 70_000), Throws.TypeOf<ContentException>().With.Message.Contains("its manifest says 100000"));
    }

    [TestCase(-1)]
    [TestCase(1)]
    public void Read_BlobOfAnotherSize_IsRefused(int difference)
    {
        using var registry = new ScriptedRegistry();
        var blob = registry.AddBlob(Content) with { Size = Content.Length + difference };
        Assert.That(async () => await registry.ReadBlobAsync(blob), Throws.TypeOf<ContentException>());
    }

    [Test]
    public async Task Read_ServerThatRefusesRanges_IsReadFromTheStart()
    {
        using var registry = new ScriptedRegistry();
        var blob = registry.AddBlob(Content);
        registry.OnRegistry = request => request.Header("Range") is null ? null : new Reply(416);
        Assert.That(await registry.ReadBlobAsync(blob, 70_000), Is.EqualTo(Content[70_000..]));
    }

    [Test]
    public void Read_BlobThatEndsBeforeTheOffset_IsRefused()
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply(416);
        Assert.That(async () => await registry.ReadBlobAsync(registry.AddBlob(Content), 10), Throws.TypeOf<ContentException>().With.Message.Contains("ends before byte 10"));
    }

    [Test]
    public async Task Read_EndlessBody_GivesTheSizeAndNoMore()
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply { Body = Content, Endless = true };
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(Content)), Has.Length.EqualTo(Content.Length));
    }

    [Test]
    public async Task Read_WithoutContentLength_Resumes()
    {
        using var registry = new ScriptedRegistry();
        var requests = 0;
        registry.OnRegistry = request => registry.Serve(request) with { Length = -1, CloseAt = requests++ == 0 ? 1000 : null };
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(Content)), Is.EqualTo(Content));
    }

    [TestCase(null)]
    [TestCase(1000)]
    public async Task Read_ServerThatFallsSilent_IsAskedAgain(int? after)
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage();
        await registry.ResolveAsync();
        registry.Time.TimeoutsStrike = true;
        var requests = 0;
        registry.OnRegistry = request => requests++ == 0 ? registry.Serve(request) with { Silent = true, CloseAt = after } : null;
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(Content)), Is.EqualTo(Content));
        Assert.That(registry.Log, Has.Some.Contains("nothing came for 60 seconds"));
    }

    [Test]
    public async Task R24_ServerThatNeverAnswered_IsGivenUpAfterAMinute([Values] bool isTokenServer)
    {
        using var registry = new ScriptedRegistry();
        (registry.Time.TimeoutsStrike, registry.Time.StrikeAfter) = (true, 1000);
        if (isTokenServer)
        {
            registry.RequireToken();
            registry.OnAuth = _ => new Reply { Silent = true };
        }
        else
        {
            registry.OnRegistry = _ => new Reply { Silent = true };
        }

        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Does.EndWith(": nothing came for 60 seconds"));
        Assert.That((isTokenServer ? registry.Auth : registry.Registry).Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task R24_Read_ByteNowAndThen_EndsAfterFiveSlowMinutes([Values("dribbles", "breaks", "has no ranges")] string server)
    {
        using var registry = new ScriptedRegistry();
        registry.Time.OperationsTake = TimeSpan.FromSeconds(10);
        var requests = 0;
        registry.OnRegistry = request => server switch
        {
            "dribbles" => registry.Serve(request) with { Dribbles = true },
            "breaks" => registry.Serve(request) with { CloseAt = 1 },
            _ => new Reply { Body = Content, Dribbles = requests++ > 0, CloseAt = requests == 1 ? 20_000 : null },
        };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ReadBlobAsync(registry.AddBlob(Content)));
        Assert.That(error!.Message, Does.Match("^cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/blobs/sha256:[0-9a-f]{64}: only [0-9]+ bytes came in [6-8]0 seconds$"));
        Assert.That(registry.Log.Count(line => line.Contains("bytes came in", StringComparison.Ordinal)), Is.EqualTo(server == "has no ranges" ? 3 : 4), "each slow minute but the last is followed by another try; there one was spent on the break");
    }

    [Test]
    public async Task Read_Cancelled_EndsAtOnce([Values("headers", "body", "wait")] string where)
    {
        using var registry = new ScriptedRegistry();
        registry.Time.WaitsLast = true;
        registry.OnRegistry = request => where switch
        {
            "headers" => new Reply { Silent = true },
            "body" => registry.Serve(request) with { Silent = true, CloseAt = 10 },
            _ => new Reply(503),
        };
        using var cancel = new CancellationTokenSource(200);
        var start = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAsync(Is.InstanceOf<OperationCanceledException>(), () => registry.ReadBlobAsync(registry.AddBlob(Content), cancellationToken: cancel.Token));
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [TestCase("1", 1)]
    [TestCase("30", 30)]
    [TestCase("1000000000", 60)]
    [TestCase("99999999999999999999999999999999", 60)]
    [TestCase("Thu, 01 Jan 2026 00:00:20 GMT", 20)]
    [TestCase("Thu, 01 Jan 2099 00:00:00 GMT", 60)]
    [TestCase("Thu, 01 Jan 1970 00:00:00 GMT", null)]
    [TestCase("-5", null)]
    [TestCase("soon", null)]
    [TestCase(null, null)]
    public async Task Retry_RetryAfter_IsHonouredUpToAMinute(string? header, int? seconds)
    {
        using var registry = new ScriptedRegistry();
        var requests = 0;
        registry.OnRegistry = _ => requests++ > 0 ? null : header is null ? new Reply(429) : new Reply(429).With("Retry-After", header);
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(Content)), Is.EqualTo(Content));
        var wait = registry.Time.Waits.Single();
        Assert.That(wait, seconds is { } exact ? Is.EqualTo(TimeSpan.FromSeconds(exact)) : Is.InRange(TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(500)));
        Assert.That(registry.Log, Has.Some.Contains("status 429; trying again in " + wait.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s"));
    }

    [Test]
    public async Task Retry_TransientStatus_IsTriedFiveTimes([Values(408, 429, 500, 502, 503, 504)] int status)
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply(status);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ReadBlobAsync(registry.AddBlob(Content)));
        Assert.That(error!.Message, Does.Contain($": {status} "));
        Assert.That(registry.Registry.Requests, Has.Count.EqualTo(5));
    }

    [Test]
    public async Task Retry_FinalStatus_IsNotTriedAgain([Values(400, 403, 404, 405, 410, 451, 501)] int status)
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply(status);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ReadBlobAsync(registry.AddBlob(Content)));
        Assert.That(error!.Message, Does.Contain($": {status} "));
        Assert.That(registry.Registry.Requests, Has.Count.EqualTo(1));
    }

    private static byte[] MakeContent()
    {
        var content = new byte[100_000];
        new Random(3).NextBytes(content);
        return content;
    }
}
