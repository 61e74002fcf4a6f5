using NUnit.Framework;

namespace Orca.Tests.Cli.Commands;

/// <summary>The ancestor's form.</summary>
public sealed class AncestorCommandTests
{
    [TestCase("-d localhost:5000/busybox", "localhost:5000/busybox:latest", "busybox", "", false, false)]
    [TestCase("-d debian bash -c x", "docker.io/library/debian:latest", "debian", "bash|-c|x", false, false)]
    [TestCase("-d debian -t bookworm -n box bash", "docker.io/library/debian:bookworm", "box", "bash", false, false)]
    [TestCase("-d debian --init --rm", "docker.io/library/debian:latest", "debian", "", true, true)]
    [TestCase("-ddebian --init=false sh -t x", "docker.io/library/debian:latest", "debian", "sh|-t|x", false, false)]
    public void Line_BecomesAKeptContainer(string line, string image, string name, string command, bool fresh, bool remove)
    {
        var world = new FakeWorld();
        world.Add(image);
        Assert.That(world.Run(line.Split(' ')), Is.Zero);
        var request = world.Ran!;
        Assert.That((request.Image!.ToString(), request.Name, request.Fresh, request.RemoveAfter), Is.EqualTo((image, name, fresh, remove)));
        Assert.That(string.Join('|', request.Options.Process.Command), Is.EqualTo(command));
    }

    [TestCase("-d", "cannot use option '-d': its value IMAGE is missing")]
    [TestCase("-n x run alpine", "cannot use option '--name': before a command it needs -d IMAGE")]
    [TestCase("--rm run alpine", "cannot use option '--rm': before a command it needs -d IMAGE")]
    public void Wrong_IsRefused(string line, string message)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line.Split(' ')), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith($"orca: {message}\n"));
    }
}
