using NUnit.Framework;
using Orca.Cli.Commands;

namespace Orca.Tests.Cli.Commands;

/// <summary>Docker's and podman's long forms, what is known of the machine, completion, and manual pages.</summary>
public sealed class LongFormTests
{
    [TestCase("container ls -a", "ps -a")]
    [TestCase("container ps", "ps")]
    [TestCase("container rm nothing", "rm nothing")]
    [TestCase("image ls", "images")]
    [TestCase("image list -q", "images -q")]
    [TestCase("image rm nothing", "rmi nothing")]
    [TestCase("system version", "version")]
    [TestCase("--root /x image ls", "--root /x images")]
    public void LongForm_IsTheShortOne(string form, string command)
    {
        var (one, other) = (World(), World());
        Assert.That(one.Run(form.Split(' ')), Is.EqualTo(other.Run(command.Split(' '))));
        Assert.That((one.Out.Text, one.Error.Text), Is.EqualTo((other.Out.Text, other.Error.Text)));
    }

    [TestCase("container frobnicate", "cannot use command 'container': there is no such command")]
    [TestCase("image", "cannot use command 'image': there is no such command")]
    public void LongForm_OfNothing_IsRefused(string form, string message)
    {
        var world = World();
        Assert.That(world.Run(form.Split(' ')), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.Contain(message));
    }

    [TestCase("image exists alpine", 0)]
    [TestCase("image exists aaaaaaaaaaaa", 0)]
    [TestCase("image exists nothing", 1)]
    [TestCase("container exists nothing", 1)]
    public void Exists_IsAnExitStatusAlone(string line, int status)
    {
        var world = World();
        Assert.That(world.Run(line.Split(' ')), Is.EqualTo(status));
        Assert.That(world.Out.Text + world.Error.Text, Is.Empty);
    }

    [Test]
    public void RemoveImage_All_RemovesThoseOfThisStore()
    {
        var world = World();
        Assert.That(world.Run("rmi", "-a"), Is.Zero, world.Error.Text);
        Assert.That(world.Out.Text, Does.Contain("untagged: alpine:latest\n").And.Contain("untagged: localhost:5000/dev:1\n"));
        Assert.That(World().Run("rmi"), Is.EqualTo(125));
        Assert.That(World().Run("rmi", "-a", "alpine"), Is.EqualTo(125));
        Assert.That(World().Run("rmi", "--ignore", "nothing"), Is.Zero);
        Assert.That(new FakeWorld().Run("rmi", "--all"), Is.Zero, "there is nothing to remove");
    }

    [TestCase("missing", 0)]
    [TestCase("never", 0)]
    public void Pull_OfWhatIsThere_AsksNoRegistry(string policy, int status)
    {
        var world = World();
        Assert.That(world.Run("pull", "--policy", policy, "alpine"), Is.EqualTo(status), world.Error.Text);
        Assert.That(world.Out.Text, Is.EqualTo(FakeWorld.SomeDigest + "\n"));
        Assert.That(world.Pulled, Is.Empty);
    }

    [TestCase("never")]
    [TestCase("sometimes")]
    public void Pull_OfWhatMayNotBePulled_IsRefused(string policy) => Assert.That(World().Run("pull", "--policy", policy, "other"), Is.EqualTo(125));

    [TestCase("", "container|image|run|rm|rmi|info|system")]
    [TestCase("ru", "run")]
    [TestCase("rm", "rm|rmi")]
    [TestCase("run --na", "--name")]
    [TestCase("run alp", "alpine:latest")]
    [TestCase("run --network ", "host|none")]
    [TestCase("rmi loc", "localhost:5000/dev:1")]
    [TestCase("image rm al", "alpine:latest")]
    [TestCase("system d", "df")]
    [TestCase("system df --for", "--format")]
    [TestCase("completion z", "zsh")]
    [TestCase("--ver", "--version")]
    public void Complete_OffersWhatCanBe(string line, string expected)
    {
        var world = World();
        Assert.That(world.Run(["__complete", .. line.Split(' ')]), Is.Zero, world.Error.Text);
        Assert.That(expected.Split('|').Except(world.Out.Text.Split('\n')), Is.Empty, world.Out.Text);
        Assert.That(world.Out.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.All.StartWith(line.Split(' ')[^1]));
    }

    [TestCase("run alpine ")]
    [TestCase("frobnicate x")]
    [TestCase("run --hostname ")]
    public void Complete_OffersNothing_WhereTheWordIsTheUsers(string line)
    {
        var world = World();
        Assert.That(world.Run(["__complete", .. line.Split(' ')]), Is.Zero);
        Assert.That(world.Out.Text, Is.Empty);
    }

    private static IEnumerable<string> Names => CommandTable.Names;

    [TestCaseSource(nameof(Names))]
    public void ManualPage_HasEveryOption(string name)
    {
        var world = World();
        Assert.That(world.Run("man", name), Is.Zero);
        Assert.That(world.Out.Text, Does.StartWith($".TH ORCA-{name.ToUpperInvariant()} 1 "));
        foreach (var option in CommandTable.Find(name).Syntax.AllOptions.Where(static option => !option.IsHidden))
        {
            Assert.That(world.Out.Text, Does.Contain("\\-\\-" + option.Name.Replace("-", "\\-", StringComparison.Ordinal)));
        }
    }

    private static FakeWorld World()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        world.Add("localhost:5000/dev:1");
        return world;
    }
}
