using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;
using Orca.Registry.Remote;
using Orca.Registry.Remote.Hosts;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class ErrorTests
{
    [TestCase(404, """{"errors":[{"code":"MANIFEST_UNKNOWN","message":"x"}]}""", "404 MANIFEST_UNKNOWN: not found or no access (no login was sent)")]
    [TestCase(404, """{"errors":[{"code":"BLOB_UNKNOWN","message":"x"}]}""", "404 BLOB_UNKNOWN: the image names it, and it is not there")]
    [TestCase(404, "<html>not here</html>", "404 NOT_FOUND: not found or no access (no login was sent)")]
    [TestCase(404, "", "404 NOT_FOUND: not found or no access (no login was sent)")]
    [TestCase(401, """{"errors":[{"code":"UNAUTHORIZED"}]}""", "401 UNAUTHORIZED: not found or no access (no login was sent)")]
    [TestCase(403, """{"errors":[{"code":"DENIED"}]}""", "403 DENIED: no access (no login was sent)")]
    [TestCase(410, "", "410 GONE")]
    [TestCase(451, "", "451 UNAVAILABLE_FOR_LEGAL_REASONS")]
    [TestCase(400, """{"errors":[{"code":"NAME_INVALID","message":"bad \u001b[31m name"}]}""", "400 NAME_INVALID: 'bad \\x1b[31m name'")]
    [TestCase(418, """{"errors":[{"code":"\u001b[2J","message":7}]}""", "418 (of no known meaning)")]
    [TestCase(400, """{"errors":[{"code":"X","message":"cut o""", "400 X")]
    public async Task Status_BecomesOneLine(int status, string body, string expected)
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => Reply.Json(body, status);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Is.EqualTo("cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/manifests/1: " + expected));
    }

    [TestCase(404, false, true)]
    [TestCase(404, true, true)]
    [TestCase(401, false, true)]
    [TestCase(403, false, true)]
    [TestCase(401, true, false)]
    [TestCase(403, true, false)]
    [TestCase(429, false, false)]
    [TestCase(500, false, false)]
    [TestCase(0, false, false)]
    public async Task Absence_IsWhatTheRegistrySays_OfWhoAsksWithoutALogin(int status, bool withLogin, bool isAbsence)
    {
        using var registry = new ScriptedRegistry { Login = withLogin ? new("bob", Secret) : null };
        registry.OnRegistry = request => status == 0 ? new Reply { Raw = [], CloseAt = 0 }
            : withLogin && request.Header("Authorization") is null ? new Reply(401).With("WWW-Authenticate", "Basic realm=x") : new Reply(status);
        Assert.That((await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync()))!.IsAbsence, Is.EqualTo(isAbsence));
    }

    [TestCase("Retry-After", "7200", "come back in 2 hours (at 02:00 UTC), or log in with 'orca login registry.test'")]
    [TestCase("RateLimit-Limit", "100;w=21600", "it allows 100 pulls in 6 hours: come back later, or log in with 'orca login registry.test'")]
    [TestCase("X-Nothing", "1", "come back later, or log in with 'orca login registry.test'")]
    public async Task R28_TooManyRequests_SaysWhenToComeBack(string header, string value, string expected)
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply(429).With(header, value);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Hint, Is.EqualTo("the registry limits how often it may be asked; " + expected));
        Assert.That(registry.Notes, header == "Retry-After" ? Has.Some.Contains("trying again in 60 seconds") : Is.Empty);
    }

    [TestCase("20;w=21600", "100;w=21600", "registry.test lets 20 more pulls through, of 100 in 6 hours; 'orca login registry.test' raises that")]
    [TestCase("1;w=3600", "10;w=3600", "registry.test lets 1 more pull through, of 10 in 60 minutes; 'orca login registry.test' raises that")]
    [TestCase("0", null, "registry.test lets 0 more pulls through; 'orca login registry.test' raises that")]
    [TestCase("21;w=21600", "100;w=21600", null)]
    [TestCase("-1", "100", null)]
    [TestCase("99999999999999999999", "100", null)]
    public async Task Quota_ThatIsLow_IsShownOnce(string remaining, string? limit, string? expected)
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = request => registry.Serve(request).With("ratelimit-remaining", remaining).With("ratelimit-limit", limit ?? "none");
        registry.AddImage();
        await registry.ResolveAsync();
        Assert.That(registry.Notes, Is.EqualTo(expected is null ? [] : (string[])[expected]));
    }

    [Test]
    public async Task Body_OfAnError_IsCutOff()
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply(400) { Body = Encoding.UTF8.GetBytes("{\"errors\":[{\"message\":\"" + new string('x', 1 << 20)), Endless = true };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Has.Length.LessThan(500));
        Assert.That(registry.Registry.BytesSent, Is.LessThan(20 << 20));
    }

    [Test]
    public async Task Signature_InARedirect_IsNotShown([Values(403, 500, 0)] int status)
    {
        using var registry = new ScriptedRegistry();
        registry.RedirectBlobs();
        registry.OnCdn = _ => status == 0 ? new Reply { Raw = "garbage"u8.ToArray() } : new Reply(status);
        registry.AddImage();
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.ToString(), Does.Not.Contain(Secret));
            Assert.That(string.Join('\n', registry.Log), Does.Not.Contain(Secret));
            Assert.That(registry.Cdn.Requests.First().Target, Does.Contain(Secret));
        }
    }

    [TestCase("http://cdn.test/x", "from https to http")]
    [TestCase("https://169.254.169.254/x?token=CANARYSECRET", "link-local")]
    [TestCase("ftp://cdn.test/x", "something else than http")]
    [TestCase("https://u:CANARYSECRET@cdn.test/x", "user name")]
    [TestCase("https://registry.test/again", "more than 10 redirects")]
    [TestCase(null, "no valid address")]
    public async Task Redirect_AgainstTheRules_IsSaid(string? location, string cause)
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => location is null ? new Reply(307) : new Reply(307).With("Location", location);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Does.Contain(cause).And.Not.Contain(Secret));
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")]
    [TestCase("HTTP/1.1 99999 OK\r\n\r\n")]
    [TestCase("\0\0\0\0")]
    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [TestCase("")]
    public async Task Answer_ThatIsNotHttp_IsAnError(string raw)
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply { Raw = Encoding.Latin1.GetBytes(raw) };
        var error = await Assert.ThrowsAsync(Is.InstanceOf<OrcaException>(), () => registry.ResolveAsync());
        Assert.That(error!.Message, Does.StartWith("cannot pull 'registry.test/app:1': "));
        Assert.That(error.Message, Does.Not.Contain("net_"));
    }

    [Test]
    public async Task Host_ThatRefuses_IsSaidAtOnce()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var registry = new ScriptedRegistry();
        var start = TimeProvider.System.GetTimestamp();
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.Client.ResolveAsync(ImageReference.Parse($"localhost:{port}/x"), Platform.Current, default));
        Assert.That(error!.Message, Does.EndWith("/v2/x/manifests/latest: connection refused"));
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [TestCase(SocketError.NetworkUnreachable, "the network does not lead there")]
    [TestCase(SocketError.HostUnreachable, "the network does not lead there")]
    [TestCase(SocketError.TimedOut, "no answer in time")]
    [TestCase(SocketError.HostNotFound, "no such host")]
    [TestCase(SocketError.TryAgain, "the name server does not answer")]
    public void R23_WhatTheNetworkSays_IsSaidInWords_AndNotTriedAgain(SocketError error, string said)
    {
        var fault = TransferFaults.Explain(new HttpRequestException("runtime's", new SocketException((int)error)))!;
        Assert.That((fault.Message, fault.Fault, fault.Hint is null), Is.EqualTo((said, TransferFault.Unreachable, false)));
    }

    /// <summary>What OpenSSL's server says with TLS 1.3, when the handshake is over already.</summary>
    [Test]
    public async Task R23_ServerThatWantsACertificate_IsSaid_AndNotTriedAgain()
    {
        using var place = new CanaryTree(inMemory: true);
        var (_, certificate) = Certificate.Make();
        File.WriteAllText(place.Root + "/server.pem", certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        using var server = Process.Start(new ProcessStartInfo("openssl", ["s_server", "-accept", "127.0.0.1:0", "-cert", place.Root + "/server.pem", "-Verify", "1", "-www"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var line = await server.StandardOutput.ReadLineAsync();
            while (line is not null && !line.StartsWith("ACCEPT ", StringComparison.Ordinal))
            {
                line = await server.StandardOutput.ReadLineAsync();
            }

            using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.RawDataMemory.Span.SequenceEqual(shown!.GetRawCertData()) } });
            var error = await Assert.CatchAsync<HttpRequestException>(() => client.GetAsync(new Uri($"https://{line!["ACCEPT ".Length..]}/")));
            var fault = TransferFaults.Explain(error!)!;
            Assert.That((fault.Message, fault.Fault), Is.EqualTo(("the server takes no client without a certificate that it knows", TransferFault.Final)));
        }
        finally
        {
            server.Kill();
        }
    }

    /// <summary>A port whose queue is full answers nothing at all, as a black hole does.</summary>
    [Test]
    public async Task R23_AddressThatSwallowsEverything_DoesNotStopTheOther()
    {
        using var hole = new Socket(SocketType.Stream, ProtocolType.Tcp);
        hole.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        hole.Listen(0);
        var port = ((IPEndPoint)hole.LocalEndPoint!).Port;
        using var good = new TcpListener(IPAddress.Loopback, port);
        good.Start();
        var queued = Enumerable.Range(0, 4).Select(_ => new Socket(SocketType.Stream, ProtocolType.Tcp)).ToList();
        try
        {
            var connected = queued.Select(one => one.ConnectAsync(IPAddress.Parse("127.0.0.2"), port)).ToList();
            await Task.WhenAny(Task.WhenAll(connected), Task.Delay(200));
            Assume.That(connected.Any(one => !one.IsCompleted), "this kernel takes more than it was told to");
            using var socket = await Dialer.ConnectAsync([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback], port, CancellationToken.None);
            Assert.That(((IPEndPoint)socket.RemoteEndPoint!).Address, Is.EqualTo(IPAddress.Loopback));
        }
        finally
        {
            queued.ForEach(one => one.Dispose());
        }
    }

    [Test]
    public async Task Host_ThatDoesNotExist_IsSaid()
    {
        using var registry = new ScriptedRegistry();
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.Client.ResolveAsync(ImageReference.Parse("no-such-host.invalid/x"), Platform.Current, default));
        Assert.That(error!.Message, Does.Contain("no such host").Or.Contain("the name server does not answer"));
    }
}
