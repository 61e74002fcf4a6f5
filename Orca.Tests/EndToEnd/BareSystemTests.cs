using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A system with a kernel, busybox and orca: no C library, no distribution.</summary>
[Category("EndToEnd")]
public sealed class BareSystemTests
{
    private BareSystem _system = null!;

    [SetUp]
    public void Build()
    {
        Needs.Root("a bare system takes a mount namespace of the host");
        _system = new BareSystem();
    }

    [TearDown]
    public void Clear() => _system?.Dispose();

    [Test]
    public void Hello_Runs()
        => _system.Run("/orca hello").Succeeds();

    [Test]
    public void Tree_HoldsNoLibrary()
        => _system.Run("find / -xdev -name '*.so*'; ls /etc").Prints("passwd");

    [Test]
    public void Run_PullsByAddressAndRuns()
        => _system.Run("/orca run 127.0.0.1:5000/busybox echo inside").Prints("inside");

    [Test]
    public void Run_PullsByNameWithAHostsFile()
    {
        _system.Write("etc/hosts", "127.0.0.1 localhost\n");
        _system.Run("/orca run localhost:5000/busybox echo inside").Prints("inside");
    }

    [Test]
    public void Name_Localhost_NeedsNoHostsFile()
        => _system.Run("/orca run localhost:5000/busybox echo inside").Prints("inside");

    [TestCase("hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns\npasswd: sss systemd\n")]
    [TestCase("hosts: mdns4_minimal [NOTFOUND=return] wins nis\n")]
    [TestCase("this is no configuration\n")]
    [TestCase("")]
    public void Name_Resolves_WhateverTheNameServiceSwitchSays(string text)
    {
        _system.Write("etc/hosts", "127.0.0.1 registry.test\n");
        _system.Write("etc/nsswitch.conf", text);
        var refused = _system.Run("/orca pull registry.test:5443/busybox");
        Assert.That(refused.Errors, Does.Contain("certificate").IgnoreCase, "the name must resolve, and only the certificate be wrong");
    }

    [Test]
    public void Name_Unknown_FailsWithAMessage()
        => Assert.That(_system.Run("/orca pull no-such-host.invalid/busybox").Ends(125).Errors, Does.Contain("no-such-host.invalid"));

    [Test]
    public void Https_WithSslCertFile_IsTrusted()
    {
        _system.Write("ca.pem", File.ReadAllText(World.CertificateAuthority));
        _system.Run("SSL_CERT_FILE=/ca.pem /orca run 127.0.0.1:5443/busybox echo secure").Prints("secure");
    }

    [Test]
    public void Https_WithSslCertDir_IsTrusted()
    {
        var hash = World.Tool("openssl", "x509", "-hash", "-noout", "-in", World.CertificateAuthority).Output.Trim();
        _system.Write($"certs/{hash}.0", File.ReadAllText(World.CertificateAuthority));
        _system.Run("SSL_CERT_DIR=/certs /orca run 127.0.0.1:5443/busybox echo secure").Prints("secure");
    }

    [TestCase("etc/ssl/certs/ca-certificates.crt", TestName = "Https_BundleOfDebian_IsTrusted")]
    [TestCase("etc/pki/tls/certs/ca-bundle.crt", TestName = "Https_BundleOfFedora_IsTrusted")]
    [TestCase("etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", TestName = "Https_ExtractedBundleOfFedora_IsTrusted")]
    [TestCase("etc/ssl/cert.pem", TestName = "Https_BundleOfAlpine_IsTrusted")]
    [TestCase("etc/ssl/ca-bundle.pem", TestName = "Https_BundleOfSuse_IsTrusted")]
    [TestCase("var/lib/ca-certificates/ca-bundle.pem", TestName = "Https_NewBundleOfSuse_IsTrusted")]
    public void Https_ByTheBundleOfTheDistribution(string place)
    {
        _system.Write(place, File.ReadAllText(World.CertificateAuthority));
        _system.Run("/orca run 127.0.0.1:5443/busybox echo secure").Prints("secure");
    }

    [Test]
    public void Https_WithoutAnyBundle_IsRefusedWithAHint()
    {
        var refused = _system.Run("/orca pull 127.0.0.1:5443/busybox").Ends(125);
        Assert.That(refused.Errors, Does.Contain("certificate").IgnoreCase.And.Contain("hint:"));
    }

    [Test]
    public void Pull_InAPlainChroot_Works()
    {
        World.Tool("mkdir", "-p", _system.Directory + "/dev");
        World.Tool("mknod", "-m", "666", _system.Directory + "/dev/urandom", "c", "1", "9"); // of what the kernel gives, only this is needed
        new Command("chroot", "--userspec", World.User, _system.Directory, "/orca", "pull", "127.0.0.1:5000/busybox")
            .AsCaller().With("HOME", "/home").Run().Succeeds();
    }
}
