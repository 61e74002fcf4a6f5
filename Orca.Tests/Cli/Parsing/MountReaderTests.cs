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
    [TestCase("type=bind,src=/a,dst=/b,bind-propagation=rprivate,consistency=cached,bind-recursive=readonly,ro", "/a", "/b", true)]
    [TestCase("type=bind,src=d,dst=/b", "/work/d", "/b", false)]
    [TestCase("type=bind,src=.,dst=/b", "/work", "/b", false)]
    [TestCase("type=bind,source=../d,dst=/b", "/work/../d", "/b", false)]
    [TestCase("type=bind,src=d/e,dst=/b,rw", "/work/d/e", "/b", false)]
    [TestCase("TYPE=Bind,SRC=/a,Target=/b,ReadOnly", "/a", "/b", true)]
    [TestCase("type=bind,src=/a,dst=/b,ro=T", "/a", "/b", true)]
    [TestCase("type=bind,src=/a,dst=/b,readonly=False", "/a", "/b", false)]
    [TestCase("type=bind,src=/a,dst=/b,bind-recursive=enabled,bind-propagation=Private,consistency=Delegated", "/a", "/b", false)]
    [TestCase("type=bind,src=/nonexistent,dst=/b,bind-nonrecursive", "/nonexistent", "/b", false)]
    [TestCase("type=bind,src=/nonexistent,dst=/b,bind-nonrecursive=false,bind-recursive=disabled", "/nonexistent", "/b", false)]
    [TestCase("type=bind,src=/nonexistent,dst=/b,ro,bind-recursive=writable", "/nonexistent", "/b", true)]
    [TestCase("type=bind,src=/a,dst=/b,U=true,relabel=shared", "/a", "/b", false)]
    [TestCase("type=bind,src=/a,dst=/b,rw=false", "/a", "/b", true)]
    [TestCase("type=bind,src=/a,dst=/b,rw=true,ro=false", "/a", "/b", false)]
    [TestCase("type=bind,src=/a,dst=/b,private,rbind,Z,idmap=false,U=false,chown", "/a", "/b", false)]
    [TestCase("type=bind,src=/,dst=/b,bind-create-src", "/", "/b", false)]
    [TestCase("type=bind,src=/a,dst=/b,bind-create-src=false", "/a", "/b", false)]
    [TestCase("type=bind,\"source=/a\",\"dst=/b,c\"", "/a", "/b,c", false)]
    public void Bind_IsRead(string text, string source, string destination, bool readOnly)
    {
        var (binds, temporary) = Read(text);
        Assert.That(binds, Is.EqualTo([new BindMount(source, destination, readOnly)]));
        Assert.That(temporary, Is.Empty);
    }

    [TestCase("type=tmpfs,target=/x", "/x:mode=1777")]
    [TestCase("type=tmpfs,dst=/x,tmpfs-size=64m,tmpfs-mode=0700,ro", "/x:mode=700,size=67108864,ro")]
    [TestCase("type=tmpfs,dst=/x,exec,suid,nodev,notmpcopyup,consistency=cached", "/x:mode=1777,exec,suid")]
    [TestCase("type=tmpfs,dst=/x,size=1m,mode=700,uid=5,nr_inodes=9,rprivate", "/x:mode=700,size=1048576,uid=5,nr_inodes=9")]
    [TestCase("type=tmpfs,dst=/x,tmpfs-size=50%", "/x:mode=1777,size=50%")]
    [TestCase("type=tmpfs,dst=/x,tmpfs-size=0", "/x:mode=1777,size=0")]
    [TestCase("type=tmpfs,dst=/x,rw=false", "/x:mode=1777,ro")]
    public void Tmpfs_IsRead(string text, string expected) => Assert.That(Read(text).Temporary.Single().ToString(), Is.EqualTo(expected));

    [TestCase("", "'' has no value")]
    [TestCase("src=/a,dst=/b", "a volume's source is its name")]
    [TestCase("type=volume,dst=/b", "a volume's source is its name")]
    [TestCase("type=npipe,src=a,dst=/b", "type 'npipe' is neither bind nor tmpfs")]
    [TestCase("type=bind,dst=/b", "there is no source")]
    [TestCase("type=bind,src=/a", "there is no target")]
    [TestCase("type=bind,src=/a,dst=b", "the path inside, 'b', does not start with '/'")]
    [TestCase("type=bind,src=/a,dst=/x/..", "the path inside cannot be '/', the container's root")]
    [TestCase("type=tmpfs,dst=/proc/sys", "nothing may cover /proc")]
    [TestCase("type=bind,src=/a,dst=/b,size=1", "'size=1' is not known")]
    [TestCase("type=bind,src=/a,dst=/b,ro=maybe", "'maybe' is neither true nor false")]
    [TestCase("type=bind,src=/a,dst=/b,bind-propagation=shared", "propagation 'shared' cannot be: mounts of this machine and of the container are kept apart")]
    [TestCase("type=bind,src=/a,dst=/b,bind-propagation=rslave", "propagation 'rslave' cannot be: mounts of this machine and of the container are kept apart")]
    [TestCase("type=bind,src=/a,dst=/b,bind-recursive=readonly", "'bind-recursive=readonly' needs 'readonly'")]
    [TestCase("type=bind,src=/a,dst=/b,bind-recursive=maybe", "'bind-recursive=maybe' is not known")]
    [TestCase("type=bind,src=/a,dst=/b,tmpfs-size=1m", "'tmpfs-size' is for 'type=tmpfs', and this is 'type=bind'")]
    [TestCase("type=bind,src=/a,dst=/b,volume-nocopy", "'volume-nocopy' is for 'type=volume', and this is 'type=bind'")]
    [TestCase("type=tmpfs,dst=/b,bind-propagation=private", "'bind-propagation' is for 'type=bind', and this is 'type=tmpfs'")]
    [TestCase("type=bind,src=/a,dst=/b,idmap", "without root the ids of files cannot be mapped")]
    [TestCase("type=bind,src=/a,dst=/b, ro", "' ro' has no value")]
    [TestCase("type=image,src=a,dst=/b", "an image cannot be mounted into another one's container")]
    [TestCase("type=image,src=a,dst=/b,image-subpath=etc", "an image cannot be mounted into another one's container")]
    [TestCase("type=glob,src=/a*,dst=/b", "patterns are not looked for")]
    [TestCase("type=ramfs,dst=/b", "the kernel lets only root mount a ramfs")]
    [TestCase("type=devpts,dst=/dev/pts", "the container has terminals of its own on /dev/pts")]
    [TestCase("type=cluster,src=a,dst=/b", "type 'cluster' is neither bind nor tmpfs")]
    [TestCase("type=bind,src=/a,dst=/b,ro,rw", "it is both read-only and not")]
    [TestCase("type=bind,src=/a,dst=/b,ro=false,readonly", "it is both read-only and not")]
    [TestCase("type=bind,src=/a,dst=/b,rslave", "propagation 'rslave' cannot be: mounts of this machine and of the container are kept apart")]
    [TestCase("type=bind,src=/a,dst=/b,bind-propagation=unbindable", "propagation 'unbindable' cannot be: mounts of this machine and of the container are kept apart")]
    [TestCase("type=tmpfs,dst=/b,shared", "propagation 'shared' cannot be: mounts of this machine and of the container are kept apart")]
    [TestCase("type=bind,src=/a,dst=/b,no-dereference", "a symbolic link as source is followed")]
    [TestCase("type=bind,src=/a,dst=/b,volume-subpath=x", "'volume-subpath' is for 'type=volume', and this is 'type=bind'")]
    [TestCase("type=bind,src=/a,dst=/b,image-subpath=x", "'image-subpath' is for 'type=image', and this is 'type=bind'")]
    [TestCase("type=bind,src=/a,dst=/b,subpath=x", "'subpath' is for volumes and images, and neither can be mounted")]
    [TestCase("type=bind,src=/a,dst=/b,idmap=uids=0-1-10", "without root the ids of files cannot be mapped")]
    [TestCase("type=bind,src=/a,dst=/b,noswap", "'noswap' is not known")]
    [TestCase("type=tmpfs,dst=/b,noswap", "without root nothing can be kept from the swap")]
    [TestCase("type=tmpfs,dst=/b,bind-create-src", "'bind-create-src' is for 'type=bind', and this is 'type=tmpfs'")]
    [TestCase("type=tmpfs,dst=/b,tmpcopyup", "it begins empty, as in Docker; what the image has there is not copied")]
    [TestCase("type=bind,\"src=/a,dst=/b", "a quote is not closed")]
    [TestCase("type=tmpfs,src=/a,dst=/b", "a tmpfs has no source")]
    [TestCase("type=tmpfs,dst=/b,tmpfs-size=lots", "'lots' is no size such as 64m")]
    [TestCase("type=tmpfs,dst=/b,tmpfs-mode=778", "'778' is no mode such as 1777")]
    public void Mount_ThatCannotBe_IsRefused(string text, string problem) => Assert.That(
        () => Read(text), Throws.TypeOf<ReferenceException>().With.Message.EqualTo($"cannot mount '{text}': {problem}"));

    [TestCase("/x", "/x:mode=1777")]
    [TestCase("/x:", "/x:mode=1777")]
    [TestCase("/x:rw,size=1g,mode=755", "/x:mode=755,size=1073741824")]
    [TestCase("/x:exec,nosuid,nodev,nr_inodes=100,uid=0", "/x:mode=1777,uid=0,exec,nr_inodes=100")]
    [TestCase("/x:uid=1000,gid=5,suid,dev,noatime,sync,U", "/x:mode=1777,uid=1000,gid=5,suid")]
    [TestCase("/x:size=50%", "/x:mode=1777,size=50%")]
    [TestCase("/x:size=0", "/x:mode=1777,size=0")]
    [TestCase("/x:size=64K,nr_inodes=4k,nr_blocks=1M", "/x:mode=1777,size=65536,nr_inodes=4k,nr_blocks=1M")]
    [TestCase("/x:defaults,rprivate,notmpcopyup", "/x:mode=1777")]
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
    [TestCase("/x:size=%")]
    [TestCase("/x:size=5x%")]
    [TestCase("/x:uid=ann")]
    [TestCase("/x:uid=4294967295")]
    [TestCase("/x:gid=-1")]
    [TestCase("/x:nr_inodes=")]
    [TestCase("/x:nr_inodes=many")]
    [TestCase("/x:noswap")]
    [TestCase("/x:tmpcopyup")]
    [TestCase("/x:shared")]
    [TestCase("/x:exec=1")]
    [TestCase("/proc")]
    [TestCase("/x:,")]
    [TestCase("/x:uid=0\n1")]
    public void TemporaryMount_ThatCannotBe_IsRefused(string text) => Assert.That(() => TemporaryMount.Parse(text), Throws.TypeOf<ReferenceException>());

    [TestCase("/dev/null", "/dev/null")]
    [TestCase("/dev/null:/dev/mine", "/dev/mine")]
    [TestCase("/dev/null:rwm", "/dev/null")]
    [TestCase("/dev/null:/dev/mine:rw", "/dev/mine")]
    public void Device_IsRead(string text, string destination) => Assert.That(DeviceReader.Read(text), Is.EqualTo(new BindMount("/dev/null", destination, false)));

    [Test]
    public void MissingSource_ThatIsToBeMade_IsRefused_WithTheCommandThatMakesIt()
    {
        var missing = Path.Combine(Path.GetTempPath(), "orca-none-" + Guid.NewGuid().ToString("N"));
        Assert.That(
            () => Read($"type=bind,src={missing},dst=/b,bind-create-src"),
            Throws.TypeOf<ReferenceException>().With.Property("Hint").EqualTo($"correct the path, or make a new directory there: mkdir -p {missing}"));
    }

    [Test]
    public void DirectoryAsDevice_MustHaveOne_WhereverInIt()
    {
        var directory = Directory.CreateTempSubdirectory("orca-device-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(directory, "a/b"));
            File.CreateSymbolicLink(Path.Combine(directory, "link"), "/dev/null");
            Assert.That(() => DeviceReader.Read(directory), Throws.TypeOf<ReferenceException>().With.Message.EqualTo($"cannot pass device '{directory}': it is a directory without devices")
                .And.Property("Hint").EqualTo($"to show a directory inside: -v {directory}:{directory}"));
            Assert.That(DeviceReader.Read("/dev/pts/.."), Is.EqualTo(new BindMount("/dev/pts/..", "/dev/pts/..", false)));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

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
