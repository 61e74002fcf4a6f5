using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

/// <summary>Rows of the catalogue of hostile inputs that no other fixture of this folder holds.</summary>
[TestFixture]
public sealed class HostileRegistryTests
{
    [TestCase("app@DIGEST")]
    [TestCase("app:1@DIGEST")]
    public async Task D28_D29_PinnedDigest_WinsOverATagThatMoved(string name)
    {
        using var registry = new ScriptedRegistry();
        var pinned = registry.AddImage("amd64");
        registry.AddManifest(Index());
        Assert.That((await registry.ResolveAsync(name.Replace("DIGEST", pinned.Digest.ToString(), StringComparison.Ordinal))).Digest, Is.EqualTo(pinned.Digest));
        Assert.That(registry.Registry.Requests.Select(one => one.Path), Has.None.EndsWith("/manifests/1"));
    }

    [Test]
    public async Task D28_PinnedDigest_MayBeAnIndexs()
    {
        using var registry = new ScriptedRegistry();
        var image = registry.AddImage("amd64", tag: null);
        var index = registry.AddManifest(Index(Json(image, """{"os":"linux","architecture":"amd64"}""")), MediaTypes.OciIndex, tag: null);
        Assert.That((await registry.ResolveAsync($"app@{index.Digest}")).Digest, Is.EqualTo(image.Digest));
    }

    [TestCase("application/vnd.cncf.helm.config.v1+json")]
    [TestCase("application/vnd.oci.empty.v1+json")]
    [TestCase("application/vnd.wasm.config.v0+json")]
    [TestCase("application/vnd.dev.cosign.artifact.sig.v1+json")]
    public async Task D25_Artifact_IsRefusedByItsType(string type)
    {
        using var registry = new ScriptedRegistry();
        var config = registry.AddBlob("{}"u8.ToArray(), type);
        registry.AddManifest($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Json(config)}},"layers":[]}""");
        var error = await Assert.ThrowsAsync<ContentException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Is.EqualTo($"cannot pull 'registry.test/app:1': not a container image: type '{type}'"));
    }

    [TestCase("file:///etc/passwd")]
    [TestCase("http://cdn.test/blob")]
    [TestCase("https://cdn.test/blob")]
    [TestCase("https://169.254.169.254/latest")]
    [TestCase("unix:/run/docker.sock")]
    [TestCase("")]
    public async Task R13_R18_Urls_OfALayer_AreNeverAsked(string url)
    {
        using var registry = new ScriptedRegistry();
        var layer = registry.AddBlob("layer"u8.ToArray(), "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
        var config = registry.AddBlob(Encoding.UTF8.GetBytes($$"""{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["{{layer.Digest}}"]} }"""), MediaTypes.OciConfig);
        var urls = string.Join(',', Enumerable.Repeat($"\"{url}\"", 1000));
        registry.AddManifest($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Json(config)}},"layers":[{{Json(layer)[..^1]}},"urls":[{{urls}}]}]}""");
        var content = await registry.ResolveAsync();
        Assert.That(await registry.ReadBlobAsync(content.Manifest.Layers[0]), Is.EqualTo("layer"u8.ToArray()));
        registry.OnRegistry = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new Reply(404) : null;
        Assert.That(async () => await registry.ReadBlobAsync(content.Manifest.Layers[0]), Throws.TypeOf<RegistryException>().With.Message.Contains("404"));
        Assert.That(registry.Cdn.Requests, Is.Empty);
    }

    [TestCase("169.254.169.254")]
    [TestCase("2852039166")]
    [TestCase("0xa9fea9fe")]
    [TestCase("[fe80::1]")]
    [TestCase("[::ffff:169.254.169.254]")]
    [TestCase("[fd00:ec2::254]")]
    public async Task R19_LinkLocalAddress_IsRefusedWhenItIsDialled(string host)
    {
        using var handler = RegistryHandler.Create(new ProxyRules(null, null, new NoProxy("*")));
        using var client = new HttpClient(handler);
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://{host}/")));
        Assert.That(error!.ToString(), Does.Contain("the host has a link-local address"));
    }

    [Test]
    public async Task R34_Secrets_AreInNoErrorNoteOrLog([Values(401, 403, 404, 500, 429)] int status, [Values] bool isToken)
    {
        using var registry = new ScriptedRegistry { Login = new Credential("bob", Secret, isToken) };
        registry.RequireToken();
        registry.OnAuth = _ => new Reply(status).With("Retry-After", "60").With("WWW-Authenticate", $"Bearer realm=\"{Secret}\"");
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        var said = error + error!.Hint + string.Join('\n', registry.Log) + string.Join('\n', registry.Notes);
        Assert.That(said, Does.Not.Contain(Secret).And.Not.Contain(Convert.ToBase64String(Encoding.UTF8.GetBytes("bob:" + Secret))));
    }

    [Test]
    public async Task R30_Requests_AreHttp11_WhereNoGoawayCanCome()
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage();
        await registry.ResolveAsync();
        Assert.That(registry.Registry.Requests.Select(one => one.Raw.Split("\r\n")[0]), Is.All.EndWith(" HTTP/1.1"));
    }

    [Test]
    public void R01_TwoChallenges_AreBothRead([Values] bool basicFirst)
    {
        using var registry = new ScriptedRegistry();
        const string bearer = "Bearer realm=\"https://auth.test/token\"";
        registry.OnRegistry = request => request.Header("Authorization") == $"Bearer {registry.Token}" ? null
            : new Reply(401).With("WWW-Authenticate", basicFirst ? "Basic realm=x" : bearer).With("WWW-Authenticate", basicFirst ? bearer : "Basic realm=x");
        registry.AddImage();
        Assert.That(async () => await registry.ResolveAsync(), Throws.Nothing);
    }
}
