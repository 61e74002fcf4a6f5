using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>What 'orca save' writes, loaded by the engines that people move images to: every path with its type, mode, owner, size and target.</summary>
[Category("EndToEnd")]
[NonParallelizable]
public sealed class PeerLoadTests
{
    private string _work = "";
    private string[] _original = [];

    [OneTimeSetUp]
    public void UnpackTheOriginal()
    {
        Needs.Root("podman and docker give files their owners only as root");
        _work = Path.Combine(World.Root, "peers");
        Directory.CreateDirectory(_work);
        World.Tool("skopeo", "copy", "-q", "--src-tls-verify=false", $"docker://{World.Debian}", $"oci:{_work}/layout:x").Succeeds();
        World.Tool("umoci", "unpack", "--image", $"{_work}/layout:x", $"{_work}/bundle").Succeeds();
        _original = List($"{_work}/bundle/rootfs");
        Assert.That(_original, Has.Some.Contain("f 2755 0:42 "), "an owner other than root");
        World.Orca("pull", "-q", World.Debian).Succeeds();
    }

    [OneTimeTearDown]
    public void Clear()
    {
        if (_work.Length > 0)
        {
            World.Tool("rm", "-rf", _work);
        }
    }

    [Test]
    public void Podman_HasEveryOwnerOfASavedImage([Values("docker-archive", "oci-archive")] string format)
    {
        var archive = Save(format);
        string[] podman = ["--root", $"{_work}/{format[0]}", "--runroot", $"{_work}/{format[0]}-run", "--storage-driver", "vfs"];
        Assert.That(new Command("podman", [.. podman, "load", "-q", "-i", archive]).AsCaller().Within(180).Run().Succeeds().Output, Does.Contain(World.Debian));
        var tree = new Command("podman", [.. podman, "image", "mount", World.Debian]).AsCaller().Run().Succeeds().Lines.Single();
        Compare(List(tree));
    }

    [Test]
    public void Docker_HasEveryOwnerOfASavedImage([Values("docker-archive", "oci-archive")] string format)
    {
        var (archive, place) = (Save(format), $"{_work}/docker-{format}");
        using var daemon = new DockerDaemon(place);
        Assert.That(daemon.Docker("load", "-i", archive).Run().Succeeds().Output, Does.Contain(World.Debian));
        Compare(List(Directory.GetDirectories($"{daemon.Data}/vfs/dir").Single()));
    }

    private static string Save(string format)
    {
        var archive = Path.Combine(World.Shared.Directory, format + ".tar");
        World.Orca("save", "--format", format, "-o", archive, World.Debian).Succeeds();
        return archive;
    }

    private void Compare(string[] loaded)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loaded.Except(_original).Take(10), Is.Empty, "only there");
            Assert.That(_original.Except(loaded).Take(10), Is.Empty, "only in the original");
        }
    }

    private static string[] List(string tree) =>
        [.. World.Tool("find", tree, "-mindepth", "1", "(", "-type", "d", "-printf", "%P d %m %U:%G\n", ")", "-o", "-printf", "%P %y %m %U:%G %s %l\n").Succeeds().Lines.Order(StringComparer.Ordinal)];
}
