using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Tests.Core.References;

/// <summary>The grammar, with the answers of Docker's distribution/reference.</summary>
[TestFixture]
public sealed class ImageReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [TestCase("alpine", "docker.io", "library/alpine", "latest")]
    [TestCase("alpine:3.20", "docker.io", "library/alpine", "3.20")]
    [TestCase("library/alpine", "docker.io", "library/alpine", "latest")]
    [TestCase("docker.io/x", "docker.io", "library/x", "latest")]
    [TestCase("docker.io/library/x", "docker.io", "library/x", "latest")]
    [TestCase("index.docker.io/x", "docker.io", "library/x", "latest")]
    [TestCase("docker.io", "docker.io", "library/docker.io", "latest")]
    [TestCase("a/b/c/d", "docker.io", "a/b/c/d", "latest")]
    [TestCase("localhost/x", "localhost", "x", "latest")]
    [TestCase("localhost:5000/x", "localhost:5000", "x", "latest")]
    [TestCase("localhost:5000", "docker.io", "library/localhost", "5000")]
    [TestCase("localhost:5000/a/b:t_-.", "localhost:5000", "a/b", "t_-.")]
    [TestCase("UPPER/x", "UPPER", "x", "latest")]
    [TestCase("ghcr.io/x/y:1", "ghcr.io", "x/y", "1")]
    [TestCase("host.test:443/x:UPPER_tag", "host.test:443", "x", "UPPER_tag")]
    [TestCase("127.0.0.1:5000/x", "127.0.0.1:5000", "x", "latest")]
    [TestCase("[::1]:5000/x", "[::1]:5000", "x", "latest")]
    [TestCase("[2001:db8::1]/x:t", "[2001:db8::1]", "x", "t")]
    [TestCase("xn--n3h.com/x", "xn--n3h.com", "x", "latest")]
    [TestCase("a.b_c__d-e---f/x", null, null, null)]
    [TestCase("x/a.b_c__d-e---f", "docker.io", "x/a.b_c__d-e---f", "latest")]
    [TestCase("x:0", "docker.io", "library/x", "0")]
    [TestCase("x@sha256:" + Hex, "docker.io", "library/x", null)]
    [TestCase("x:t@sha256:" + Hex, "docker.io", "library/x", "t")]
    [TestCase("x@sha512:" + Hex + Hex, "docker.io", "library/x", null)]
    public void Parse_WhatDockerTakes_IsTaken(string text, string? registry, string? repository, string? tag)
    {
        if (registry is null)
        {
            Assert.That(ImageReference.TryParse(text, out _), Is.False);
            return;
        }

        var reference = ImageReference.Parse(text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((reference.Registry, reference.Repository, reference.Tag), Is.EqualTo((registry, repository, tag)));
            Assert.That(reference.Selector, Is.EqualTo(reference.Digest?.ToString() ?? tag));
            Assert.That(ImageReference.Parse(reference.ToString()), Is.EqualTo(reference), "the canonical name is the same");
            Assert.That(ImageReference.Parse(reference.Familiar), Is.EqualTo(reference), "the familiar name is the same");
        }
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("x ")]
    [TestCase("x:")]
    [TestCase("x@")]
    [TestCase(":x")]
    [TestCase("@sha256:" + Hex)]
    [TestCase("x:tag:tag")]
    [TestCase("x:-tag")]
    [TestCase("x:.tag")]
    [TestCase("x:ta/g")]
    [TestCase("x:tág")]
    [TestCase("x@sha256:short")]
    [TestCase("x@sha256:" + Hex + "0")]
    [TestCase("x@md5:0123456789abcdef0123456789abcdef")]
    [TestCase("x@sha256:../../../etc/passwd", TestName = "Cve_2024_3727_digest_with_a_path_in_a_name")]
    [TestCase("x@sha256:" + Hex + "@sha256:" + Hex)]
    [TestCase("..")]
    [TestCase(".")]
    [TestCase("./x")]
    [TestCase("../x")]
    [TestCase("a/../b")]
    [TestCase("a//b")]
    [TestCase("/x")]
    [TestCase("x/")]
    [TestCase("localhost:5000/")]
    [TestCase("http://h/x")]
    [TestCase("https://ghcr.io/x/y:1")]
    [TestCase("docker://x")]
    [TestCase("Alpine")]
    [TestCase("x/Alpine")]
    [TestCase("a..b")]
    [TestCase("a___b")]
    [TestCase("a.-b")]
    [TestCase("a_.b")]
    [TestCase("-a")]
    [TestCase("a-")]
    [TestCase("a_")]
    [TestCase("_a")]
    [TestCase("ünicode.test/x")]
    [TestCase("x/ü")]
    [TestCase("host.test:0/x")]
    [TestCase("host.test:65536/x")]
    [TestCase("host.test:99999999999/x")]
    [TestCase("host.test:5a/x")]
    [TestCase("host.test:/x")]
    [TestCase("-host.test/x")]
    [TestCase("host-.test/x")]
    [TestCase("host..test/x")]
    [TestCase("user@host.test/x")]
    [TestCase("user:pw@host.test/x")]
    [TestCase("host.test/x?y=z")]
    [TestCase("host.test/x#y")]
    [TestCase("host.test\\x")]
    [TestCase("[::1/x")]
    [TestCase("::1/x")]
    [TestCase("[::g]/x")]
    [TestCase("[fe80::1%eth0]/x")]
    [TestCase("[127.0.0.1]/x")]
    [TestCase("x\n")]
    [TestCase("x\0y")]
    [TestCase("--option")]
    [TestCase(Hex)]
    public void Parse_WhatDockerRefuses_IsRefused(string text)
    {
        var error = Assert.Throws<ReferenceException>(() => ImageReference.Parse(text));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.StartWith("cannot use image name '").And.Not.Contain("\n").And.Not.EndWith("."));
            Assert.That(ImageReference.TryParse(text, out _), Is.False);
        }
    }

    [Test]
    public void Parse_LongNames_HaveALimit()
    {
        var labels = string.Join('.', Enumerable.Repeat(new string('h', 59), 5));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ImageReference.TryParse("x:" + new string('t', 128), out _), Is.True);
            Assert.That(ImageReference.TryParse("x:" + new string('t', 129), out _), Is.False);
            Assert.That(ImageReference.TryParse("a/" + new string('n', 200), out _), Is.True);
            Assert.That(ImageReference.TryParse("a/" + new string('n', 254), out _), Is.False);
            Assert.That(ImageReference.TryParse(labels + "/x", out _), Is.False);
            Assert.That(ImageReference.TryParse(new string('h', 64) + ".test/x", out _), Is.False);
        }
    }

    [Test]
    public void Parse_AnAddress_SaysWhatToLeaveOut() =>
        Assert.That(Assert.Throws<ReferenceException>(() => ImageReference.Parse("https://ghcr.io/x"))!.Hint, Does.Contain("https://"));

    [Test]
    public void Parse_RandomText_GivesAReferenceOrARefusal()
    {
        var random = new Random(11);
        const string alphabet = "ab.-_/:@[]0A\u00fc\n sha256";
        for (var i = 0; i < 100_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            if (ImageReference.TryParse(text, out var reference))
            {
                Assert.That(ImageReference.Parse(reference.ToString()), Is.EqualTo(reference), text);
                Assert.That(Uri.TryCreate($"https://{reference.Registry}/v2/{reference.Repository}/manifests/{reference.Selector}", UriKind.Absolute, out var uri)
                    && uri.AbsolutePath == $"/v2/{reference.Repository}/manifests/{reference.Selector}", Is.True, text);
            }
        }
    }
}
