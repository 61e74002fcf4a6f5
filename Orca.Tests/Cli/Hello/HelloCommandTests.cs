using NUnit.Framework;
using Orca.Cli.Commands;
using Orca.Cli.Hello;
using Orca.Core.Errors;
using Orca.Core.Images;

namespace Orca.Tests.Cli.Hello;

/// <summary>hello leaves nothing behind.</summary>
public sealed class HelloCommandTests
{
    private readonly string _home = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"hello-{Guid.NewGuid():N}");

    [SetUp]
    public void Make() => Directory.CreateDirectory(_home);

    [TearDown]
    public void Remove() => Directory.Delete(_home, recursive: true);

    [Test]
    public void Hello_ShowsEachStage_AndRemovesWhatItMade()
    {
        var world = new FakeWorld();
        Assert.That(Run(world), Is.Zero);
        foreach (var stage in (string[])["resolve", "fetch + verify", "flatten", "run, in all", "clean up"])
        {
            Assert.That(world.Out.Text, Does.Contain($"\n  {stage} "));
        }

        Assert.That(world.Ran!.Pull, Is.EqualTo(PullPolicy.Never));
        Assert.That(world.Composed.Single().Root, Does.StartWith(Path.Combine(_home, "data", "orca.hello-")));
        Assert.That(world.Removed, Is.EqualTo(["orca.local/hello:latest"]));
        Assert.That(Directory.EnumerateFileSystemEntries(_home), Is.Empty);
    }

    [Test]
    public void Hello_ThatFails_RemovesWhatItMade()
    {
        var world = new FakeWorld { Failure = () => new SandboxException("cannot start") };
        Assert.That(() => Run(world), Throws.TypeOf<SandboxException>());
        Assert.That(Directory.EnumerateFileSystemEntries(_home), Is.Empty);
    }

    [Test]
    public void Store_OfADeadProcess_IsSwept_AndOfALivingOneIsNot()
    {
        var root = Path.Combine(_home, "data", "orca");
        var locked = Directory.CreateDirectory(Path.Combine(root, "hello-999999999", "images", "work"));
        locked.UnixFileMode = UnixFileMode.None;
        Directory.CreateDirectory(Path.Combine(root, "hello-1"));
        Directory.CreateDirectory(Path.Combine(root, "hello-x"));
        using (new TemporaryStore(root))
        {
            Assert.That(Directory.GetDirectories(root).Select(Path.GetFileName).Order(), Is.EqualTo(["hello-1", "hello-x"]));
        }

        Assert.That(Directory.Exists(root), "what was there stays");
    }

    private int Run(FakeWorld world)
    {
        using var context = world.Context();
        context.Global = context.Global with { Root = Path.Combine(_home, "data", "orca") };
        return HelloCommand.Execute(context, new EmbeddedImageSource([1, 2, 3]));
    }
}
