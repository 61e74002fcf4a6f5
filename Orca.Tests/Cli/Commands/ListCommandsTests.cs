using System.Text.Json;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Tests.Cli.Commands;

/// <summary>images, ps, version: results on standard output, for people and programs.</summary>
public sealed class ListCommandsTests
{
    [Test]
    public void Images_AreATable()
    {
        var world = World();
        Assert.That(world.Run("images"), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo("""
            IMAGE                  DIGEST         PULLED        SIZE      SHARED
            alpine:latest          aaaaaaaaaaaa   5 hours ago   7.65 MB   1.50 MB
            localhost:5000/dev:1   aaaaaaaaaaaa   5 hours ago   7.65 MB   1.50 MB

            """));
    }

    [Test]
    public void Images_OfAnotherStore_AreMarked()
    {
        var world = World();
        world.Images[1] = world.Images[1] with { Store = "/srv/orca" };
        world.Run("images");
        Assert.That(world.Out.Text.Split('\n').Select(line => line.Split(' ')[^1]).Take(3), Is.EqualTo(["STORE", "-", "/srv/orca"]));
    }

    /// <summary>An image without a tag would widen the table by its 64 digits, of which the next column has enough.</summary>
    [Test]
    public void Image_WithoutATag_HasNoDigestInItsName()
    {
        var world = World();
        world.Images[0] = world.Images[0] with { References = [ImageReference.Parse($"localhost/rootfs@{world.Images[0].Digest}")] };
        world.Run("images");
        Assert.That(world.Out.Text, Does.Contain("\nlocalhost/rootfs:<none>   aaaaaaaaaaaa "));
        world.Run("images", "--no-trunc");
        Assert.That(world.Out.Text, Does.Contain($"\nlocalhost/rootfs@{world.Images[0].Digest} "));
    }

    [Test]
    public void Images_Quiet_AreDistinctDigests()
    {
        var world = World();
        world.Run("images", "-q");
        Assert.That(world.Out.Text, Is.EqualTo(FakeWorld.SomeDigest + "\n"));
    }

    [TestCase("images", 2)]
    [TestCase("ps -a", 2)]
    [TestCase("ps", 1)]
    public void Json_IsAnArrayOfObjects(string line, int count)
    {
        var world = World();
        Assert.That(world.Run([.. line.Split(' '), "--format", "json"]), Is.Zero);
        using var json = JsonDocument.Parse(world.Out.Text);
        Assert.That(json.RootElement.GetArrayLength(), Is.EqualTo(count));
    }

    [TestCase("images --format json")]
    [TestCase("ps --format=json")]
    public void Json_OfNothing_IsAnEmptyArray(string line)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line.Split(' ')), Is.Zero);
        using var json = JsonDocument.Parse(world.Out.Text);
        Assert.That(json.RootElement.GetArrayLength(), Is.Zero);
    }

    [Test]
    public void Json_OfAnImage_HasItsFacts()
    {
        var world = World();
        world.Run("images", "--format", "json");
        using var json = JsonDocument.Parse(world.Out.Text);
        var first = json.RootElement[0];
        Assert.That(first.GetProperty("digest").GetString(), Is.EqualTo(FakeWorld.SomeDigest.ToString()));
        Assert.That(first.GetProperty("names")[0].GetString(), Is.EqualTo("docker.io/library/alpine:latest"));
        Assert.That(first.GetProperty("size").GetInt64(), Is.EqualTo(7_654_321));
        Assert.That(first.GetProperty("shared").GetInt64(), Is.EqualTo(1_500_000));
        Assert.That(first.GetProperty("platform").GetString(), Is.EqualTo("linux/amd64"));
    }

    [Test]
    public void Json_UnderFailure_IsNothing()
    {
        var world = new FakeWorld { Failure = () => new StoreException("cannot open the store") };
        Assert.That(world.Run("images", "--format", "json"), Is.EqualTo(125));
        Assert.That((world.Out.Text, world.Error.Text), Is.EqualTo((string.Empty, "orca: cannot open the store\n")));
    }

    [TestCase("xml")]
    [TestCase("{{.Nme}}")]
    [TestCase("{{define \"x\"}}{{end}}")]
    public void Format_ThatIsNone_IsRefused(string format)
    {
        var world = World();
        Assert.That(world.Run("images", "--format", format), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith($"orca: cannot use format '{format}': "));
        Assert.That(world.Out.Text, Is.Empty);
    }

    [TestCase("{{.ID}}", "aaaaaaaaaaaa|aaaaaaaaaaaa")]
    [TestCase("{{.Repository}}:{{.Tag}}", "alpine:latest|localhost:5000/dev:1")]
    [TestCase("{{json .Repository}}", "\"alpine\"|\"localhost:5000/dev\"")]
    [TestCase("{{range .}}{{.Tag}} {{end}}", "latest 1 ")]
    [TestCase("table {{.Repository}}\\t{{.ID}}", "REPOSITORY           IMAGE ID|alpine               aaaaaaaaaaaa|localhost:5000/dev   aaaaaaaaaaaa")]
    public void Images_OfATemplate_AreARowForEachName(string format, string expected)
    {
        var world = World();
        Assert.That(world.Run("images", "--format", format), Is.Zero, world.Error.Text);
        Assert.That(world.Out.Text, Is.EqualTo(expected.Replace('|', '\n') + "\n"));
    }

    [TestCase("images -n alpine", "alpine:latest")]
    [TestCase("images -n localhost:5000/dev", "localhost:5000/dev:1")]
    [TestCase("images -n dev:1", "localhost:5000/dev:1")]
    [TestCase("images -n dev:2", "")]
    [TestCase("images -n nothing", "")]
    [TestCase("images -n --filter reference=a*", "alpine:latest")]
    [TestCase("images -n -f reference=*/dev", "localhost:5000/dev:1")]
    [TestCase("images -n -f reference=*pine:l*t", "alpine:latest")]
    [TestCase("images -n -f dangling=true", "")]
    [TestCase("images -n -f readonly=false -f reference=alp?ne", "alpine:latest")]
    public void Images_OfANameOrAFilter_AreThoseAlone(string line, string names)
    {
        var world = World();
        Assert.That(world.Run(line.Split(' ')), Is.Zero, world.Error.Text);
        Assert.That(string.Join('|', world.Out.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static row => row.Split(' ')[0])), Is.EqualTo(names));
    }

    [TestCase("size=1")]
    [TestCase("dangling=perhaps")]
    [TestCase("before=nothing")]
    [TestCase("label=a")]
    public void Images_OfAFilterThatIsNone_AreRefused(string filter) => Assert.That(World().Run("images", "-f", filter), Is.EqualTo(125));

    [TestCase("ps --format {{.Names}}|{{.Image}}|{{.State}}", "run|alpine:latest|running")]
    [TestCase("ps -a --format {{.ID}}", "kept\nrun")]
    [TestCase("ps -a --filter name=ke -q", "kept")]
    [TestCase("ps -a -f name=^un -q", "")]
    [TestCase("ps -a -f status=running -q", "run")]
    [TestCase("ps -f status=created -q", "kept")]
    [TestCase("ps -a -f ancestor=alpine -f network=host -q", "kept\nrun")]
    [TestCase("ps -a -f ancestor=debian -q", "")]
    [TestCase("ps -a --sort names --format {{.Names}}", "kept\nrun")]
    public void Ps_OfATemplateOrAFilter_IsThatAlone(string line, string expected)
    {
        var world = World();
        Assert.That(world.Run(line.Split(' ')), Is.Zero, world.Error.Text);
        Assert.That(world.Out.Text.TrimEnd('\n'), Is.EqualTo(expected));
    }

    [TestCase("ps -f size=1")]
    [TestCase("ps -f status=well")]
    [TestCase("ps -f since=nothing")]
    [TestCase("ps --sort size")]
    [TestCase("ps --last few")]
    public void Ps_OfWhatIsNone_IsRefused(string line) => Assert.That(World().Run(line.Split(' ')), Is.EqualTo(125));

    [Test]
    public void Version_OfATemplate_HasDockersNames()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("version", "-f", "{{.Client.Version}} {{.Server.Version}} {{.Version}}"), Is.Zero, world.Error.Text);
        Assert.That(world.Out.Text.Trim().Split(' ').Distinct(), Is.EqualTo([Orca.Cli.Commands.VersionCommand.Number]));
    }

    [Test]
    public void Ps_ShowsWhatRuns_AndAllWhenAsked()
    {
        var world = World();
        world.Run("ps");
        Assert.That(world.Out.Text, Is.EqualTo("""
            NAME   IMAGE           COMMAND   CREATED        STATUS
            run    alpine:latest   -         1 minute ago   Up 1 minute

            """));
        world.Run("ps", "-aq");
        Assert.That(world.Out.Text, Does.EndWith("\nkept\nrun\n"));
    }

    [Test]
    public void Version_IsTheAssemblysVersion()
    {
        var world = new FakeWorld();
        world.Run("version");
        var version = typeof(Orca.Cli.CommandLine).Assembly.GetName().Version!.ToString(3);
        Assert.That(world.Out.Text, Is.EqualTo($"orca {version} {Platform.Current}\n"));
        Assert.That(new FakeWorld().Run("--version"), Is.Zero);
    }

    [Test]
    public void Version_ForPrograms_IsAnObject()
    {
        var world = new FakeWorld();
        world.Run("version", "--format", "json");
        using var json = JsonDocument.Parse(world.Out.Text);
        Assert.That(json.RootElement.GetProperty("version").GetString(), Is.Not.Empty);
    }

    private static FakeWorld World()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        world.Add("localhost:5000/dev:1");
        world.Containers.Add(Container(world, "kept", null));
        world.Containers.Add(Container(world, "run", 42));
        return world;
    }

    private static ContainerSummary Container(FakeWorld world, string name, int? process) => new()
    {
        Kept = process is null,
        ProcessId = process,
        IsHeld = process is not null,
        Record = new ContainerRecord
        {
            Name = name,
            Image = ImageReference.Parse("alpine"),
            ImageDigest = FakeWorld.SomeDigest,
            Created = world.Time.GetUtcNow() - TimeSpan.FromSeconds(70),
            Options = new RunOptions(),
        },
    };
}
