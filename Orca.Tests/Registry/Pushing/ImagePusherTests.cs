using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Pushing;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Archives;

namespace Orca.Tests.Registry.Pushing;

/// <summary>Pushes to registries that do as the specification says, and to those that do not.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ImagePusherTests : IDisposable
{
    /// <summary>An image whose layer is sent in two pieces.</summary>
    private static readonly TestImage s_large = TestImage.Of(new TarBuilder().File("noise", Encoding.Latin1.GetString(Noise())).Build());

    private readonly LoadFixture _world = new();
    private readonly ScriptedRegistry _registry = new();
    private readonly UploadRegistry _uploads = new();
    private int _count;

    public ImagePusherTests() => _registry.OnRegistry = request => request.Path == "/v2/" ? null : _uploads.Serve(request);

    public void Dispose()
    {
        _registry.Dispose();
        _world.Dispose();
    }

    [Test]
    public async Task PushedImage_IsWhole_AndHasTheSameBytesEachTime()
    {
        var image = Large();
        var digest = await PushAsync(image);
        Assert.That(UploadRegistry.DigestOf(_uploads.Manifests["1"]), Is.EqualTo(digest.ToString()));
        Assert.That(_uploads.Blobs, Has.Count.EqualTo(2), "a config and a layer");
        var received = _uploads.Received;
        Assert.That(await PushAsync(image), Is.EqualTo(digest));
        Assert.That(_uploads.Received, Is.EqualTo(received), "what is there is not sent");
        _uploads.Blobs.Clear();
        Assert.That(await PushAsync(image), Is.EqualTo(digest));
    }

    [Test]
    public async Task Layers_ThatTheRegistryHas_KeepTheImageAsItWas()
    {
        var image = Large();
        foreach (var (digest, blob) in s_large.Blobs)
        {
            _uploads.Blobs[digest.ToString()] = blob;
        }

        Assert.That(await PushAsync(image), Is.EqualTo(image.Digest));
    }

    [Test]
    public async Task Layers_OfAnotherRepositoryOfTheRegistry_AreMounted()
    {
        var image = Large();
        _world.Images.Tag(_registry.Reference("other:1"), image.Digest);
        _uploads.Mountable.UnionWith(s_large.Blobs.Keys.Select(static layer => layer.ToString()));
        Assert.That(await PushAsync(_world.Images.Find(image.Digest)!), Is.EqualTo(image.Digest));
        Assert.That(_registry.Registry.Requests.Select(static request => Uri.UnescapeDataString(request.Target)), Has.Some.Contains("&from=other"));
    }

    [TestCase(500)]
    [TestCase(429)]
    [TestCase(503)]
    public async Task Piece_ThatFails_IsSentAgainFromWhereItStopped(int status)
    {
        Fault("PATCH", 2, request =>
        {
            _uploads.Append(Key(request), Encoding.Latin1.GetBytes(request.Body[..1000]));
            return new Reply(status).With("Retry-After", "2");
        });
        await PushAsync(Large());
        Assert.That(_uploads.Blobs, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Connection_ThatIsResetInAPiece_IsReplaced()
    {
        Fault("PATCH", 1, request =>
        {
            _uploads.Append(Key(request), Encoding.Latin1.GetBytes(request.Body[..7]));
            return new Reply { Raw = [] };
        });
        await PushAsync(Large());
        Assert.That(_uploads.Blobs, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Upload_ThatTheRegistryForgets_BeginsAnew()
    {
        Fault("PATCH", 2, _ =>
        {
            _uploads.Forget();
            return new Reply(404);
        });
        await PushAsync(Large());
        Assert.That(_uploads.Blobs, Has.Count.EqualTo(2));
    }

    [TestCase("0-99999999999")]
    [TestCase("0-5")]
    public void Range_ThatLies_IsRefused(string range)
    {
        Fault("PATCH", 2, _ => new Reply(202).With("Location", "/v2/app/blobs/uploads/x").With("Range", range));
        Assert.That(() => PushAsync(Large()), Throws.TypeOf<RegistryException>().With.Message.Contains("the registry says that it has"));
    }

    [Test]
    public void Registry_ThatTakesNothing_IsGivenUp()
    {
        _registry.OnRegistry = request => request.Method == "PATCH" ? new Reply(202).With("Location", request.Path).With("Range", "0-0") : _uploads.Serve(request);
        Assert.That(() => PushAsync(Large()), Throws.TypeOf<RegistryException>().With.Message.Contains("takes no more of sha256:"));
    }

    [TestCase("PATCH", 413, "413")]
    [TestCase("PUT", 507, "507")]
    [TestCase("POST", 403, "no access")]
    [TestCase("HEAD", 500, "500")]
    public void Refusal_IsSaid_WithTheRequest(string method, int status, string text)
    {
        _registry.OnRegistry = request => request.Method == method ? Reply.Json("""{"errors":[{"code":"DENIED","message":"too much"}]}""", status) : _uploads.Serve(request);
        Assert.That(() => PushAsync(Large()), Throws.TypeOf<RegistryException>().With.Message.StartsWith($"cannot push 'registry.test/app:1': {method} https://registry.test/v2/app/").And.Message.Contains(text));
        Assert.That(_uploads.Manifests, Is.Empty);
    }

    [Test]
    public void WrongDigest_IsAnError()
    {
        Fault("PUT", 1, _ => new Reply(201).With("Docker-Content-Digest", "sha256:" + new string('0', 64)));
        Assert.That(() => PushAsync(Large()), Throws.TypeOf<RegistryException>().With.Message.Contains("says that it stored"));
    }

    /// <summary>A token for reading does not open an upload: the challenge of the upload is answered, too.</summary>
    [Test]
    public async Task Token_IsAskedForAgain_WhereAnUploadNeedsMore()
    {
        _registry.Login = new Credential("me", ScriptedRegistry.Secret);
        _registry.OnAuth = request => Reply.Json($$"""{"token":"{{(request.Target.Contains("push", StringComparison.Ordinal) ? "write" : "read")}}"}""");
        _registry.OnRegistry = request => request.Header("Authorization") is "Bearer write" || (request.Method == "HEAD" && request.Header("Authorization") is "Bearer read") ? _uploads.Serve(request)
            : new Reply(401).With("WWW-Authenticate", $"Bearer realm=\"https://auth.test/token\",service=\"registry.test\",scope=\"repository:app:pull{(request.Method == "HEAD" ? "" : ",push")}\"");
        await PushAsync(Large());
        Assert.That(_uploads.Manifests, Has.Count.EqualTo(1));
        Assert.That(string.Concat(_registry.Log), Does.Not.Contain(ScriptedRegistry.Secret));
    }

    /// <summary>Registries let the bytes go to a store of their own: the login stays behind, and so do addresses with signatures.</summary>
    [Test]
    public async Task Upload_AtAnotherHost_GetsNoLogin()
    {
        _registry.Login = new Credential("me", ScriptedRegistry.Secret);
        _uploads.Prefix = "https://cdn.test";
        _registry.OnCdn = _uploads.Serve;
        _registry.OnRegistry = request => request.Header("Authorization") is null ? new Reply(401).With("WWW-Authenticate", "Basic realm=\"x\"") : _uploads.Serve(request);
        await PushAsync(Large());
        Assert.That(_registry.Cdn.Requests, Is.Not.Empty);
        Assert.That(_registry.Cdn.Requests.Select(static request => request.Header("Authorization")), Has.All.Null);
        Assert.That(string.Concat(_registry.Log), Does.Not.Contain(ScriptedRegistry.Secret));
    }

    [TestCase("http://cdn.test")]
    [TestCase("https://169.254.169.254")]
    [TestCase("ftp://cdn.test")]
    public void Upload_AtAForbiddenAddress_IsRefused(string prefix)
    {
        _uploads.Prefix = prefix;
        Assert.That(() => PushAsync(Large()), Throws.TypeOf<RegistryException>().With.Message.Contains("the redirect leads"));
    }

    [Test]
    public async Task Redirect_ThatKeepsTheMethod_IsFollowed()
    {
        Fault("PATCH", 1, request => new Reply(307).With("Location", $"https://registry.test{request.Target}"));
        await PushAsync(Large());
        Fault("PATCH", 1, request => new Reply(302).With("Location", $"https://registry.test{request.Target}"));
        _uploads.Blobs.Clear();
        Assert.That(() => PushAsync(Large()), Throws.TypeOf<RegistryException>().With.Message.Contains("change the request into another one"));
    }

    [Test]
    public void Gzip_HasTheSameBytes_AndIsReadBack([Values(0, 1, 1 << 20, 3_000_001)] int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        byte[] Compressed()
        {
            using var output = new MemoryStream();
            BlockGzip.Compress(new MemoryStream(bytes), part => output.Write(part.Span), default);
            return output.ToArray();
        }

        var (first, second) = (Compressed(), Compressed());
        Assert.That(first, Is.EqualTo(second));
        using var inflated = new MemoryStream();
        using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(first), System.IO.Compression.CompressionMode.Decompress);
        gzip.CopyTo(inflated);
        Assert.That(inflated.ToArray(), Is.EqualTo(bytes));
    }

    private StoredImage Large() => _world.Images.Find(s_large.Content.Digest) ?? _world.Add(s_large, "one:1");

    private static byte[] Noise()
    {
        var noise = new byte[6 << 20];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private Task<Digest> PushAsync(StoredImage image) =>
        new ImagePusher(_world.Root, _registry.Sessions, new Lazy<RegistriesPolicy>(static () => new RegistriesPolicy()), null).PushAsync(image, _registry.Reference(), null, default);

    /// <summary>Answers the n-th request of a method.</summary>
    private void Fault(string method, int n, Func<RecordedRequest, Reply> reply)
    {
        _count = 0;
        _registry.OnRegistry = request => request.Method == method && ++_count == n ? reply(request) : _uploads.Serve(request);
    }

    private static string Key(RecordedRequest request) => request.Path[(request.Path.LastIndexOf('/') + 1)..];
}
