using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class ResolveTests
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task Resolve_ByTag_GivesManifestAndConfig(bool tls)
    {
        using var registry = new ScriptedRegistry(tls);
        var image = registry.AddImage();
        var content = await registry.ResolveAsync();
        Assert.Multiple(() =>
        {
            Assert.That(content.Digest, Is.EqualTo(image.Digest));
            Assert.That(content.Manifest.Layers, Has.Count.EqualTo(1));
            Assert.That(content.Config.Platform.Architecture, Is.EqualTo("amd64"));
        });
    }

    [Test]
    public async Task Resolve_OfAnIndex_TakesThePlatform()
    {
        using var registry = new ScriptedRegistry();
        var (arm, amd) = (registry.AddImage("arm64", null), registry.AddImage("amd64", null));
        var index = registry.AddManifest(Index(Json(arm, """{"os":"linux","architecture":"arm64","variant":"v8"}"""), Json(amd, """{"os":"linux","architecture":"amd64"}""")), MediaTypes.OciIndex);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(amd.Digest));
            Assert.That((await registry.ResolveAsync(platform: new Platform("linux", "arm64", "v8"))).Digest, Is.EqualTo(arm.Digest));
            Assert.That((await registry.ResolveAsync("app@" + index.Digest)).Digest, Is.EqualTo(amd.Digest));
            Assert.That((await registry.ResolveAsync("app:moved@" + amd.Digest)).Digest, Is.EqualTo(amd.Digest), "the digest wins over the tag");
        }
    }

    [Test]
    public void Resolve_NoImageForThePlatform_ListsWhatThereIs()
    {
        using var registry = new ScriptedRegistry();
        var arm = registry.AddImage("arm64", null);
        registry.AddManifest(Index(Json(arm, """{"os":"linux","architecture":"arm64"}"""), Json(arm, """{"os":"unknown","architecture":"unknown"}""")), MediaTypes.OciIndex);
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<ContentException>().With.Message.EqualTo("cannot pull 'registry.test/app:1': there is no image for linux/amd64, only for linux/arm64"));
    }

    [Test]
    public void Resolve_PlatformThatIsOnlyListed_IsNamed()
    {
        using var registry = new ScriptedRegistry();
        var arm = registry.AddImage("arm64", null);
        registry.AddManifest(Index(Json(arm, """{"os":"linux","architecture":"arm64"}"""), "{\"digest\":\"sha256:" + new string('0', 64) + "\",\"size\":3,\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}"), MediaTypes.OciIndex);
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<RegistryException>().With.Message.EqualTo(
            $"cannot pull 'registry.test/app:1': the image for linux/amd64 is only listed: the registry does not have its manifest 'sha256:{new string('0', 64)}'; the index lists linux/arm64, linux/amd64"));
    }

    [TestCase("""{"manifests":[]}""")]
    [TestCase("""{"manifests":null}""")]
    public void Resolve_EmptyIndex_IsRefused(string json)
    {
        using var registry = new ScriptedRegistry();
        registry.AddManifest(json, MediaTypes.OciIndex);
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<ContentException>());
    }

    [Test]
    public void Resolve_OfAnotherArchitecture_IsRefused()
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage("s390x");
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<ContentException>().With.Message.Contains("is for linux/s390x, not for linux/amd64"));
    }

    [TestCase(2, true)]
    [TestCase(100, false)]
    public void Resolve_NestedIndexes_HaveALimit(int depth, bool works)
    {
        using var registry = new ScriptedRegistry();
        var target = registry.AddImage("amd64", null);
        for (var i = 0; i < depth; i++)
        {
            target = registry.AddManifest(Index(Json(target)), MediaTypes.OciIndex);
        }

        Assert.That(() => registry.ResolveAsync(), works ? Throws.Nothing : Throws.TypeOf<ContentException>().With.Message.Contains("indexes"));
    }

    [Test]
    public async Task Resolve_ChangedBytes_AreRefused([Values("manifest", "index", "config")] string what, [Values] bool sameLength)
    {
        using var registry = new ScriptedRegistry();
        var image = registry.AddImage("amd64", null);
        var index = registry.AddManifest(Index(Json(image, """{"os":"linux","architecture":"amd64"}""")), MediaTypes.OciIndex);
        registry.OnRegistry = request =>
        {
            var matches = what switch { "manifest" => request.Path.EndsWith(image.Digest.ToString(), StringComparison.Ordinal), "index" => request.Path.EndsWith(index.Digest.ToString(), StringComparison.Ordinal), _ => request.Path.Contains("/blobs/", StringComparison.Ordinal) };
            if (!matches)
            {
                return null;
            }

            var reply = registry.Serve(request);
            var body = Encoding.UTF8.GetString(reply.Body).Replace("amd64", "amd65", StringComparison.Ordinal).Replace("schemaVersion\":2", "schemaVersion\":3", StringComparison.Ordinal);
            return reply with { Body = Encoding.UTF8.GetBytes(sameLength ? body : body + " ") };
        };
        var error = await Assert.ThrowsAsync<ContentException>(() => registry.ResolveAsync("app@" + index.Digest));
        Assert.That(error!.Message, Does.Contain("config" == what ? (sameLength ? "image config does not match its digest" : "bytes") : sameLength || what == "index" ? "manifest does not match its digest" : "instead of"));
    }

    [Test]
    public void Resolve_LayersAndDiffIds_MustBeAsMany()
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage(diffIds: 2);
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<ContentException>().With.Message.Contains("1 layers, the image config 2"));
    }

    [TestCase("text/plain", true)]
    [TestCase("application/json; charset=utf-8", true)]
    [TestCase("Application/Vnd.OCI.image.manifest.v1+json; x=y", true)]
    [TestCase(null, true)]
    [TestCase(MediaTypes.DockerManifest, false)]
    public void Resolve_ContentType_MustAgree(string? contentType, bool works)
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage();
        registry.OnRegistry = request => request.Path.Contains("/manifests/", StringComparison.Ordinal)
            ? registry.Serve(request) with { Headers = contentType is null ? [] : [("Content-Type", contentType)] } : null;
        Assert.That(() => registry.ResolveAsync(), works ? Throws.Nothing : Throws.TypeOf<ContentException>().With.Message.Contains("calls itself"));
    }

    [Test]
    public async Task Resolve_DigestHeader_IsNoIdentity()
    {
        using var registry = new ScriptedRegistry();
        var image = registry.AddImage();
        registry.OnRegistry = request => registry.Serve(request).With("Docker-Content-Digest", "sha256:" + new string('0', 64));
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
    }

    [Test]
    public void Resolve_EndlessManifest_IsCutOff()
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply { Body = new byte[64 * 1024], Endless = true };
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<ContentException>().With.Message.Contains("larger than the limit of 8 MiB"));
        Assert.That(registry.Registry.BytesSent, Is.LessThan(32 << 20));
    }

    [Test]
    public void Resolve_HugeConfig_IsNotFetched()
    {
        using var registry = new ScriptedRegistry();
        var config = registry.AddBlob([1], MediaTypes.OciConfig) with { Size = 64 << 20 };
        registry.AddManifest($$"""{"config":{{Json(config)}},"layers":[]}""");
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<ContentException>().With.Message.Contains("limit"));
        Assert.That(registry.Registry.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Resolve_SendsWhatARegistryNeedsToKnow()
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage();
        await registry.ResolveAsync();
        var request = registry.Registry.Requests.First();
        Assert.Multiple(() =>
        {
            Assert.That(request.Path, Is.EqualTo("/v2/app/manifests/1"));
            Assert.That(request.Header("Accept"), Does.Contain(MediaTypes.OciIndex).And.Contain(MediaTypes.DockerList).And.Contain(MediaTypes.OciManifest).And.Contain(MediaTypes.DockerManifest));
            Assert.That(request.Header("User-Agent"), Does.StartWith("orca/"));
            Assert.That(request.Header("Cookie"), Is.Null);
            Assert.That(request.Header("traceparent"), Is.Null);
        });
    }

    [Test]
    public async Task Resolve_BySha512_VerifiesIt([Values] bool isRight)
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage();
        var bytes = registry.Serve("/v2/app/manifests/1").Body;
        var digest = Digest.OfSha512(SHA512.HashData(isRight ? bytes : [1]));
        registry.OnRegistry = request => request.Path.EndsWith(digest.ToString(), StringComparison.Ordinal) ? registry.Serve("/v2/app/manifests/1") : null;
        if (isRight)
        {
            Assert.That((await registry.ResolveAsync("app@" + digest)).Digest, Is.EqualTo(digest));
        }
        else
        {
            Assert.That(async () => await registry.ResolveAsync("app@" + digest), Throws.TypeOf<ContentException>().With.Message.Contains("does not match its digest"));
        }
    }

    [Test]
    public async Task Resolve_ThatFails_LeavesNoDescriptor()
    {
        using var registry = new ScriptedRegistry();
        var image = registry.AddImage();
        var layer = (await registry.ResolveAsync()).Manifest.Layers[0];
        var replies = new Reply[] { new(404), new(200) { Body = [1, 2, 3] }, new(200) { Body = [1], Length = 100, CloseAt = 1 }, new(307), new(401), new(200) { Raw = [0] }, new(503) };
        var number = 0;
        registry.OnRegistry = _ => replies[number % replies.Length];
        for (; number < 10 * replies.Length; number++)
        {
            Assert.That(async () => await registry.ResolveAsync("app@" + image.Digest), Throws.InstanceOf<OrcaException>());
            Assert.That(async () => await registry.ReadBlobAsync(layer), Throws.InstanceOf<OrcaException>());
        }

        // Each server of this test holds the other ends; a leak of one per pull would show as 140.
        Assert.That(Directory.GetFiles("/proc/self/fd"), Has.Length.LessThan(Baseline + 60));
    }

    private static readonly int Baseline = Directory.GetFiles("/proc/self/fd").Length;
}
