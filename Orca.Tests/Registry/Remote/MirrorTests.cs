using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Pulling;
using Orca.Registry.Remote.Hosts;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

/// <summary>What registries.conf and --tls-verify change about a pull.</summary>
[TestFixture]
public sealed class MirrorTests
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 100_000).Select(static i => (byte)(i * 7 / 3))];

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
    public async Task Mirror_ThatDiesInTheMiddleOfALayer_LeavesTheRestToTheRegistry([Values(0, 1, 50_000, 99_999)] int at, [Values] bool reset, [Values] bool ranges)
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        var layer = registry.AddBlob(s_content);
        registry.OnCdn = DyingAt(registry, at, reset);
        registry.OnRegistry = request => ranges || !request.Path.EndsWith(layer.Digest.Hex, StringComparison.Ordinal) ? null : new Reply { Body = s_content };
        Assert.That(await registry.ReadBlobAsync(layer), Is.EqualTo(s_content));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(registry.Registry.Requests, Has.Count.EqualTo(1));
            Assert.That(reset || registry.Registry.Requests.Single().Header("Range") == (at == 0 ? null : $"bytes={at}-"), Is.True, "what is there is not asked for again");
            Assert.That(registry.Log, Has.Some.Contains("mirror 'cdn.test/hub/app:1'"));
        }

        Assert.That(await registry.ReadBlobAsync(registry.AddBlob([1, 2, 3])), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(registry.Registry.Requests, Has.Count.EqualTo(2), "the layers that follow do not ask the dead one");
    }

    [Test]
    public async Task Mirrors_ThatDieOneAfterTheOther_EachGiveWhatTheyCan()
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored + "[[registry.mirror]]\nlocation = 'auth.test/second'\n") };
        registry.OnCdn = DyingAt(registry, 30_000, reset: false);
        registry.OnAuth = DyingAt(registry, 30_000, reset: false);
        Assert.That(await registry.ReadBlobAsync(registry.AddBlob(s_content)), Is.EqualTo(s_content));
        Assert.That(registry.Auth.Requests.First().Header("Range"), Is.EqualTo("bytes=30000-"));
        Assert.That(registry.Registry.Requests.Single().Header("Range"), Is.EqualTo("bytes=60000-"));
    }

    [Test]
    public async Task Mirror_ThatDies_WhereTheRegistryIsDeadToo_IsTheRegistrysError()
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        registry.OnCdn = DyingAt(registry, 10, reset: false);
        registry.OnRegistry = static _ => new Reply(404);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ReadBlobAsync(registry.AddBlob(s_content)));
        Assert.That(error!.Message, Does.StartWith("cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/blobs/").And.Contain("404"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Mirror_ThatDiesInTheMiddleOfAPull_LeavesARightImage(bool lies)
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        using var store = new TestStore();
        var layer = registry.AddBlob(new TarBuilder().File("big", new string('x', 200_000)).Build());
        var config = registry.AddBlob(System.Text.Encoding.UTF8.GetBytes($$"""{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["{{layer.Digest}}"]} }"""), MediaTypes.OciConfig);
        var image = registry.AddManifest($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Json(config)}},"layers":[{{Json(layer)}}]}""");
        var dies = DyingAt(registry, 100_000, reset: false);
        registry.OnCdn = request =>
        {
            var reply = request.Path.EndsWith(layer.Digest.Hex, StringComparison.Ordinal) ? dies(request) : null;
            return lies && reply?.Body.Length > 100_000 ? reply with { Body = [.. reply.Body.Select(static one => (byte)(one ^ 1))] } : reply;
        };
        var (images, parts, _) = store.Open();
        var stored = await new ImagePuller(registry.Client, images, parts, registry.Time).PullAsync(registry.Reference(), new Platform("linux", "amd64"), null, CancellationToken.None);
        Assert.That(stored.Digest, Is.EqualTo(image.Digest));
        Assert.That(registry.Registry.Requests.Select(one => one.Header("Range")), Is.EqualTo(lies ? (string?[])["bytes=100000-", null] : ["bytes=100000-"]));
    }

    [Test]
    public async Task Mirror_ThatLiesAboutLayers_IsNotAskedAgain()
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        using var store = new TestStore();
        var layers = Enumerable.Range(0, 3).Select(i => registry.AddBlob(new TarBuilder().File($"layer{i}", "right").Build())).ToList();
        var ids = string.Join(',', layers.Select(static layer => $"\"{layer.Digest}\""));
        var config = registry.AddBlob(System.Text.Encoding.UTF8.GetBytes($$"""{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[{{ids}}]} }"""), MediaTypes.OciConfig);
        registry.AddManifest($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Json(config)}},"layers":[{{string.Join(',', layers.Select(static layer => Json(layer)))}}]}""");
        registry.OnCdn = request => layers.Exists(layer => request.Path.EndsWith(layer.Digest.Hex, StringComparison.Ordinal)) && registry.Serve(request) is var reply
            ? reply with { Body = [.. reply.Body.Select(static one => one == 'g' ? (byte)'G' : one)] } : null;
        var (images, parts, _) = store.Open();
        var stored = await new ImagePuller(registry.Client, images, parts, registry.Time).PullAsync(registry.Reference(), new Platform("linux", "amd64"), null, CancellationToken.None);
        Assert.That(TreeListing.Paths(Path.Combine(store.Root, stored.Rootfs)), Is.EqualTo("layer0 layer1 layer2"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(store.Root, stored.Rootfs, "layer0")), Is.EqualTo("right"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(registry.Registry.Requests.Select(one => one.Path[^64..]), Is.EquivalentTo(layers.Select(static layer => layer.Digest.Hex)), "each layer once");
            Assert.That(registry.Cdn.Requests.Count(one => one.Path.EndsWith(layers[2].Digest.Hex, StringComparison.Ordinal)), Is.EqualTo(1));
            Assert.That(registry.Log, Has.Some.EqualTo($"mirror 'cdn.test/hub/app:1': the bytes of {layers[2].Digest} are not the promised ones"));
        }
    }

    [Test]
    public async Task Error_OfTheRegistryItself_IsWhatCounts()
    {
        using var registry = new ScriptedRegistry { Policy = Policy(Mirrored) };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Is.EqualTo("cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/manifests/1: 404 MANIFEST_UNKNOWN: not found or no access (no login was sent)"));
        Assert.That(registry.Log, Has.Some.Contains("mirror 'cdn.test/hub/app:1'"));
    }

    [Test]
    public async Task Blocked_IsNotAsked()
    {
        using var registry = new ScriptedRegistry { Policy = Policy("[[registry]]\nlocation = 'registry.test/app'\nblocked = true") };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That((error!.Message, error.Hint), Is.EqualTo(("cannot pull 'registry.test/app:1': 'registry.test/app' is blocked by 'registries.conf'", (string?)null)));
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

    /// <summary>A server that breaks off at a byte and has nothing to say from then on.</summary>
    private static Func<RecordedRequest, Reply?> DyingAt(ScriptedRegistry registry, int at, bool reset)
    {
        var served = 0;
        return request => Interlocked.Increment(ref served) == 1 ? registry.Serve(request) with { CloseAt = at, Reset = reset } : new Reply { Raw = [], CloseAt = 0 };
    }

    private static RegistriesPolicy Policy(string text) => new(RegistriesReader.Read(text, "registries.conf"));
}
