using NUnit.Framework;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Tests.Cli.Parsing;

/// <summary>--volume.</summary>
public sealed class VolumeReaderTests
{
    [TestCase("/a:/b", "/a", "/b", false)]
    [TestCase("/a:/b:ro", "/a", "/b", true)]
    [TestCase("/a:/b:rw", "/a", "/b", false)]
    [TestCase("/a:/b:ro,z", "/a", "/b", true)]
    [TestCase("/a:/b:Z", "/a", "/b", false)]
    [TestCase("/a:/b:rprivate,ro", "/a", "/b", true)]
    [TestCase("./a:/b", "/work/a", "/b", false)]
    [TestCase(".:/b", "/work", "/b", false)]
    [TestCase("./:/b", "/work", "/b", false)]
    [TestCase("..:/b", "/work/..", "/b", false)]
    [TestCase("../x:/b", "/work/../x", "/b", false)]
    [TestCase("a/b:/b", "/work/a/b", "/b", false)]
    [TestCase("~:/b", "/home/me", "/b", false)]
    [TestCase("~/src:/b", "/home/me/src", "/b", false)]
    public void Volume_IsRead(string text, string source, string destination, bool readOnly)
        => Assert.That(Reader().Read(text), Is.EqualTo(new BindMount(source, destination, readOnly)));

    [TestCase("data:/b", "'data' would be a named volume, which orca does not have")]
    [TestCase("~me:/b", "'~me' would be a named volume, which orca does not have")]
    [TestCase("/b", "there is no ':' between the path here and the path inside")]
    [TestCase(":/b", "it is not SOURCE:DESTINATION[:OPTIONS]")]
    [TestCase("", "there is no ':' between the path here and the path inside")]
    [TestCase("/a:b", "the path inside, 'b', does not start with '/'")]
    [TestCase("/a:", "the path inside, '', does not start with '/'")]
    [TestCase("/a:/", "the path inside cannot be '/'")]
    [TestCase("/a://", "the path inside cannot be '/'")]
    [TestCase("/a:/b:xx", "'xx' is none of ro, rw, z, Z")]
    [TestCase("/a:/b:", "'' is none of ro, rw, z, Z")]
    [TestCase("/a:/b:shared", "'shared' is none of ro, rw, z, Z")]
    [TestCase("/a:/b:ro:x", "it is not SOURCE:DESTINATION[:OPTIONS]")]
    public void Volume_ThatCannotBe_IsRefused(string text, string problem) => Assert.That(
        () => Reader().Read(text), Throws.TypeOf<ReferenceException>().With.Message.EqualTo($"cannot mount '{text}': {problem}"));

    [Test]
    public void Label_IsRemembered()
    {
        var reader = Reader();
        reader.Read("/a:/b");
        Assert.That(reader.LabelAsked, Is.False);
        reader.Read("/a:/b:z");
        Assert.That(reader.LabelAsked);
    }

    [Test]
    public void MissingSource_IsRefusedWithWhatToType()
    {
        var error = Assert.Throws<ReferenceException>(() => VolumeReader.RequireSource(new BindMount("/nonexistent/x", "/b", false)));
        Assert.That(error.Message, Is.EqualTo("cannot mount '/nonexistent/x': ENOENT (no such file or directory)"));
        Assert.That(error.Hint, Is.EqualTo("make it first: mkdir -p '/nonexistent/x'"));
    }

    private static VolumeReader Reader() => new("/work", "/home/me");
}
