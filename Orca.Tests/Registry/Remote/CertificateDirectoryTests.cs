using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class CertificateDirectoryTests
{
    private string _root = null!;

    [SetUp]
    public void SetUp() => _root = Directory.CreateTempSubdirectory("orca-certs").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_root, recursive: true);

    [TestCase("/etc/docker/certs.d/registry.test")]
    [TestCase("/etc/docker/certs.d/registry.test:443")]
    [TestCase("/etc/containers/certs.d/registry.test:443")]
    [TestCase("/home/.config/containers/certs.d/registry.test")]
    [TestCase("/home/.config/docker/certs.d/registry.test")]
    public async Task Authority_InACertsDirectory_IsTrustedForItsHost(string directory)
    {
        var (authority, server) = Certificate.Make();
        using var registry = new ScriptedRegistry(certificate: server) { CertificatesOf = Find };
        registry.AddImage();
        Assert.That(async () => await registry.ResolveAsync(), Throws.TypeOf<RegistryException>().With.Message.Contains("unknown authority"));

        Write(directory, "ca.crt", authority.ExportCertificatePem());
        using var again = new ScriptedRegistry(certificate: server) { CertificatesOf = Find };
        var image = again.AddImage();
        Assert.That((await again.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
        again.RedirectBlobs();
        Assert.That(async () => await again.ReadBlobAsync(again.AddBlob([1])), Throws.TypeOf<RegistryException>().With.Message.Contains("redirected to https://cdn.test"), "cdn.test has no such directory");
    }

    [Test]
    public async Task Authority_OfAnotherHost_IsNotTrusted()
    {
        var (authority, server) = Certificate.Make();
        Write("/etc/docker/certs.d/other.test", "ca.crt", authority.ExportCertificatePem());
        using var registry = new ScriptedRegistry(certificate: server) { CertificatesOf = Find };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Does.Contain("unknown authority"));
    }

    [Test]
    public async Task R21_Authority_InACertsDirectory_DoesNotExcuseAnotherName()
    {
        var (authority, server) = Certificate.Make(null, null, "other.test");
        Write("/etc/docker/certs.d/registry.test", "ca.crt", authority.ExportCertificatePem());
        using var registry = new ScriptedRegistry(certificate: server) { CertificatesOf = Find };
        var error = await Assert.ThrowsAsync<RegistryException>(() => registry.ResolveAsync());
        Assert.That(error!.Message, Does.Contain("for another host name"));
    }

    [Test]
    public async Task ClientCertificate_IsShownToItsHostAlone()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=bob", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Write("/etc/docker/certs.d/registry.test", "client.cert", certificate.ExportCertificatePem());
        Write("/etc/docker/certs.d/registry.test", "client.key", key.ExportPkcs8PrivateKeyPem());
        using var registry = new ScriptedRegistry { CertificatesOf = Find };
        registry.Registry.AsksForCertificates = registry.Cdn.AsksForCertificates = true;
        registry.AddImage();
        var content = await registry.ResolveAsync();
        registry.RedirectBlobs();
        Assert.That(async () => await registry.ReadBlobAsync(content.Manifest.Layers[0]), Throws.TypeOf<RegistryException>());
        Assert.That(registry.Registry.ClientCertificates, Is.Not.Empty.And.All.EqualTo("CN=bob"));
        Assert.That(registry.Cdn.ClientCertificates, Is.All.EqualTo("none"));
    }

    [TestCase("x.cert", "has no key of the same name")]
    [TestCase("x.key", "has no certificate of the same name")]
    [TestCase("x.crt", "'x.crt' has no certificate in PEM")]
    public void File_ThatHelpsNobody_IsSaid(string name, string cause)
    {
        Write("/etc/docker/certs.d/registry.test", name, "junk");
        var uri = new Uri("https://registry.test/");
        Assert.That(() => Find(uri), Throws.TypeOf<RegistryException>().With.Message.Contains(cause));
    }

    [Test]
    public void Certificate_ThatIsNone_IsNamed()
    {
        Write("/etc/docker/certs.d/registry.test", "x.cert", "junk");
        Write("/etc/docker/certs.d/registry.test", "x.key", "junk");
        Assert.That(() => Find(new Uri("https://registry.test/")), Throws.TypeOf<RegistryException>().With.Message.EndsWith("'x.cert': it, or its key, is no PEM, or is locked with a password"));
    }

    private CertificateDirectory? Find(Uri uri) => CertificateDirectory.Find(uri, name => name == "HOME" ? _root + "/home" : null, _root);

    private void Write(string directory, string name, string text)
    {
        Directory.CreateDirectory(_root + directory);
        File.WriteAllText(Path.Combine(_root + directory, name), text);
    }
}
