using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Registry.Remote.Logins;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class AuthenticationTests
{
    private static readonly Credential Bob = new("bob", Secret);
    private static readonly string BobsHeader = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("bob:" + Secret));

    [TestCase("token")]
    [TestCase("access_token")]
    public async Task Bearer_Anonymous_AsksTheRealmOnce(string field)
    {
        using var registry = new ScriptedRegistry();
        registry.RequireToken();
        registry.OnAuth = _ => Reply.Json($$"""{"{{field}}":"{{registry.Token}}","expires_in":300}""");
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(registry.Auth.Requests, Has.Count.EqualTo(1));
            Assert.That(registry.Auth.Requests.First().Target, Is.EqualTo("/token?service=registry.test&scope=repository%3Aapp%3Apull"));
            Assert.That(registry.Auth.Requests.First().Header("Authorization"), Is.Null);
        }
    }

    [Test]
    public async Task Bearer_WithLogin_SendsItToTheRealmOnly()
    {
        using var registry = new ScriptedRegistry { Login = Bob, Token = "plain-token" };
        registry.RequireToken();
        registry.AddImage();
        await registry.ResolveAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(registry.Auth.Requests.Single().Header("Authorization"), Is.EqualTo(BobsHeader));
            Assert.That(registry.Registry.Requests.Select(r => r.Raw), Has.None.Contains("Basic"));
            Assert.That(string.Join('\n', registry.Log), Does.Not.Contain(Secret));
        }
    }

    [Test]
    public async Task Basic_OverTls_SendsTheLogin()
    {
        using var registry = new ScriptedRegistry { Login = Bob };
        registry.OnRegistry = request => request.Header("Authorization") == BobsHeader ? null : new Reply(401).With("WWW-Authenticate", "Basic realm=\"x\"");
        registry.AddImage();
        Assert.That(async () => await registry.ResolveAsync(), Throws.Nothing);
    }

    [Test]
    public async Task Bearer_InTheClearOnThisMachine_WorksAnonymously()
    {
        using var registry = new ScriptedRegistry(tls: false) { Token = "plain-token" };
        registry.RequireToken($"Bearer realm=\"http://localhost:{registry.Auth.Port}/token\",service=\"s\"");
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
    }

    [TestCase("""Bearer realm="https://auth.test/token" """)]
    [TestCase("""BEARER realm = "https://auth.test/token" """)]
    [TestCase("""Basic realm="x", Bearer realm="https://auth.test/token" """)]
    public void Bearer_HoweverItIsOffered_IsTaken(string challenge)
    {
        using var registry = new ScriptedRegistry();
        registry.RequireToken(challenge);
        registry.AddImage();
        Assert.That(async () => await registry.ResolveAsync(), Throws.Nothing);
    }

    [TestCase(null)]
    [TestCase("garbage")]
    [TestCase("Bearer realm=\"unterminated")]
    [TestCase("Bearer service=x")]
    [TestCase("Bearer realm=\"/token\"")]
    [TestCase("Bearer realm=\"http://auth.test/token\"")]
    [TestCase("Bearer realm=\"ftp://auth.test/token\"")]
    [TestCase("Bearer realm=\"file:///etc/passwd\"")]
    [TestCase("Bearer realm=\"javascript:alert(1)\"")]
    [TestCase("Bearer realm=\"https://user:pw@auth.test/token\"")]
    [TestCase("Bearer realm=\"https://169.254.169.254/token\"")]
    [TestCase("Bearer realm=\"https://127.0.0.1/token\"")]
    [TestCase("Negotiate")]
    public async Task Challenge_WithoutAnAcceptableRealm_IsAnErrorAndNothingIsSent(string? challenge)
    {
        using var registry = new ScriptedRegistry { Login = Bob };
        registry.OnRegistry = _ => challenge is null ? new Reply(401) : new Reply(401).With("WWW-Authenticate", challenge);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.Contain("401").Or.Contain("realm"));
            Assert.That(registry.Registry.Requests, Has.Count.EqualTo(1));
            Assert.That(registry.Auth.Requests, Is.Empty);
        }
    }

    [Test]
    public void Challenge_OfHostileLength_IsAnError()
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply(401).With("WWW-Authenticate", "Bearer realm=\"" + new string('x', 100 * 1024));
        Assert.That(async () => await registry.ResolveAsync(), Throws.TypeOf<RegistryException>().With.Message.Contains("headers"));
    }

    [Test]
    public async Task Token_ThatEndsInTheMiddleOfAPull_IsRenewedOnce()
    {
        using var registry = new ScriptedRegistry();
        registry.RequireToken();
        registry.AddImage();
        var content = await registry.ResolveAsync();
        registry.Token = Secret + "-second";
        await registry.ReadBlobAsync(content.Manifest.Layers[0]);
        Assert.That(registry.Auth.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Token_PastItsTime_IsNotSentAgain()
    {
        using var registry = new ScriptedRegistry();
        registry.RequireToken();
        registry.AddImage();
        var content = await registry.ResolveAsync();
        registry.Time.Advance(TimeSpan.FromSeconds(61));
        var before = registry.Registry.Requests.Count;
        await registry.ReadBlobAsync(content.Manifest.Layers[0]);
        Assert.That(registry.Registry.Requests.ElementAt(before).Header("Authorization"), Is.Null);
    }

    [Test]
    public async Task Token_ThatIsNeverGoodEnough_EndsTheAsking()
    {
        using var registry = new ScriptedRegistry();
        registry.OnRegistry = _ => new Reply(401).With("WWW-Authenticate", "Bearer realm=\"https://auth.test/token\"");
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Is.EqualTo("cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/manifests/1: 401 UNAUTHORIZED: not found or no access (no login was sent)"));
            Assert.That(error.Hint, Does.Contain("log in with").And.Contain("registry.test"));
            Assert.That(registry.Registry.Requests, Has.Count.LessThanOrEqualTo(3));
            Assert.That(registry.Auth.Requests, Has.Count.LessThanOrEqualTo(2));
        }
    }

    [TestCase(401)]
    [TestCase(403)]
    public async Task Login_ThatIsWrong_IsSaidWithoutThePassword(int status)
    {
        using var registry = new ScriptedRegistry { Login = Bob };
        registry.RequireToken();
        registry.OnAuth = _ => Reply.Json($$"""{"errors":[{"code":"DENIED","message":"{{Secret}}"}]}""", status);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.Contain($"GET https://auth.test/token: {status} DENIED").And.Contain("as user 'bob'").And.Not.Contain(Secret));
            Assert.That(error.ToString(), Does.Not.Contain(Secret).And.Not.Contain(BobsHeader[6..]));
            Assert.That(registry.Auth.Requests, Has.Count.EqualTo(1));
        }
    }

    [TestCase(401, "401 UNAUTHORIZED: not found or no access (as user 'bob')", "check the login for registry.test")]
    [TestCase(403, "403 FORBIDDEN: no access (as user 'bob')", "check the login for registry.test")]
    [TestCase(404, "404 NOT_FOUND: not found or no access (as user 'bob')", "check the name")]
    public async Task R06_Login_ThatOpensNothing_IsSaidToHaveBeenSent(int status, string said, string hint)
    {
        using var registry = new ScriptedRegistry { Login = Bob };
        registry.RequireToken();
        var asked = registry.OnRegistry!;
        registry.OnRegistry = request => asked(request) ?? new Reply(status);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That((error!.Message, error.Hint), Is.EqualTo(("cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/manifests/1: " + said, hint)));
    }

    [TestCase("{}", "no token")]
    [TestCase("""{"token":""}""", "no token")]
    [TestCase("""{"token":null,"access_token":null}""", "no token")]
    [TestCase("""{"token":"a\r\nX-Evil: 1"}""", "header")]
    [TestCase("""{"token":"a b"}""", "header")]
    [TestCase("""{"token":7}""", "token")]
    [TestCase("<html>", "JSON")]
    public void TokenServer_ThatTalksNonsense_IsAnError(string body, string cause)
    {
        using var registry = new ScriptedRegistry();
        registry.RequireToken();
        registry.OnAuth = _ => Reply.Json(body);
        Assert.That(async () => await registry.ResolveAsync(), Throws.TypeOf<RegistryException>().With.Message.Contains(cause));
    }

    [Test]
    public void TokenServer_ThatNeverStopsTalking_IsCutOff()
    {
        using var registry = new ScriptedRegistry();
        registry.RequireToken();
        registry.OnAuth = _ => new Reply { Body = new byte[64 * 1024], Endless = true };
        Assert.That(async () => await registry.ResolveAsync(), Throws.TypeOf<RegistryException>().With.Message.Contains("limit of 1 MiB"));
    }

    [TestCase("https://10.0.0.1/token")]
    [TestCase("https://169.254.169.254/token")]
    [TestCase("http://auth.test/token")]
    [TestCase("https://localhost/token")]
    public void TokenServer_ThatRedirectsInside_IsRefused(string location)
    {
        using var registry = new ScriptedRegistry { Login = Bob };
        registry.RequireToken();
        registry.OnAuth = _ => new Reply(302).With("Location", location);
        Assert.That(async () => await registry.ResolveAsync(), Throws.TypeOf<RegistryException>().With.Message.Contains("redirect"));
    }

    [Test]
    public async Task TokenServer_ThatRedirectsElsewhere_DoesNotTakeTheLoginAlong()
    {
        using var registry = new ScriptedRegistry { Login = Bob, Token = "plain-token" };
        registry.RequireToken();
        registry.OnAuth = _ => new Reply(302).With("Location", "https://cdn.test/token");
        registry.OnCdn = request => request.Path == "/token" ? Reply.Json("""{"token":"plain-token"}""") : null;
        registry.AddImage();
        await registry.ResolveAsync();
        Assert.That(registry.Cdn.Requests.Single().Header("Authorization"), Is.Null);
    }

    [Test]
    public async Task Redirect_OfABlob_LeavesTheAuthorizationBehind()
    {
        using var registry = new ScriptedRegistry { Login = Bob };
        registry.RequireToken();
        registry.RedirectBlobs(query: "?x=y");
        registry.AddImage();
        var content = await registry.ResolveAsync();
        await registry.ReadBlobAsync(content.Manifest.Layers[0]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(registry.Cdn.Requests, Is.Not.Empty);
            Assert.That(registry.Cdn.Requests.Select(r => r.Raw), Has.None.Contains(Secret).And.None.Contains("Authorization").And.None.Contains("Cookie"));
        }
    }

    [Test]
    public async Task Redirect_ToAServerThatWantsAToken_GetsOneOfItsOwn()
    {
        using var registry = new ScriptedRegistry { Login = Bob };
        registry.RequireToken();
        registry.RedirectBlobs(query: "");
        registry.OnAuth = request => Reply.Json($$"""{"token":"{{(request.Target.Contains("service=cdn", StringComparison.Ordinal) ? "cdn-token" : registry.Token)}}"}""");
        registry.OnCdn = request => request.Header("Authorization") == "Bearer cdn-token" ? null
            : new Reply(401).With("WWW-Authenticate", "Bearer realm=\"https://auth.test/token\",service=\"cdn\"");
        registry.AddImage();
        var content = await registry.ResolveAsync();
        await registry.ReadBlobAsync(content.Manifest.Layers[0]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(registry.Cdn.Requests.Select(r => r.Raw), Has.None.Contains(Secret));
            Assert.That(registry.Auth.Requests.Where(r => r.Target.Contains("service=cdn", StringComparison.Ordinal)).Select(r => r.Header("Authorization")), Is.All.Null);
        }
    }

    [Test]
    public async Task Token_OfOneRepository_IsNotUsedForAnother()
    {
        using var registry = new ScriptedRegistry();
        registry.RequireToken();
        registry.AddImage();
        await registry.ResolveAsync();
        var before = registry.Registry.Requests.Count;
        await registry.ResolveAsync("other:1");
        Assert.That(registry.Registry.Requests.ElementAt(before).Header("Authorization"), Is.Null);
    }

    [Test]
    public async Task Token_ForManyBlobsAtOnce_IsFetchedOnce()
    {
        using var registry = new ScriptedRegistry();
        registry.RequireToken();
        var blobs = Enumerable.Range(0, 8).Select(i => registry.AddBlob([(byte)i, 1, 2, 3], MediaTypes.OciLayer)).ToList();
        var contents = await Task.WhenAll(blobs.Select(blob => registry.ReadBlobAsync(blob)));
        Assert.That(contents.Select(c => c[0]), Is.EqualTo(Enumerable.Range(0, 8)));
        Assert.That(registry.Auth.Requests, Has.Count.EqualTo(1));
    }
}
