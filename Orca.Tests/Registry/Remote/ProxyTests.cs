using System.Net;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class ProxyTests
{
    [Test]
    public async Task Proxy_ThatRefuses_IsSaidWithoutItsPassword()
    {
        using var proxy = new ScriptedServer(_ => new Reply(403));
        using var registry = new ScriptedRegistry { Proxy = new WebProxy($"http://localhost:{proxy.Port}") { Credentials = new NetworkCredential("bob", Secret) } };
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

    [TestCase(true)]
    [TestCase(false)]
    public async Task Proxy_IsNotAskedForThisMachine(bool tls)
    {
        using var proxy = new ScriptedServer(_ => new Reply(403));
        using var registry = new ScriptedRegistry(tls, localTls: true) { Proxy = new WebProxy($"http://localhost:{proxy.Port}") };
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
        Assert.That(proxy.Requests, Is.Empty);
    }
}
