using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class ProxyTests
{
    [Test]
    public async Task R20_Proxy_ThatRefuses_IsSaidWithoutItsPassword()
    {
        using var proxy = new ScriptedServer(_ => new Reply(403));
        using var registry = new ScriptedRegistry { Proxy = Read(("HTTPS_PROXY", $"http://bob:{Secret}@localhost:{proxy.Port}")) };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.Contain("the proxy refused (403)"));
            Assert.That(error.Hint, Does.Contain("HTTPS_PROXY"));
            Assert.That(error.ToString(), Does.Not.Contain(Secret));
            Assert.That(proxy.Requests.First().Method, Is.EqualTo("CONNECT"));
            Assert.That(registry.Registry.Requests, Is.Empty);
        }
    }

    [TestCase("http", "")]
    [TestCase("http", "bob:p%40ss@")]
    [TestCase("socks5", "")]
    [TestCase("socks5", "bob:p%40ss@")]
    [TestCase("socks5h", "")]
    public async Task R20_Proxy_OfTheEnvironment_LeadsToTheRegistry(string scheme, string login)
    {
        using var registry = new ScriptedRegistry();
        using var proxy = new TunnelProxy(registry.Registry.Port);
        var needs = scheme == "http" && login.Length > 0 ? "needs-login.test" : "registry.test";
        registry.Proxy = Read(("https_proxy", $"{scheme}://{login}localhost:{proxy.Port}"), ("NO_PROXY", "other.test"));
        registry.Verifies = needs == "registry.test" ? null : false; // the certificate is for another name
        var image = registry.AddImage();
        var found = await registry.Client.ResolveAsync(Orca.Core.References.ImageReference.Parse($"{needs}/app:1"), new Orca.Core.References.Platform("linux", "amd64"), default);
        Assert.That(found.Digest, Is.EqualTo(image.Digest));
        Assert.That(proxy.Asked, Is.Not.Empty.And.All.EqualTo((needs + ":443", login.Length == 0 ? "" : "bob:p@ss")));
    }

    [Test]
    public async Task Proxy_ThatIsNotThere_IsNamedWithoutItsPassword()
    {
        using var registry = new ScriptedRegistry { Proxy = Read(("ALL_PROXY", $"http://bob:{Secret}@localhost:1")) };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.Contain("no connection to the proxy 'localhost:1'"));
            Assert.That(error + string.Join('\n', registry.Log), Does.Not.Contain(Secret));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Proxy_IsNotAskedForThisMachine(bool tls)
    {
        using var proxy = new ScriptedServer(_ => new Reply(403));
        using var registry = new ScriptedRegistry(tls, localTls: true) { Proxy = Read(("ALL_PROXY", $"http://localhost:{proxy.Port}")) };
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
        Assert.That(proxy.Requests, Is.Empty);
    }

    [TestCase("https://r.test/", "HTTPS_PROXY=http://p:1", "http://p:1/")]
    [TestCase("https://r.test/", "https_proxy=http://p:1", "http://p:1/")]
    [TestCase("https://r.test/", "HTTP_PROXY=http://p:1", null)]
    [TestCase("http://r.test/", "HTTP_PROXY=http://p:1", "http://p:1/")]
    [TestCase("https://r.test/", "ALL_PROXY=socks5://p", "socks5://p:1080/")]
    [TestCase("https://r.test/", "HTTPS_PROXY=p:3128", "http://p:3128/")]
    [TestCase("https://r.test/", "HTTPS_PROXY=http://u:secret@p:1", "http://p:1/")]
    [TestCase("https://r.test/", "HTTPS_PROXY=http://p:1;ALL_PROXY=http://q:1", "http://p:1/")]
    [TestCase("https://r.test/", "HTTPS_PROXY=", null)]
    public void Proxy_IsReadAsCurlAndGoDo(string target, string variables, string? proxy) =>
        Assert.That(Read([.. variables.Split(';').Select(one => one.Split('=', 2)).Select(one => (one[0], one[1]))]).GetProxy(new Uri(target))?.ToString(), Is.EqualTo(proxy));

    [TestCase("*", "https://r.test/", true)]
    [TestCase("r.test", "https://r.test/", true)]
    [TestCase("r.test", "https://a.r.test/", true)]
    [TestCase("r.test", "https://xr.test/", false)]
    [TestCase(".r.test", "https://r.test/", false)]
    [TestCase("*.r.test", "https://a.r.test/", true)]
    [TestCase("R.TEST:5000", "https://r.test:5000/", true)]
    [TestCase("r.test:5000", "https://r.test/", false)]
    [TestCase("a.test, 10.0.0.0/8", "https://10.1.2.3/", true)]
    [TestCase("10.0.0.0/8", "https://11.1.2.3/", false)]
    [TestCase("10.1.2.3", "https://10.1.2.3:5000/", true)]
    [TestCase("10.1.2.3:443", "https://10.1.2.3/", true)]
    [TestCase("[fd00::1]:443", "https://[fd00::1]/", true)]
    [TestCase("fd00::/8", "https://[fd00::1]/", true)]
    [TestCase("", "https://r.test/", false)]
    [TestCase("1.2.3", "https://r.1.2.3.test/", false)]
    public void NoProxy_ListsWhoIsReachedDirectly(string list, string target, bool isDirect) =>
        Assert.That(Read(("ALL_PROXY", "http://p:1"), ("NO_PROXY", list)).GetProxy(new Uri(target)), isDirect ? Is.Null : Is.Not.Null);

    [TestCase("ftp://bob:CANARYSECRET@p:1")]
    [TestCase("http://bob:CANARYSECRET@[")]
    [TestCase("socks6://CANARYSECRET")]
    public void Proxy_ThatIsNoAddress_IsRefusedWithoutItsText(string text)
    {
        var error = Assert.Throws<RegistryException>(() => Read(("HTTPS_PROXY", text)));
        Assert.That(error!.Message, Does.StartWith("cannot use the proxy in HTTPS_PROXY").And.Not.Contain(Secret));
    }

    private static ProxyRules Read(params (string Name, string Value)[] variables) =>
        ProxyRules.Read(name => Array.Find(variables, one => one.Name == name).Value);
}
