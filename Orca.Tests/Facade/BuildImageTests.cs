using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.Facade;

/// <summary>Images that a program makes of a directory.</summary>
[TestFixture]
internal sealed class BuildImageTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orca-build-").FullName;
    private RealOrca _real = null!;

    [OneTimeSetUp]
    public void Load()
    {
        _real = new RealOrca();
        File.WriteAllText(Path.Combine(_directory, "one.txt"), "one\n");
        Directory.CreateDirectory(Path.Combine(_directory, "sub"));
        File.WriteAllText(Path.Combine(_directory, "sub/two.txt"), "two\n");
        File.CreateSymbolicLink(Path.Combine(_directory, "link"), "sub/two.txt");
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _real.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private IOrca Orca => _real.Orca;

    [Test]
    public async Task Directory_OverAnImage_HasBoth_AndRunsAsItSays()
    {
        var built = await Orca.Images.BuildAsync(new ImageBuild(_directory, "built:1")
        {
            From = ImageReference.Parse("busybox"),
            Into = "/srv/app",
            Defaults = new ImageConfig { Platform = Platform.Current, DiffIds = [], Env = ["BUILT=yes"], Cmd = ["/bin/sh", "-c", "echo $BUILT; cat one.txt link"], WorkingDir = "/srv/app" },
        });
        Assert.That(built.References, Does.Contain(ImageReference.Parse("built:1")));
        Assert.That(built.Config.DiffIds, Has.Count.EqualTo(2));
        Assert.That((await Orca.RunAsync(new ContainerStart("built:1", []))).StandardOutput, Is.EqualTo("yes\none\ntwo\n"));
    }

    /// <summary>The directory of the host is for its owner alone; the image's root stays as it is.</summary>
    [Test]
    public async Task DirectoryAsTheRoot_LeavesThePermissionsOfTheImagesRoot()
    {
        await Orca.Images.BuildAsync(new ImageBuild(_directory, "built:2") { From = ImageReference.Parse("busybox") });
        var before = await Orca.RunAsync(RealOrca.Script("stat -c %a /"));
        var after = await Orca.RunAsync(new ContainerStart("built:2", ["/bin/sh", "-c", "stat -c %a /; cat /sub/two.txt"]));
        Assert.That(after.StandardOutput, Is.EqualTo(before.StandardOutput + "two\n"));
    }

    [Test]
    public async Task SameDirectory_MakesTheSameImage()
    {
        var build = new ImageBuild(_directory, "built:3") { From = ImageReference.Parse("busybox"), Into = "/srv" };
        Assert.That((await Orca.Images.BuildAsync(build)).Digest, Is.EqualTo((await Orca.Images.BuildAsync(build with { Name = ImageReference.Parse("built:4") })).Digest));
    }

    [Test]
    public async Task Directory_WithoutAnImage_IsTheWholeImage()
    {
        var root = Path.Combine(_real.StoreRoot, "../rootfs");
        await Orca.Images.BuildAsync(new ImageBuild(root, "built:5"));
        Assert.That((await Orca.RunAsync(new ContainerStart("built:5", ["/bin/echo", "whole"]))).StandardOutput, Is.EqualTo("whole\n"));
    }

    [TestCase("srv")]
    [TestCase("/srv/../etc")]
    [TestCase("/.wh.etc")]
    public void Place_ThatIsNoPlainPath_IsRefused(string place) => Assert.That(
        () => Orca.Images.BuildAsync(new ImageBuild(_directory, "built:6") { From = ImageReference.Parse("busybox"), Into = place }), Throws.TypeOf<ReferenceException>());

    [Test]
    public void ImageBelow_ThatIsMissing_IsAnError() => Assert.That(
        () => Orca.Images.BuildAsync(new ImageBuild(_directory, "built:7") { From = ImageReference.Parse("nonesuch.invalid/x") }), Throws.TypeOf<StoreException>().With.Message.Contains("nonesuch.invalid/x"));
}
