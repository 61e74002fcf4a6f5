using System.Net;
using System.Text;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>What stands between orca and the blobs: tokens, redirects, logins, broken connections.</summary>
[Category("EndToEnd")]
public sealed class RegistryTests
{
    private const string Token = "a-token-of-the-test";

    [Test]
    public void Redirect_ToAnotherHost_GetsNoAuthorization()
    {
        using var elsewhere = new LoopbackServer(LoopbackServer.Pass);
        using var registry = new LoopbackServer(context => AskForToken(context, () =>
        {
            if (context.Request.RawUrl!.Contains("/blobs/", StringComparison.Ordinal))
            {
                context.Response.StatusCode = (int)HttpStatusCode.TemporaryRedirect;
                context.Response.RedirectLocation = $"http://127.0.0.1:{elsewhere.Port}{context.Request.RawUrl}";
                return;
            }

            LoopbackServer.Pass(context);
        }));
        using var home = new Home();

        home.Orca("run", $"localhost:{registry.Port}/busybox", "echo", "redirected").Run().Prints("redirected");

        Assert.That(elsewhere.Seen, Is.Not.Empty);
        Assert.That(elsewhere.Seen.Select(one => one.Authorization), Is.All.EqualTo("-"));
        Assert.That(registry.Seen.Where(one => one.Request.Contains("/blobs/", StringComparison.Ordinal)).Select(one => one.Authorization), Has.Some.EqualTo("Bearer " + Token));
    }

    [Test]
    public void R19_NameOfALinkLocalAddress_IsRefused()
    {
        Needs.Root("a hosts file of its own is mounted");
        using var home = new Home();
        var hosts = home.Write("hosts", "127.0.0.1 localhost\n169.254.169.254 metadata.test\n");
        var outcome = home.Orca("pull", "metadata.test/x").Under("unshare", "-m", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", hosts).Run().Ends(125);
        Assert.That(outcome.Errors, Does.Contain("the host has a link-local address"));
    }

    [Test]
    public void R23_BlackHole_IsLeft()
    {
        Needs.Root("a network is made");
        using var home = new Home();
        const string Network = "ip link set lo up && ip addr add 10.9.8.1/32 dev lo && ip route add 10.9.9.0/24 dev lo src 10.9.8.1 && exec \"$@\""; // what is sent there comes back, and is dropped
        var outcome = home.Orca("pull", "10.9.9.9/x").Under("unshare", "-n", "sh", "-c", Network, "sh").Within(30).Run().Ends(125);
        Assert.That(outcome.Errors, Does.Contain("no answer in time").And.Contain("hint: check the network"));
    }

    [Test]
    public void BearerChallenge_IsAnsweredWithATokenForTheRepository()
    {
        using var registry = new LoopbackServer(context => AskForToken(context, () => LoopbackServer.Pass(context)));
        using var home = new Home();

        home.Orca("pull", $"localhost:{registry.Port}/busybox").Run().Succeeds();

        var asked = registry.Seen.Select(one => one.Request).Where(one => one.StartsWith("GET /token?", StringComparison.Ordinal)).ToList();
        Assert.That(asked, Is.Not.Empty);
        Assert.That(Uri.UnescapeDataString(asked[0]), Does.Contain("service=orca-tests").And.Contain("scope=repository:busybox:pull"));
    }

    [Test]
    public void BasicChallenge_WithoutALogin_IsRefusedWithAHint()
    {
        Needs.Root("the registry with a password is started by make test as root");
        var refused = World.Orca("pull", "localhost:5001/busybox").Ends(125);
        Assert.That(refused.Errors, Does.Contain("401").And.Contain("hint:"));
    }

    [Test]
    public void TooManyRequests_AreTriedAgain()
    {
        var refused = 0;
        using var registry = new LoopbackServer(context =>
        {
            if (context.Request.RawUrl!.Contains("/manifests/", StringComparison.Ordinal) && Interlocked.Increment(ref refused) <= 2)
            {
                context.Response.StatusCode = (int)HttpStatusCode.TooManyRequests;
                context.Response.Headers["Retry-After"] = "1";
                return;
            }

            LoopbackServer.Pass(context);
        });
        using var home = new Home();

        home.Orca("pull", $"localhost:{registry.Port}/busybox").Run().Succeeds();
    }

    private static void AskForToken(HttpListenerContext context, Action granted)
    {
        var request = context.Request;
        if (request.RawUrl!.StartsWith("/token?", StringComparison.Ordinal))
        {
            context.Response.ContentType = "application/json";
            context.Response.OutputStream.Write(Encoding.UTF8.GetBytes($$"""{"token":"{{Token}}","expires_in":300}"""));
        }
        else if (request.Headers["Authorization"] != "Bearer " + Token)
        {
            context.Response.StatusCode = (int)HttpStatusCode.Unauthorized;
            context.Response.Headers["WWW-Authenticate"] =
                $"Bearer realm=\"http://localhost:{request.LocalEndPoint.Port}/token\",service=\"orca-tests\",scope=\"repository:busybox:pull\"";
        }
        else
        {
            granted();
        }
    }
}
