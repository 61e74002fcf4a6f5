using NUnit.Framework;
using Orca.Core.References;
using Orca.Registry.Archives;

namespace Orca.Tests.Registry.Archives;

internal sealed class ImageNamesTests
{
    [TestCase("/srv/Alpine_3.20.tar.gz", "alpine_3.20")]
    [TestCase("rootfs.tar", "rootfs")]
    [TestCase("./dir/", "dir")]
    [TestCase("ubuntu 24 (base).tar.zst", "ubuntu-24-base")]
    [TestCase("https://example.com/a/b.tgz?sig=x/y", "b")]
    [TestCase("-", "image")]
    [TestCase(".tar", "image")]
    [TestCase("..", "image")]
    [TestCase("a--__..b", "a-b")]
    [TestCase("ÄÖÜ.tar", "image")]
    public void File_GivesAName(string path, string name)
    {
        Assert.That(ImageNames.OfFile(path), Is.EqualTo(name));
        Assert.That(ImageReference.TryParse($"localhost/{name}:1", out _), Is.True);
    }

    [Test]
    public void File_OfAnyName_GivesAValidOne()
    {
        var random = new Random(20261124);
        for (var i = 0; i < 20_000; i++)
        {
            var path = string.Concat(Enumerable.Range(0, random.Next(1, 300)).Select(_ => "ab1.-_/ :@A\u00e9\n"[random.Next(13)]));
            Assert.That(ImageReference.TryParse($"localhost/{ImageNames.OfFile(path)}:1", out _), Is.True, path);
        }
    }

    [TestCase("docker.io/library/alpine:3.20", "3.20", "docker.io/library/alpine:3.20")]
    [TestCase(null, "latest", "localhost/file:latest")]
    [TestCase(null, "busybox:try", "docker.io/library/busybox:try")]
    [TestCase(null, "example.com/a/b", "example.com/a/b:latest")]
    [TestCase("not a name", "v1", "localhost/file:v1")]
    [TestCase(null, "../../etc", null)]
    [TestCase(null, null, null)]
    [TestCase(null, "-x", null)]
    public void Annotations_GiveAName(string? imageName, string? refName, string? expected) =>
        Assert.That(ImageNames.OfAnnotations(imageName, refName, "file")?.ToString(), Is.EqualTo(expected));

    [Test]
    public void Tags_ThatAreNoNames_AreLeftOut() =>
        Assert.That(ImageNames.OfTags(["alpine:1", "UPPER", "alpine:1", "../x", "<none>:<none>", "a@sha256:" + new string('a', 64)]), Is.EqualTo([ImageReference.Parse("alpine:1")]));
}
