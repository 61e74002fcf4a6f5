using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Tests.Core.References;

[TestFixture]
public sealed class DigestTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [TestCase("sha256:" + Hex, "sha256", 64)]
    [TestCase("sha512:" + Hex + Hex, "sha512", 128)]
    public void Parse_CanonicalForm_IsTaken(string text, string algorithm, int length)
    {
        var digest = Digest.Parse(text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(digest.ToString(), Is.EqualTo(text));
            Assert.That((digest.Algorithm, digest.Hex.Length, digest.Abbreviated), Is.EqualTo((algorithm, length, "0123456789ab")));
        }
    }

    [TestCase("sha256:../../../etc/passwd", TestName = "Cve_2024_3727_digest_with_a_path_parsed")]
    [TestCase("sha256:")]
    [TestCase("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde")]
    [TestCase("sha256:" + Hex + "0")]
    [TestCase("sha256:" + Hex + "\n")]
    [TestCase(" sha256:" + Hex)]
    [TestCase("sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef")]
    [TestCase("SHA256:" + Hex)]
    [TestCase("sha256-" + Hex)]
    [TestCase("sha256" + Hex)]
    [TestCase("sha512:" + Hex)]
    [TestCase("sha384:" + Hex + "0123456789abcdef0123456789abcdef")]
    [TestCase("blake3:" + Hex)]
    [TestCase("md5:0123456789abcdef0123456789abcdef")]
    [TestCase("sha1:0123456789abcdef0123456789abcdef01234567")]
    [TestCase(Hex)]
    [TestCase(":")]
    [TestCase("")]
    [TestCase("sha256:\uff10123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Parse_AnythingElse_IsRefused(string text)
    {
        Assert.That(Digest.TryParse(text, out _), Is.False);
        Assert.That(Assert.Throws<ReferenceException>(() => Digest.Parse(text))!.Message, Does.StartWith("cannot use digest '"));
    }

    [Test]
    public void Default_IsNoDigest()
    {
        Assert.That(default(Digest).ToString(), Is.Empty);
        Assert.That(() => default(Digest).Hex, Throws.InvalidOperationException);
    }
}
