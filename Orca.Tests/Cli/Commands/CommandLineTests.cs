using NUnit.Framework;
using Orca.Cli.Commands;
using Orca.Cli.Output;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Tests.Cli.Commands;

/// <summary>From arguments to exit status.</summary>
public sealed class CommandLineTests
{
    [TestCase("frobnicate", "cannot use command 'frobnicate': there is no such command", "see 'orca --help'; to run an image, type 'orca run IMAGE'")]
    [TestCase("imagse", "cannot use command 'imagse': there is no such command", "did you mean 'orca images'? see 'orca --help'")]
    [TestCase("image sign", "cannot use command 'image': there is no such command", "images are listed by 'orca images', removed by 'orca rmi', brought in by 'orca pull' and 'orca load'")]
    [TestCase("system dff", "cannot use command 'system dff': there is no such command", "did you mean 'orca system df'? see 'orca system --help'")]
    [TestCase("system frobnicate", "cannot use command 'system frobnicate': there is no such command", "see 'orca system --help'")]
    [TestCase("help frobnicate", "cannot use command 'frobnicate': there is no such command", "see 'orca --help'; to run an image, type 'orca run IMAGE'")]
    [TestCase("pull", "cannot use 'orca pull': IMAGE is missing", "see 'orca pull --help'")]
    [TestCase("pull a b", "cannot use argument 'b': 'orca pull' takes one IMAGE", "see 'orca pull --help'")]
    [TestCase("images x y", "cannot use argument 'y': 'orca images' takes one NAME", "see 'orca images --help'")]
    [TestCase("--root= images", "cannot use option '--root': its value is empty", null)]
    [TestCase("--bogus run", "cannot use option '--bogus': 'orca' has no such option", "see 'orca --help'")]
    public void Wrong_Gives125AndSaysWhy(string line, string message, string? hint)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line.Split(' ')), Is.EqualTo(125));
        Assert.That(world.Error.Text, Is.EqualTo($"orca: {message}\n{(hint is null ? "" : $"hint: {hint}\n")}"));
        Assert.That(world.Out.Text, Is.Empty);
    }

    [TestCase("images -a --no-trunc")]
    [TestCase("ps -a --no-trunc")]
    [TestCase("rm -vf nothing")]
    public void DockersSwitches_ThatChangeNothing_AreTaken(string line)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line.Split(' ')), Is.Zero, world.Error.Text);
        Assert.That(world.Error.Text, Is.Empty);
    }

    [Test]
    public void NothingTyped_ShowsHelpAsAnError()
    {
        var world = new FakeWorld();
        Assert.That(world.Run(), Is.EqualTo(125));
        Assert.That((world.Out.Text, world.Error.Text), Is.EqualTo((string.Empty, RootSyntax.Help())));
    }

    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("help")]
    public void Help_IsAResult(string line)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line), Is.Zero);
        Assert.That((world.Out.Text, world.Error.Text), Is.EqualTo((RootSyntax.Help(), string.Empty)));
    }

    [TestCase("--root /a images", "/a", false)]
    [TestCase("images --root /a --debug", "/a", true)]
    [TestCase("--root /a --debug images --root=/b --debug=false", "/b", false)]
    public void CommonOptions_StandBeforeOrAfterTheCommand(string line, string root, bool debug)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line.Split(' ')), Is.Zero);
        Assert.That(world.Composed.Single() with { Note = null }, Is.EqualTo(new Orca.Cli.GlobalOptions(root, debug)));
    }

    [Test]
    public void Pull_PrintsTheDigest_AndQuietNothingElse()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("pull", "alpine", "-q"), Is.Zero);
        Assert.That((world.Out.Text, world.Error.Text), Is.EqualTo((FakeWorld.SomeDigest + "\n", string.Empty)));
    }

    [Test]
    public void PullThatFails_SaysWhyAndPrintsNoResult()
    {
        var world = new FakeWorld { Failure = () => new RegistryException("cannot pull 'alpine:latest': no route") };
        Assert.That(world.Run("pull", "alpine"), Is.EqualTo(125));
        Assert.That((world.Out.Text, world.Error.Text), Is.EqualTo((string.Empty, "pulling alpine:latest\norca: cannot pull 'alpine:latest': no route\n")));
    }

    [Test]
    public void ResultThatNobodyReads_EndsAsSigpipeWould()
    {
        var world = new FakeWorld();
        world.Out.Failure = new OutputException(1, Errno.EPIPE);
        Assert.That(world.Run("version"), Is.EqualTo(141));
    }
}
