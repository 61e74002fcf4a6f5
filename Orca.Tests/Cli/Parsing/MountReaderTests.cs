using NUnit.Framework;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Tests.Cli.Parsing;

/// <summary>--mount, --tmpfs and --device.</summary>
public sealed class MountReaderTests
{
    [TestCase("type=bind,source=/a,target=/b", "/a", "/b", false)]
    [TestCase("type=bind,src=/a,dst=/b,readonly", "/a", "/b", true)]
    [TestCase("type=bind,src=/a,destination=/b,ro=true", "/a", "/b", true)]
    [TestCase("type=bind,src=/a,dst=/b,readonly=0", "/a", "/b", false)]
    [TestCase("dst=/b,src=./a,type=bind", "/work/a", "/b", false)]
    [TestCase("type=bind,\"src=/a,b\",dst=/b", "/a,b", "/b", false)]
    [TestCase("type=bind,\"src=/a\"\"b\",dst=/b", "/a\"b", "/b", false)]
    [TestCase("type=bind,src=/a:b,dst=/c:d", "/a:b", "/c:d", false)]
    [TestCase("type=bind,src=/a,dst=/b,bind-propagation=rprivate,consistency=cached,bind-recursive=readonly", "/a", "/b", false)]
    public void Bind_IsRead(string text, string source, string destination, bool readOnly)
    {
        var (binds, temporary) = Read(text);
        Assert.That(binds, Is.EqualTo([new BindMount(source, destination, readOnly)]));
        Assert.That(temporary, Is.Empty);
    }

    [TestCase("type=tmpfs,target=/x", "/x:mode=1777")]
    [TestCase("type=tmpfs,dst=/x,tmpfs-size=64m,tmpfs-mode=0700,ro", "/x:mode=700,size=67108864,ro")]
    public void Tmpfs_IsRead(string text, string expected) => Assert.That(Read(text).Temporary.Single().ToString(), Is.EqualTo(expected));

    [TestCase("", "'' has no value")]
    [TestCase("src=/a,dst=/b", "it would be a named volume, which orca does not have")]
    [TestCase("type=volume,src=a,dst=/b", "it would be a named volume, which orca does not have")]
    [TestCase("type=npipe,src=a,dst=/b", "type 'npipe' is neither bind nor tmpfs")]
    [TestCase("type=bind,dst=/b", "there is no source")]
    [TestCase("type=bind,src=/a", "there is no target")]
    [TestCase("type=bind,src=/a,dst=b", "the path inside, 'b', does not start with '/'")]
    [TestCase("type=bind,src=/a,dst=/x/..", "the path inside cannot be '/'")]
    [TestCase("type=bind,src=/a,dst=/b,size=1", "'size=1' is not known")]
    [TestCase("type=bind,src=/a,dst=/b,ro=maybe", "'maybe' is neither true nor false")]
    [TestCase("type=bind,src=/a,dst=/b,bind-propagation=shared", "propagation 'shared' cannot be: mounts of this machine and of the container are kept apart")]
    [TestCase("type=bind,src=/a,dst=/b,bind-recursive=disabled", "'bind-recursive=disabled' is not known")]
    [TestCase("type=bind,\"src=/a,dst=/b", "a quote is not closed")]
    [TestCase("type=tmpfs,src=/a,dst=/b", "a tmpfs has no source")]
    [TestCase("type=tmpfs,dst=/b,tmpfs-size=lots", "'lots' is no size such as 64m")]
    [TestCase("type=tmpfs,dst=/b,tmpfs-mode=778", "'778' is no mode such as 1777")]
    public void Mount_ThatCannotBe_IsRefused(string text, string problem) => Assert.That(
        () => Read(text), Throws.TypeOf<ReferenceException>().With.Message.EqualTo($"cannot mount '{text}': {problem}"));

    [TestCase("/x", "/x:mode=1777")]
    [TestCase("/x:", "/x:mode=1777")]
    [TestCase("/x:rw,size=1g,mode=755", "/x:mode=755,size=1073741824")]
    [TestCase("/x:exec,nosuid,nodev,nr_inodes=100,uid=0", "/x:mode=1777,exec,nr_inodes=100,uid=0")]
    public void TemporaryMount_IsRead_AndItsTextToo(string text, string expected)
    {
        Assert.That(TemporaryMount.Parse(text).ToString(), Is.EqualTo(expected));
        Assert.That(TemporaryMount.Parse(expected), Is.EqualTo(TemporaryMount.Parse(text)));
    }

    [TestCase("x")]
    [TestCase("/")]
    [TestCase("/x:size=")]
    [TestCase("/x:mode=9")]
    [TestCase("/x:mode=77777")]
    [TestCase("/x:suid")]
    [TestCase("/x:dev")]
    [TestCase("/x:,")]
    [TestCase("/x:uid=0\n1")]
    public void TemporaryMount_ThatCannotBe_IsRefused(string text) => Assert.That(() => TemporaryMount.Parse(text), Throws.TypeOf<ReferenceException>());

    [TestCase("/dev/null", "/dev/null")]
    [TestCase("/dev/null:/dev/mine", "/dev/mine")]
    [TestCase("/dev/null:rwm", "/dev/null")]
    [TestCase("/dev/null:/dev/mine:rw", "/dev/mine")]
    public void Device_IsRead(string text, string destination) => Assert.That(DeviceReader.Read(text), Is.EqualTo(new BindMount("/dev/null", destination, false)));

    [TestCase("/etc/passwd", "cannot pass device '/etc/passwd': it is no device")]
    [TestCase("/dev/nonesuch", "cannot pass device '/dev/nonesuch': ENOENT (no such file or directory)")]
    [TestCase("/dev/null:r", "cannot pass device '/dev/null:r': without root, reading or writing alone cannot be taken away")]
    [TestCase("/dev/null:x", "cannot pass device '/dev/null:x': 'x' is no permission made of r, w and m")]
    [TestCase("dev/null", "cannot pass device 'dev/null': it is not SOURCE[:DESTINATION][:PERMISSIONS] with absolute paths")]
    [TestCase("/dev/null:/a:/b", "cannot pass device '/dev/null:/a:/b': it is not SOURCE[:DESTINATION][:PERMISSIONS] with absolute paths")]
    public void Device_ThatCannotBe_IsRefused(string text, string message) =>
        Assert.That(() => DeviceReader.Read(text), Throws.TypeOf<ReferenceException>().With.Message.EqualTo(message));

    private static (List<BindMount> Binds, List<TemporaryMount> Temporary) Read(string text)
    {
        var binds = new List<BindMount>();
        var temporary = new List<TemporaryMount>();
        new MountReader(new VolumeReader("/work", "/home/me")).Read(text, binds, temporary);
        return (binds, temporary);
    }
}
