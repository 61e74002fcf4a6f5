using NUnit.Framework;
using Orca.Cli.Commands;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.Cli.Commands;

public sealed class ArchiveCommandsTests
{
    [TestCase("load -i ./x.tar", "./x.tar", false)]
    [TestCase("load -i no-such-file", "no-such-file", false)]
    [TestCase("load --replace docker-archive:x.tar", "x.tar", true)]
    [TestCase("load https://example.com/x.tar", "https://example.com/x.tar", false)]
    public void Load_AsksForEveryImage(string line, string path, bool replace)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line.Split(' ')), Is.Zero);
        var request = world.Loaded.Single();
        Assert.That((request.Location.Path, request.Replace, request.Single, request.YieldNames), Is.EqualTo((path, replace, false, false)));
        Assert.That(world.Out.Text, Is.EqualTo("loaded: archive/one:1\n"));
    }

    [Test]
    public void Load_NameThatWasAnothers_IsSaid()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("load", "-q", "--replace", "./x.tar"), Is.Zero);
        Assert.That(world.Error.Text, Is.EqualTo("orca: note: 'archive/one:1' was the name of another image before\n"));
    }

    [Test]
    public void Load_FileOfTheNameOfAnImage_IsAFile()
    {
        var directory = Directory.CreateTempSubdirectory("orca-load-");
        var path = Path.Combine(directory.FullName, "alpine");
        File.WriteAllText(path, "");
        Assert.That(LoadSyntax.FileFirst(path).Transport, Is.EqualTo(ImageTransport.File));
        Assert.That(LoadSyntax.FileFirst("no-such-file").Transport, Is.EqualTo(ImageTransport.Registry));
        Assert.That(LoadSyntax.FileFirst("no-such-file.tar.gz").Transport, Is.EqualTo(ImageTransport.File), "no registry is asked for it");
        directory.Delete(recursive: true);
    }

    [Test]
    public void Import_MakesOneImage_WithItsDefaults()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("import", "-q", "./tree", "mine:1", "--change", "CMD [\"bash\", \"-l\"]", "-c", "ENV A=1"), Is.Zero);
        var request = world.Loaded.Single();
        Assert.That((request.Location.Path, request.Name!.Familiar, request.Single), Is.EqualTo(("./tree", "mine:1", true)));
        Assert.That((request.Defaults!.Cmd, request.Defaults.Env), Is.EqualTo((new[] { "bash", "-l" }, new[] { "A=1" })));
        Assert.That(world.Out.Text, Is.EqualTo(FakeWorld.SomeDigest + "\n"));
    }

    [Test]
    public void Pull_TakesAnArchive()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("pull", "-q", "oci:./layout:1", "--tag", "mine"), Is.Zero);
        Assert.That((world.Loaded.Single().Location.Selector, world.Loaded.Single().Name!.Familiar, world.Loaded.Single().Single), Is.EqualTo(("1", "mine:latest", true)));
    }

    [Test]
    public void Run_OfAnArchive_LoadsItAndStartsAnew_AndThenRunsWhatWasLoaded()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("run", "-q", "./x.tar", "true"), Is.Zero);
        Assert.That((world.Loaded.Single().YieldNames, world.Loaded.Single().Replace), Is.EqualTo((true, false)), "a run takes no name from another image");
        var pinned = ImageReference.Parse("archive/one:1").WithDigest(FakeWorld.SomeDigest);
        Assert.That(world.Restarts, Is.EqualTo([pinned]));
        Assert.That((world.Ran!.Image, world.Ran.Pull), Is.EqualTo((pinned, PullPolicy.Never)));
    }

    [TestCase("load -i a b", "cannot use option '--input' and a SOURCE together")]
    [TestCase("import ./x --tag a b", "cannot use option '--tag' and a NAME together")]
    [TestCase("import ./x --change NOTHING", "cannot use option '--change' with 'NOTHING'")]
    [TestCase("save --format tar alpine", "cannot use option '--format': 'tar' is none of docker-archive, oci-archive")]
    [TestCase("save alpine", "cannot save image 'alpine:latest': it is not in the store")]
    [TestCase("save", "cannot use 'orca save'")]
    [TestCase("export", "cannot use 'orca export'")]
    [TestCase("load oci:", "cannot use image 'oci:': the path is empty")]
    public void Wrong_IsRefused(string line, string message)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line.Split(' ')), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith("orca: " + message));
        Assert.That(world.Loaded, Is.Empty);
    }

    [Test]
    public void Save_WritesAFileThatIsWholeOrNotThere()
    {
        var directory = Directory.CreateTempSubdirectory("orca-save-");
        var path = Path.Combine(directory.FullName, "x.tar");
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("save", "-o", path, "alpine", "alpine:latest"), Is.Zero);
        Assert.That(File.ReadAllText(path), Is.EqualTo("saved alpine:latest as DockerArchive"));

        world.Failure = () => new StoreException("cannot save");
        Assert.That(world.Run("export", "-o", path, "work"), Is.EqualTo(125));
        Assert.That(Directory.GetFileSystemEntries(directory.FullName), Is.EqualTo([path]));
        Assert.That(File.ReadAllText(path), Is.EqualTo("saved alpine:latest as DockerArchive"), "what was there stays");

        world.Failure = null;
        Assert.That(world.Run("export", "work", "-o", "/nonexistent/x"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.Contain("orca: cannot export to '/nonexistent/x': ENOENT"));
        directory.Delete(recursive: true);
    }
}
