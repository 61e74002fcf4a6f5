using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class TlsTests
{
    [Test]
    public async Task Certificate_OfAnUnknownAuthority_IsRefusedWithAHint()
    {
        using var registry = new ScriptedRegistry { Trusted = Certificate.Make().Authority };
        await Refuses(registry, "TLS: the server's certificate is signed by an unknown authority", "SSL_CERT_FILE");
    }

    [Test]
    public async Task Certificate_SignedByItself_IsRefusedWithAHint()
    {
        using var registry = new ScriptedRegistry(certificate: Certificate.MakeSelfSigned("registry.test"));
        await Refuses(registry, "TLS: the server's certificate is signed by an unknown authority", "SSL_CERT_FILE");
        Assert.That(registry.Registry.Requests, Is.Empty);
    }

    [Test]
    public async Task Certificate_ThatHasExpired_IsRefused()
    {
        var (authority, server) = Certificate.Make(DateTimeOffset.UtcNow.AddDays(-20), DateTimeOffset.UtcNow.AddDays(-10));
        using var registry = new ScriptedRegistry(certificate: server) { Trusted = authority };
        await Refuses(registry, "has expired", "clock");
    }

    [Test]
    public async Task Certificate_OfTheFuture_PointsToTheClock()
    {
        var (authority, server) = Certificate.Make(DateTimeOffset.UtcNow.AddDays(10), DateTimeOffset.UtcNow.AddDays(20));
        using var registry = new ScriptedRegistry(certificate: server) { Trusted = authority };
        await Refuses(registry, "is not valid yet", "clock");
    }

    [Test]
    public async Task Certificate_OfAnotherHost_IsRefused()
    {
        var (authority, server) = Certificate.Make(null, null, "other.test");
        using var registry = new ScriptedRegistry(certificate: server) { Trusted = authority };
        await Refuses(registry, "for another host name", null);
    }

    [Test]
    public async Task R21_ServerThatKnowsOnlyTls10_IsRefused()
    {
        using var old = new TcpListener(IPAddress.Loopback, 0);
        old.Start();
        var serving = ServeTls10Async(old);
        using var registry = new ScriptedRegistry();
        registry.Redial("registry.test", ((IPEndPoint)old.LocalEndpoint).Port);
        await Refuses(registry, "the TLS handshake failed", "a TLS older than 1.2");
        old.Stop();
        await serving;
    }

    [Test]
    public async Task PlainHttp_BehindAnHttpsPort_IsNotTakenForAPublicRegistry()
    {
        using var plain = new ScriptedRegistry(tls: false);
        using var registry = new ScriptedRegistry();
        registry.Redial("registry.test", plain.Registry.Port);
        await Refuses(registry, "the TLS handshake failed", "plain http");
        Assert.That(plain.Registry.Requests, Is.Empty);
    }

    [Test]
    public async Task Localhost_OverTls_IsPreferred()
    {
        using var registry = new ScriptedRegistry(localTls: true);
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
    }

    [Test]
    public async Task Localhost_WithABadCertificate_DoesNotFallBackToPlainHttp()
    {
        using var registry = new ScriptedRegistry(localTls: true) { Trusted = Certificate.Make().Authority };
        await Refuses(registry, "unknown authority", "SSL_CERT_FILE");
        Assert.That(registry.Registry.Requests, Is.Empty);
    }

    [Test]
    public async Task Localhost_ThatIgnoresTls_IsAskedInTheClear()
    {
        using var registry = new ScriptedRegistry(tls: false);
        registry.Registry.IgnoresGarbage = true;
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
    }

    [Test]
    public async Task Localhost_IsAskedForTlsOnce()
    {
        using var registry = new ScriptedRegistry(tls: false);
        registry.AddImage();
        var content = await registry.ResolveAsync();
        await registry.ReadBlobAsync(content.Manifest.Layers[0]);
        await registry.ResolveAsync();
        Assert.That(registry.Registry.Garbage, Has.Count.EqualTo(1));
    }

    [TestCase("etc/ssl/certs/ca-certificates.crt", "SSL_CERT_FILE")]
    [TestCase("etc/pki/tls/certs/ca-bundle.crt", "SSL_CERT_FILE")]
    [TestCase("etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "SSL_CERT_FILE")]
    [TestCase("etc/ssl/ca-bundle.pem", "SSL_CERT_FILE")]
    [TestCase("var/lib/ca-certificates/ca-bundle.pem", "SSL_CERT_FILE")]
    [TestCase("etc/ssl/cert.pem", "SSL_CERT_FILE")]
    [TestCase("etc/ssl/certs/0123abcd.0", "SSL_CERT_DIR")]
    public void TrustStore_OfADistribution_IsFound(string path, string variable)
    {
        var root = Directory.CreateTempSubdirectory("orca-trust");
        try
        {
            var bundle = Path.Combine(root.FullName, path);
            Directory.CreateDirectory(Path.GetDirectoryName(bundle)!);
            File.WriteAllText(bundle, "authorities");
            var expected = variable == "SSL_CERT_FILE" ? bundle : Path.GetDirectoryName(bundle)!;
            Assert.That(TrustStore.Choose(_ => null, root.FullName), Is.EqualTo((variable, expected)));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [TestCase("SSL_CERT_FILE")]
    [TestCase("SSL_CERT_DIR")]
    public void TrustStore_TheUsersChoice_Wins(string variable) =>
        Assert.That(TrustStore.Choose(name => name == variable ? "/mine" : null, string.Empty), Is.Null);

    /// <summary>Chooses TLS 1.0 whatever the client offers: no library of today does that any more.</summary>
    private static async Task ServeTls10Async(TcpListener listener)
    {
        byte[] hello = [2, 0, 0, 38, 3, 1, .. new byte[32], 0, 0, 0x2f, 0]; // ServerHello, version 1.0, no session, TLS_RSA_WITH_AES_128_CBC_SHA
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                _ = await client.GetStream().ReadAsync(new byte[4096]);
                await client.GetStream().WriteAsync((byte[])[22, 3, 1, 0, (byte)hello.Length, .. hello]);
                _ = await client.GetStream().ReadAsync(new byte[4096]);
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException or IOException)
        {
            // The test is over, or the client left in the middle.
        }
    }

    private static async Task Refuses(ScriptedRegistry registry, string cause, string? hint)
    {
        registry.AddImage();
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Does.Contain(cause));
        Assert.That(error.Hint, hint is null ? Is.Null : Does.Contain(hint));
        Assert.That(registry.Time.Waits, Is.Empty, "there is no use in trying again");
    }
}
