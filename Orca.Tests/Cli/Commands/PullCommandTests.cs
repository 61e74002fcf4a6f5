using System.Text.Json;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Tests.Cli.Commands;

public sealed class PullCommandTests
{
    [TestCase("pull")]
    [TestCase("run")]
    [TestCase("load")]
    [TestCase("import")]
    public void ImageLimits_ReachTheServices(string command)
    {
        var world = new FakeWorld();
        _ = world.Run(command, "--image-limit", "entries=3", "--image-limit", "size=1g", "/x.tar");
        Assert.That(world.Composed[^1].ImageLimits, Is.EqualTo(new[] { "entries=3", "size=1g" }));
    }

    [TestCase("pull", "--progress", "json", "alpine")]
    [TestCase("pull", "alpine", "--progress=json")]
    public void I07_Progress_AsJson_IsJsonToTheEnd(params string[] arguments)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(arguments), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo(FakeWorld.SomeDigest + "\n"));
        Assert.That(Events(world), Is.EqualTo(["start", "layer", "layer", "done"]));
    }

    [Test]
    public void I07_Progress_AsJson_IsJsonOnFailureToo()
    {
        var world = new FakeWorld { Failure = () => new RegistryException("cannot pull 'alpine': no \u001b[2J", "log \"in\"") };
        Assert.That(world.Run("pull", "--progress", "json", "alpine"), Is.EqualTo(125));
        Assert.That(world.Out.Text, Is.Empty);
        Assert.That(Events(world), Is.EqualTo(["start", "error"]));
        using var error = JsonDocument.Parse(world.Error.Text.Split('\n')[1]);
        Assert.That(error.RootElement.GetProperty("message").GetString(), Does.StartWith("cannot pull 'alpine'"));
        Assert.That(error.RootElement.GetProperty("hint").GetString(), Is.EqualTo("log \"in\""));
    }

    [TestCase("pull", "--progress", "json", "a//b")]
    [TestCase("pull", "--progress", "json", "--platform", "bogus", "alpine")]
    [TestCase("pull", "--progress", "json", "--bogus", "alpine")]
    [TestCase("load", "--bogus", "--progress=json")]
    [TestCase("run", "--progress", "json", "--pull", "sometimes", "alpine")]
    public void I07_Progress_AsJson_IsJsonForAWrongCommandLineToo(params string[] arguments)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(arguments), Is.EqualTo(125));
        Assert.That(Events(world), Is.EqualTo(["error"]));
    }

    [TestCase("none")]
    [TestCase("plain", "pulling alpine:latest")]
    [TestCase("auto", "pulling alpine:latest")]
    [TestCase("tty", "\r")]
    public void Progress_IsShownAsAsked(string how, string start = "")
    {
        var world = new FakeWorld();
        Assert.That(world.Run("pull", "--progress", how, "alpine"), Is.Zero);
        Assert.That(world.Error.Text, start.Length == 0 ? Is.Empty : Does.StartWith(start));
    }

    [Test]
    public void Progress_OfAnotherKind_IsRefused()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("pull", "--progress", "loud", "alpine"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith("orca: cannot use option '--progress': 'loud' is none of"));
    }

    [TestCase("bogus")]
    [TestCase("linux/bogus")]
    [TestCase("windows/amd64")]
    [TestCase("linux/amd64/v9")]
    [TestCase("linux/arm/v9")]
    [TestCase("linux/arm64/v7")]
    [TestCase("linux/386/sse2")]
    [TestCase("linux/amd64/v1/x")]
    [TestCase("")]
    public void D20_Platform_ThatDoesNotExist_IsRefused(string platform)
    {
        var world = new FakeWorld();
        Assert.That(world.Run("run", "--platform", platform, "alpine"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith($"orca: cannot use platform '{platform}'"));
        Assert.That(world.Ran, Is.Null);
    }

    [Test]
    public void Platform_ThatIsNotAskedFor_IsTheMachines()
    {
        var world = new FakeWorld();
        world.Run("pull", "alpine");
        world.Run("pull", "--platform", "linux/arm", "alpine");
        Assert.That(world.Pulled.Select(one => one.Platform), Is.EqualTo([Platform.Current, new Platform("linux", "arm", "v7")]));
    }

    private static List<string?> Events(FakeWorld world) => [.. world.Error.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("event").GetString();
    })];
}
