using NUnit.Framework;
using Orca.Registry.Remote;
using Orca.Registry.Remote.Hosts;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class RedirectRulesTests
{
    [TestCase("https://auth.test/token")]
    [TestCase("https://auth.test:8443/token?x=y")]
    [TestCase("https://8.8.8.8/token")]
    [TestCase("https://10.0.0.1/token", "https://10.0.0.1")]
    [TestCase("https://10.0.0.1:5000/token", "https://10.0.0.1:5000")]
    [TestCase("http://localhost:5000/token", "http://localhost:5000")]
    [TestCase("http://localhost:5001/token", "http://localhost:5000")]
    [TestCase("http://127.0.0.1:5001/token", "http://localhost:5000")]
    [TestCase("https://[::1]:5001/token", "https://localhost:5000")]
    public void Realm_ThatIsPublicOrTheRegistryItself_IsAsked(string realm, string registry = "https://registry.test") =>
        Assert.That(RedirectRules.RealmProblem(new Uri(registry), realm, InsecureHosts.None, out _), Is.Null);

    [TestCase(null)]
    [TestCase("")]
    [TestCase("token")]
    [TestCase("/token")]
    [TestCase("//auth.test/token")]
    [TestCase("http://auth.test/token")]
    [TestCase("http://registry.test/token")]
    [TestCase("ftp://auth.test/token")]
    [TestCase("file:///etc/passwd")]
    [TestCase("javascript:alert(1)")]
    [TestCase("unix:/run/docker.sock")]
    [TestCase("https://user:pw@auth.test/token")]
    [TestCase("https://169.254.169.254/latest/meta-data")]
    [TestCase("https://[fd00:ec2::254]/")]
    [TestCase("https://[fe80::1]/")]
    [TestCase("https://127.0.0.1/")]
    [TestCase("https://127.1.2.3/")]
    [TestCase("https://[::1]/")]
    [TestCase("https://10.0.0.1/")]
    [TestCase("https://172.16.0.1/")]
    [TestCase("https://172.31.255.255/")]
    [TestCase("https://192.168.1.1/")]
    [TestCase("https://0.0.0.0/")]
    [TestCase("https://[::]/")]
    [TestCase("https://[::ffff:127.0.0.1]/")]
    [TestCase("https://[::ffff:a9fe:a9fe]/")]
    [TestCase("https://[64:ff9b::a9fe:a9fe]/")]
    [TestCase("https://[fd12::1]/")]
    [TestCase("https://2130706433/")]
    [TestCase("https://0x7f.1/")]
    [TestCase("https://0177.0.0.1/")]
    [TestCase("https://127.1/")]
    [TestCase("https://localhost/")]
    [TestCase("https://LOCALHOST./")]
    [TestCase("https://a.localhost/")]
    [TestCase("https://10.0.0.1:5001/token", "https://10.0.0.1:5000")]
    [TestCase("https://127.0.0.2:5000/token", "https://localhost:5000")]
    [TestCase("http://auth.test/token", "http://localhost:5000")]
    [TestCase("http://localhost:5001/token", "https://localhost:5000")]
    public void Realm_OfAnotherKind_IsRefused(string? realm, string registry = "https://registry.test") =>
        Assert.That(RedirectRules.RealmProblem(new Uri(registry), realm, InsecureHosts.None, out _), Is.Not.Null);

    [TestCase("https://cdn.test/x")]
    [TestCase("https://cdn.test:444/x")]
    [TestCase("/v2/other")]
    [TestCase("other")]
    [TestCase("https://10.0.0.1/x")]
    [TestCase("https://localhost:5001/x", "http://localhost:5000/")]
    [TestCase("http://localhost:5001/x", "http://localhost:5000/")]
    public void Redirect_OfABlob_IsFollowed(string location, string from = "https://registry.test/v2/a/blobs/b") =>
        Assert.That(RedirectRules.Problem(new Uri(from), location, forToken: false, InsecureHosts.None, out _), Is.Null);

    [TestCase(null)]
    [TestCase("http://registry.test/x")]
    [TestCase("http://cdn.test/x", "http://localhost:5000/")]
    [TestCase("ftp://cdn.test/x")]
    [TestCase("file:///etc/passwd")]
    [TestCase("https://u:p@cdn.test/x")]
    [TestCase("https://169.254.169.254/x")]
    [TestCase("https://[fe80::1%25eth0]/x")]
    [TestCase("https://[::ffff:169.254.169.254]/x")]
    [TestCase("https://0xa9fea9fe/x")]
    [TestCase("https://[fd00:ec2::254]/x")]
    [TestCase("https://169.254.169.254/x", "https://10.0.0.1/")]
    public void Redirect_OfABlob_IsRefused(string? location, string from = "https://registry.test/v2/a/blobs/b") =>
        Assert.That(RedirectRules.Problem(new Uri(from), location, forToken: false, InsecureHosts.None, out _), Is.Not.Null);

    [TestCase("http://10.0.0.1:5000/token", "http://10.0.0.1:5000", true)]
    [TestCase("https://10.0.0.1:5001/token", "https://10.0.0.1:5000", true)]
    [TestCase("http://auth.test/token", "http://10.0.0.1:5000", false)]
    [TestCase("https://169.254.169.254/token", "https://10.0.0.1:5000", false)]
    public void R16_Realm_OfARegistryMarkedInsecure_MayBeInItsNetwork(string realm, string registry, bool isAsked)
    {
        var insecure = new InsecureHosts();
        insecure.Add("10.0.0.1:5000");
        Assert.That(RedirectRules.RealmProblem(new Uri(registry), realm, insecure, out _), isAsked ? Is.Null : Is.Not.Null);
    }

    [TestCase("https://other.test/x", true)]
    [TestCase("https://10.0.0.1/x", false)]
    [TestCase("https://localhost/x", false)]
    [TestCase("https://[::1]/x", false)]
    public void Redirect_OfATokenServer_MustNotLeadInside(string location, bool isFollowed) =>
        Assert.That(RedirectRules.Problem(new Uri("https://auth.test/token"), location, forToken: true, InsecureHosts.None, out _), isFollowed ? Is.Null : Is.Not.Null);

    [TestCase("https://a.test/x", "https://A.test:443/y", true)]
    [TestCase("https://a.test/", "https://a.test:444/", false)]
    [TestCase("https://a.test/", "http://a.test:443/", false)]
    [TestCase("https://a.test/", "https://b.a.test/", false)]
    [TestCase("https://a.test/", "https://a.test.evil/", false)]
    public void Origin_IsSchemeHostAndPort(string a, string b, bool same) =>
        Assert.That(RedirectRules.SameOrigin(new Uri(a), new Uri(b)), Is.EqualTo(same));
}
