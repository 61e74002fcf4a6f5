using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Remote;

/// <summary>Every default place that a pull looks at, in every condition: at most one note, and the pull goes on as without the file.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class OptionalFileTests : IDisposable
{
    private const string Logins = """{"auths":{"r.test":{"auth":"Ym9iOng="}}}""";
    private const string Blocked = "[[registry]]\nprefix = \"r.test\"\nblocked = true\n";

    private static readonly string[] s_logins = ["run/containers/auth.json", "config/containers/auth.json", "home/.docker/config.json"];
    private static readonly string[] s_registries =
    [
        "config/containers/registries.conf", "etc/containers/registries.conf", "usr/share/containers/registries.conf",
        "etc/containers/registries.conf.d/10.conf", "config/containers/registries.conf.d/10.conf",
    ];

    private static readonly string[] s_certificates = ["etc/containers/certs.d/r.test/ca.crt", "config/docker/certs.d/r.test:443/ca.crt"];
    private static readonly string[] s_bundles = ["etc/ssl/certs/ca-certificates.crt", "etc/ssl/cert.pem"];

    private static readonly int[] s_conditions = [.. Enum.GetValues<FileCondition>().Select(condition => (int)condition)]; // a public test has no internal parameter

    private readonly string _root = FileConditions.MakeRoot();
    private readonly List<string> _notes = [];

    private string Root => _root;

    public void Dispose() => FileConditions.Remove(_root);

    [Test]
    public void Logins_OfADefaultPlace_ArePassedOver([ValueSource(nameof(s_logins))] string place, [ValueSource(nameof(s_conditions))] int condition)
    {
        Make(place, (FileCondition)condition, Logins);
        using (new AnotherFileUser())
        {
            var files = new AuthFiles(new AuthFilePaths(Variable, 123_456), _notes.Add);
            files.RequireNamed();
            Assert.That(files.All().Sum(file => file.Bytes.Length), Is.Zero);
            Assert.That(files.All().Count(), Is.LessThanOrEqualTo(1), "an empty one is a file without logins");
            Assert.That(files.AllToWrite().Count(), Is.LessThanOrEqualTo(1));
        }

        HasNotes((FileCondition)condition, place);
    }

    [Test]
    public void RegistriesConf_OfADefaultPlace_IsPassedOver([ValueSource(nameof(s_registries))] string place, [ValueSource(nameof(s_conditions))] int condition)
    {
        Make(place, (FileCondition)condition, Blocked);
        using (new AnotherFileUser())
        {
            var policy = RegistriesFiles.Read(Variable, Root, _notes.Add);
            Assert.That(policy.Places(ImageReference.Parse("r.test/app"), "cannot pull"), Has.Count.EqualTo(1));
            Assert.That(RegistriesFiles.MaySet("blocked"u8, Variable, Root), Is.False);
        }

        if ((FileCondition)condition == FileCondition.ClosedParent && place.EndsWith(".d/10.conf", StringComparison.Ordinal))
        {
            Assert.That(_notes, Has.One.Contains("registries.conf.d' is passed over: EACCES"), "the directory itself is looked for by name");
            return;
        }

        HasNotes((FileCondition)condition, place);
    }

    [Test]
    public void Certificates_OfAHost_ArePassedOver([ValueSource(nameof(s_certificates))] string place, [ValueSource(nameof(s_conditions))] int condition)
    {
        Make(place, (FileCondition)condition, "junk");
        using (new AnotherFileUser())
        {
            var found = CertificateDirectory.Find(new Uri("https://r.test/"), Variable, Root, _notes.Add);
            Assert.That(found?.Authorities.Count ?? 0, Is.Zero);
        }

        // A directory of the host's own that is closed is a sign of something meant for this host, and so is an empty file in it.
        var isNoted = (FileCondition)condition is FileCondition.ClosedParent or FileCondition.Empty or FileCondition.LinkToNull or FileCondition.DanglingLink || FileConditions.IsNoted((FileCondition)condition);
        Assert.That(_notes, Has.Count.EqualTo(isNoted ? 1 : 0));
    }

    [Test]
    public void Bundle_OfADistribution_IsPassedOver([ValueSource(nameof(s_bundles))] string place, [ValueSource(nameof(s_conditions))] int condition)
    {
        if ((FileCondition)condition == FileCondition.TooLarge)
        {
            return; // OpenSSL reads it
        }

        Make(place, (FileCondition)condition, "junk");
        Make("etc/pki/tls/certs/ca-bundle.crt", null, "authorities");
        using var user = new AnotherFileUser();
        Assert.That(TrustStore.Choose(Variable, Root), Is.EqualTo(("SSL_CERT_FILE", Root + "/etc/pki/tls/certs/ca-bundle.crt")));
    }

    /// <summary>/etc/docker/certs.d is root's daemon's: its keys are closed to others.</summary>
    [TestCase("client.key")]
    [TestCase("client.cert")]
    public void ClientCertificate_ThatIsClosed_IsNotShown_AndIsNoted(string closed)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=bob", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        const string directory = "etc/docker/certs.d/r.test/";
        Make(directory + "client.cert", null, certificate.ExportCertificatePem());
        Make(directory + "client.key", null, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(Path.Combine(_root, directory, closed), UnixFileMode.None);
        using (new AnotherFileUser())
        {
            Assert.That(CertificateDirectory.Find(new Uri("https://r.test/"), Variable, Root, _notes.Add)!.Client, Is.Null);
        }

        Assert.That(_notes, Has.One.Contains(closed));
    }

    [TestCase("SSL_CERT_FILE", "none.pem")]
    [TestCase("SSL_CERT_FILE", "etc")]
    [TestCase("SSL_CERT_DIR", "none")]
    [TestCase("SSL_CERT_DIR", "none:nor")]
    public void Authorities_ThatTheUserNamed_MustBeThere(string variable, string value)
    {
        Directory.CreateDirectory(Path.Combine(_root, "etc"));
        value = string.Join(':', value.Split(':').Select(part => Path.Combine(_root, part)));
        var error = Assert.Throws<RegistryException>(() => TrustStore.RequireNamed(name => name == variable ? value : null));
        Assert.That(error!.Message, Does.StartWith($"cannot read the certificate authorities in '{value}': "));
        Assert.That(error.Hint, Does.StartWith(variable));
        TrustStore.RequireNamed(name => name == "SSL_CERT_DIR" ? $"{value}:{_root}" : null);
    }

    private string? Variable(string name) => name switch
    {
        "HOME" => Path.Combine(_root, "home"),
        "XDG_RUNTIME_DIR" => Path.Combine(_root, "run"),
        "XDG_CONFIG_HOME" => Path.Combine(_root, "config"),
        _ => null,
    };

    private void HasNotes(FileCondition condition, string place) =>
        Assert.That(_notes.Distinct(), FileConditions.IsNoted(condition) ? Has.One.StartsWith($"'{_root}/{place}' is passed over: ") : Is.Empty);

    private void Make(string place, FileCondition? condition, string content)
    {
        var path = Path.Combine(_root, place);
        if (condition is { } one)
        {
            FileConditions.Make(path, one, content);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
