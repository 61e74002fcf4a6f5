using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Logins;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

/// <summary>Where passwords and identity tokens go, and where they do not.</summary>
[TestFixture]
public sealed class LoginRulesTests
{
    private static readonly Credential Bob = new("bob", Secret);
    private static readonly string BobsHeader = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("bob:" + Secret));

    [TestCase("Basic realm=\"x\"")]
    [TestCase("Bearer realm=\"http://localhost:PORT/token\"")]
    public async Task Login_InTheClear_IsNotSentToAnotherUsersPort(string challenge)
    {
        using var registry = new ScriptedRegistry(tls: false) { Login = Bob, Token = "plain-token", PortProblem = port => $"another user listens on port {port}" };
        var header = challenge.Replace("PORT", $"{registry.Auth.Port}", StringComparison.Ordinal);
        registry.OnRegistry = _ => new Reply(401).With("WWW-Authenticate", header);
        registry.AddImage();
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Hint, Does.Contain("not sent, because another user listens on port").And.Contain("--tls-verify=false"));
            Assert.That(registry.Registry.Requests.Concat(registry.Auth.Requests).Select(r => r.Raw), Has.None.Contains("Basic "));
        }
    }

    [TestCase("Basic realm=\"x\"", null)]
    [TestCase("Bearer realm=\"http://localhost:PORT/token\"", null)]
    [TestCase("Basic realm=\"x\"", false)]
    public async Task Login_InTheClear_GoesToTheUsersOwnPortOrWhereHeInsists(string challenge, bool? verifies)
    {
        using var registry = new ScriptedRegistry(tls: false) { Login = Bob, Token = "plain-token", Verifies = verifies };
        registry.PortProblem = verifies is null ? registry.PortProblem : _ => "another user listens";
        var header = challenge.Replace("PORT", $"{registry.Auth.Port}", StringComparison.Ordinal);
        registry.OnRegistry = request => request.Header("Authorization") is { } sent && (sent == BobsHeader || sent == "Bearer plain-token") ? null : new Reply(401).With("WWW-Authenticate", header);
        registry.OnAuth = request => request.Header("Authorization") == BobsHeader ? null : new Reply(401);
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
    }

    [Test]
    public async Task Login_ForAPortOfThisMachine_DoesNotFollowItsRealmToAnotherUsersPort()
    {
        using var registry = new ScriptedRegistry(tls: false) { Login = Bob, Token = "plain-token" };
        var realm = registry.Auth.Port;
        registry.PortProblem = port => port == realm ? "another user listens" : null;
        registry.RequireToken($"Bearer realm=\"http://localhost:{realm}/token\",service=\"s\"");
        registry.AddImage();
        await registry.ResolveAsync();
        Assert.That(registry.Auth.Requests.Single().Header("Authorization"), Is.Null);
    }

    [TestCase(200)]
    [TestCase(404)]
    [TestCase(405)]
    public async Task R05_IdentityToken_IsPostedAndFallsBackToGet(int status)
    {
        using var registry = new ScriptedRegistry { Login = new Credential("bob", Secret, isToken: true), Token = "plain-token" };
        registry.RequireToken();
        registry.OnAuth = request => request.Method == "POST" && status != 200 ? new Reply(status) : Reply.Json("""{"access_token":"plain-token","refresh_token":"another"}""");
        registry.AddImage();
        await registry.ResolveAsync();
        var asked = registry.Auth.Requests.ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked.Select(one => one.Method), Is.EqualTo(status == 200 ? ["POST"] : (string[])["POST", "GET"]));
            Assert.That(asked[0].Target, Is.EqualTo("/token"));
            Assert.That(asked[0].Body, Is.EqualTo($"grant_type=refresh_token&client_id=orca&refresh_token={Secret}&service=registry.test&scope=repository%3Aapp%3Apull"));
            Assert.That(asked[^1].Header("Authorization"), status == 200 ? Is.Null : Is.EqualTo(BobsHeader));
            Assert.That(string.Join('\n', registry.Log), Does.Not.Contain(Secret));
        }
    }

    [TestCase(307, "https://cdn.test/token")]
    [TestCase(302, "https://auth.test/other")]
    public async Task R05_IdentityToken_IsNotTakenAlongByARedirect(int status, string location)
    {
        using var registry = new ScriptedRegistry { Login = new Credential("bob", Secret, isToken: true) };
        registry.RequireToken();
        registry.OnAuth = _ => new Reply(status).With("Location", location);
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.Contain("redirect"));
            Assert.That(error.ToString(), Does.Not.Contain(Secret));
            Assert.That(registry.Cdn.Requests, Is.Empty);
        }
    }
}
