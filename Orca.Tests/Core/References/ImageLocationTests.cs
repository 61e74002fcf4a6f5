using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Tests.Core.References;

public sealed class ImageLocationTests
{
    [TestCase("alpine", ImageTransport.Registry, "", null)]
    [TestCase("localhost:5000/a/b:1", ImageTransport.Registry, "", null)]
    [TestCase("image.tar", ImageTransport.Registry, "", null)]
    [TestCase("./image.tar", ImageTransport.File, "./image.tar", null)]
    [TestCase("../a:b", ImageTransport.File, "../a:b", null)]
    [TestCase("/srv/x", ImageTransport.File, "/srv/x", null)]
    [TestCase(".", ImageTransport.File, ".", null)]
    [TestCase("..", ImageTransport.File, "..", null)]
    [TestCase("-", ImageTransport.File, "-", null)]
    [TestCase("docker-archive:x.tar", ImageTransport.DockerArchive, "x.tar", null)]
    [TestCase("docker-archive:/x.tar:alpine:3.20", ImageTransport.DockerArchive, "/x.tar", "alpine:3.20")]
    [TestCase("docker-archive:-", ImageTransport.DockerArchive, "-", null)]
    [TestCase("docker-archive:x.tar:@1", ImageTransport.DockerArchive, "x.tar", "@1")]
    [TestCase("oci-archive:x.tar:3", ImageTransport.OciArchive, "x.tar", "3")]
    [TestCase("oci:dir", ImageTransport.OciLayout, "dir", null)]
    [TestCase("https://example.com/x.tar.gz?sig=1", ImageTransport.Url, "https://example.com/x.tar.gz?sig=1", null)]
    [TestCase("HTTP://example.com/x", ImageTransport.Url, "HTTP://example.com/x", null)]
    public void Text_IsRead(string text, ImageTransport transport, string path, string? selector)
    {
        var location = ImageLocation.Parse(text);
        Assert.That((location.Transport, location.Path, location.Selector), Is.EqualTo((transport, path, selector)));
        Assert.That(ImageLocation.IsElsewhere(text), Is.EqualTo(transport != ImageTransport.Registry));
        Assert.That(location.Reference is not null, Is.EqualTo(transport == ImageTransport.Registry));
    }

    [TestCase("")]
    [TestCase("UPPER")]
    [TestCase("oci:")]
    [TestCase("docker-archive::name")]
    [TestCase("docker-archive:x.tar:")]
    [TestCase("https://")]
    [TestCase("https://user:secret@example.com/x.tar")]
    public void WrongText_IsRefusedWithoutItsSecrets(string text)
    {
        var refusal = Assert.Throws<ReferenceException>(() => ImageLocation.Parse(text))!;
        Assert.That(refusal.Message, Does.StartWith("cannot use ").And.Not.Contain("secret"));
    }

    [TestCase("containers-storage:localhost/x:1", "podman save localhost/x:1 | orca load")]
    [TestCase("docker-daemon:x:1", "docker save x:1 | orca load")]
    public void StorageOfAnotherProgram_IsNoNameOnDockerHub(string text, string way) =>
        Assert.That(Assert.Throws<ReferenceException>(() => ImageLocation.Parse(text))!.Hint, Does.EndWith(way));

    [Test]
    public void Shown_HasNoSignatureAndNothingThatMovesTheCursor()
    {
        Assert.That(ImageLocation.Parse("https://example.com/x.tar?signature=secret#f").Shown, Is.EqualTo("https://example.com/x.tar"));
        Assert.That(ImageLocation.Parse("./a\u001b[2J").Shown, Is.EqualTo("./a\\x1b[2J"));
        Assert.That(ImageLocation.Parse("-").Shown, Is.EqualTo("standard input"));
    }
}
