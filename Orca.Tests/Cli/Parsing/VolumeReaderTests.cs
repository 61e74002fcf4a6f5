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

    [TestCase("/b", "there is no ':' between the path here and the path inside")]
    [TestCase(":/b", "it is not SOURCE:DESTINATION[:OPTIONS]")]
    [TestCase("", "there is no ':' between the path here and the path inside")]
    [TestCase("/a:b", "the path inside, 'b', does not start with '/'")]
    [TestCase("/a:", "the path inside, '', does not start with '/'")]
    [TestCase("/a:/", "the path inside cannot be '/', the container's root")]
    [TestCase("/a://", "the path inside cannot be '/', the container's root")]
    [TestCase("/a:/proc", "nothing may cover /proc")]
    [TestCase("/a:/x/../proc/sys", "nothing may cover /proc")]
    [TestCase("/a:/b:xx", "'xx' is none of ro, rw, z, Z, noexec, nodev, nosuid")]
    [TestCase("/a:/b:", "'' is none of ro, rw, z, Z, noexec, nodev, nosuid")]
    [TestCase("/a:/b:ro,rw", "it is both 'ro' and 'rw'")]
    [TestCase("/a:/b:shared", "propagation 'shared' cannot be: mounts of this machine and of the container are kept apart")]
    [TestCase("/a:/b:ro,rslave", "propagation 'rslave' cannot be: mounts of this machine and of the container are kept apart")]
    [TestCase("/a:/b:O", "changes to a directory of the host cannot be thrown away at the end")]
    [TestCase("/a:/b:O,upperdir=/u,workdir=/w", "changes to a directory of the host cannot be thrown away at the end")]
    [TestCase("/a:/b:idmap=uids=0-1-10", "without root the ids of files cannot be mapped")]
    [TestCase("/a:/b:copy", "only a named volume is filled from the image, and this is a directory of the host")]
    [TestCase("/a:/b:ro:x", "it is not SOURCE:DESTINATION[:OPTIONS]")]
    public void Volume_ThatCannotBe_IsRefused(string text, string problem) => Assert.That(
        () => Reader().Read(text), Throws.TypeOf<ReferenceException>().With.Message.EqualTo($"cannot mount '{text}': {problem}"));

    [TestCase("U,rbind,exec,dev,suid,cached", false, false, false)]
    [TestCase("noexec,nodev,nosuid", true, true, true)]
    [TestCase("noexec,exec,nosuid", false, false, true)]
    public void Words_OfPodman_AreRead(string words, bool noExec, bool noDevices, bool noSetUid) => Assert.That(
        Reader().Read("/a:/b:" + words), Is.EqualTo(new BindMount("/a", "/b", false) { NoExec = noExec, NoDevices = noDevices, NoSetUid = noSetUid }));

    [Test]
    public void WordBind_IsTaken_WhereNothingIsMountedBelow()
    {
        Assert.That(Reader().Read("/nonexistent:/b:bind"), Is.EqualTo(new BindMount("/nonexistent", "/b", false)));
        Assert.That(() => Reader().Read("/:/b:bind"), Throws.TypeOf<ReferenceException>().With.Message.Contains("'bind' cannot be: '/").And.Message.Contains("is mounted below"));
    }

    [TestCase("/a", "/a/b c")]
    [TestCase("/a/b c", null)]
    [TestCase("/", "/a/b c")]
    [TestCase("/b", null)]
    public void HostMounts_FindsWhatIsBelow(string path, string? expected) =>
        Assert.That(HostMounts.Find("1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / /a/b\\040c rw - tmpfs x rw\n3 1 0:3 / /bb rw - tmpfs x rw\n", path), Is.EqualTo(expected));

    [Test]
    public void Label_IsRemembered()
    {
        var reader = Reader();
        reader.Read("/a:/b");
        Assert.That(reader.LabelAsked, Is.False);
        reader.Read("/a:/b:z");
        Assert.That(reader.LabelAsked);
    }

    [TestCase("/tmp/nonexistent/x", "correct the path, or make a new directory there: mkdir -p /tmp/nonexistent/x")]
    [TestCase("/tmp/nonexistent/it's x", "correct the path, or make a new directory there: mkdir -p '/tmp/nonexistent/it'\\''s x'")]
    [TestCase("/tmp/nonexistent/agent.1", "correct the path, or start what makes the file or socket there")]
    [TestCase("/tmp/.X11-unix/nonexistent", "correct the path, or start what makes the file or socket there")]
    [TestCase("/run/nonexistent/bus", "correct the path, or start what makes the file or socket there")]
    [TestCase("/proc/nonexistent", "correct the path, or start what makes the file or socket there")]
    [TestCase("/tmp/nonexistent/line\nbreak", "correct the path, or start what makes the file or socket there")]
    public void MissingSource_IsRefusedWithWhatHelps(string source, string hint)
    {
        var error = Assert.Throws<ReferenceException>(() => MountSource.Require(source));
        Assert.That(error.Message, Does.StartWith("cannot mount '").And.EndsWith("': ENOENT (no such file or directory)"));
        Assert.That(error.Hint, Is.EqualTo(hint));
    }

    [Test]
    public void RelativeSource_InADeletedDirectory_IsRefused() => Assert.That(
        () => new VolumeReader(null, "/home/me").Read(".:/x"), Throws.TypeOf<ReferenceException>().With.Message.EndsWith("counts from the current directory, which has been deleted"));

    [TestCase("a:b:/x", "--mount type=bind,source=./a:b,target=/x")]
    [TestCase("./a:b:/x:ro", "--mount type=bind,source=./a:b,target=/x,readonly")]
    [TestCase("./a:b,c:/x", "--mount 'type=bind,\"source=./a:b,c\",target=/x'")]
    public void SourceWithAColon_IsToldApart(string text, string option)
    {
        var directory = Directory.CreateTempSubdirectory();
        Directory.CreateDirectory(Path.Combine(directory.FullName, "a:b"));
        Directory.CreateDirectory(Path.Combine(directory.FullName, "a:b,c"));
        var error = Assert.Throws<ReferenceException>(() => new VolumeReader(directory.FullName, null).Read(text));
        directory.Delete(recursive: true);
        Assert.That((error.Message.Contains("has a ':' of its own", StringComparison.Ordinal), error.Hint), Is.EqualTo((true, $"write instead: {option}")));
    }

    private static VolumeReader Reader() => new("/work", "/home/me");
}
