using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

/// <summary>What registries.conf and --tls-verify change about a pull.</summary>
[TestFixture]
public sealed class MirrorTests
{
    private const string Mirrored = "[[registry]]\nlocation = 'registry.test'\n[[registry.mirror]]\nlocation = 'cdn.test/hub'\n";

    [Test]
    public async Task Mirror_ThatHasTheImage_ServesAllOfIt()
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        var image = registry.AddImage();
        var content = await registry.ResolveAsync();
        await registry.ReadBlobAsync(content.Manifest.Layers[0]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(content.Digest, Is.EqualTo(image.Digest));
            Assert.That(registry.Registry.Requests, Is.Empty);
            Assert.That(registry.Cdn.Requests.Select(one => one.Path), Is.All.StartWith("/v2/hub/app/"));
        }
    }

    [TestCase(404)]
    [TestCase(401)]
    [TestCase(500)]
    [TestCase(0)]
    public async Task Mirror_ThatFails_IsPassedOver(int status)
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored), Login = new("bob", Secret) };
        registry.OnCdn = _ => status == 0 ? new Reply { Raw = "junk"u8.ToArray() } : new Reply(status).With("WWW-Authenticate", "Basic realm=x");
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
        Assert.That(registry.Cdn.Requests.Select(one => one.Header("Authorization")), Is.All.Null, "a login is for the registry it was made for");
    }

    [Test]
    public async Task Mirror_WithOtherBytes_IsPassedOver()
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        var image = registry.AddImage();
        registry.OnCdn = _ => Reply.Json("""{"schemaVersion":2,"config":{},"layers":[]}""");
        Assert.That((await registry.ResolveAsync("app@" + image.Digest)).Digest, Is.EqualTo(image.Digest));
    }

    [Test]
    public async Task Mirror_WithoutABlob_LeavesItToTheNext()
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        registry.AddImage();
        registry.OnCdn = request => request.Path.Contains("/manifests/", StringComparison.Ordinal) ? null : new Reply(404);
        var content = await registry.ResolveAsync();
        Assert.That(await registry.ReadBlobAsync(content.Manifest.Layers[0]), Is.Not.Empty);
    }

    [Test]
    public async Task Error_OfTheRegistryItself_IsWhatCounts()
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Is.EqualTo("cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/manifests/1: 404 MANIFEST_UNKNOWN: not found or no access"));
        Assert.That(registry.Log, Has.Some.Contains("mirror 'cdn.test/hub/app:1'"));
    }

    [Test]
    public async Task Blocked_IsNotAsked()
    {
        using var registry = new ScriptedRegistry { Policy = Policy("[[registry]]\nlocation = 'registry.test/app'\nblocked = true") };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That((error!.Message, error.Hint), Is.EqualTo(("cannot pull 'registry.test/app:1': 'registry.test/app' is blocked", "by 'registries.conf'")));
        Assert.That(registry.Registry.Requests, Is.Empty);
    }

    [TestCase("", null, false)]
    [TestCase("[[registry]]\nlocation = 'registry.test'\ninsecure = true", null, true)]
    [TestCase("[[registry]]\nlocation = 'registry.test'\ninsecure = true", true, false)]
    [TestCase("", false, true)]
    public async Task R22_Insecure_TakesAnyCertificateAndPlainHttp(string conf, bool? verifies, bool works)
    {
        using var unknown = new ScriptedRegistry { Trusted = Certificate.Make().Authority, Policy = Policy(conf), Verifies = verifies };
        using var plain = new ScriptedRegistry(tls: false);
        using var clear = new ScriptedRegistry { Policy = Policy(conf), Verifies = verifies };
        clear.Redial("registry.test", plain.Registry.Port);
        unknown.AddImage();
        plain.AddImage();
        foreach (var registry in (ScriptedRegistry[])[unknown, clear])
        {
            Assert.That(async () => await registry.ResolveAsync(), works ? Throws.Nothing : Throws.TypeOf<RegistryException>().With.Message.Contains("TLS"));
        }
    }

    [Test]
    public async Task Insecure_IsForTheMarkedHostAlone()
    {
        using var registry = new ScriptedRegistry { Trusted = Certificate.Make().Authority, Policy = Policy("[[registry]]\nlocation = 'registry.test'\ninsecure = true"), Login = new("bob", Secret) };
        registry.RequireToken();
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Does.Contain("https://auth.test/token: TLS: the server's certificate is signed by an unknown authority"));
        Assert.That(registry.Auth.Requests, Is.Empty);
    }

    private static RegistriesPolicy Policy(string text) => new(RegistriesReader.Read(text, "registries.conf"));
}
