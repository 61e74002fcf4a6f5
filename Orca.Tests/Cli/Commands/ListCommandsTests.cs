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

    [Test]
    public void Format_OfGo_IsRefused()
    {
        var world = World();
        Assert.That(world.Run("images", "--format", "{{.ID}}"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith("orca: cannot use format '{{.ID}}': "));
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
