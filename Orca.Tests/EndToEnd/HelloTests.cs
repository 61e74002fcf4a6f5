using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class HelloTests
{
    [Test]
    public void Hello_RunsThePipelineAndShowsItsStages()
    {
        using var home = new Home();
        var outcome = home.Orca("hello").Run().Succeeds();
        Assert.That(outcome.Output + outcome.Errors, Does.Contain("ms"));
    }

    [Test]
    public void Hello_NeedsNoNetwork()
    {
        Needs.Root("it takes the network away from another account");
        using var home = new Home();
        home.Orca("hello").Under("unshare", "--net").Run().Succeeds();
    }

    [Test]
    public void Hello_TwiceAndAtOnce_Succeeds()
    {
        using var home = new Home();
        home.Shell("for i in 1 2 3 4; do \"$orca\" hello >/dev/null & pids=\"$pids $!\"; done; for p in $pids; do wait $p || exit 1; done").Succeeds();
        home.Orca("hello").Run().Succeeds();
    }

    [TestCase("version")]
    [TestCase("--version")]
    [TestCase("--help")]
    [TestCase("run --help")]
    [TestCase("pull --help")]
    [TestCase("images --help")]
    [TestCase("rmi --help")]
    [TestCase("ps --help")]
    [TestCase("rm --help")]
    [TestCase("hello --help")]
    [TestCase("version --help")]
    public void Words_AreSaidOnStandardOutput(string line)
        => Assert.That(World.Orca(line.Split(' ')).Succeeds().Output, Is.Not.Empty);

    [Test]
    public void Command_Unknown_IsRefusedByName()
        => Assert.That(World.Orca("frobnicate").Ends(125).Errors, Does.StartWith("orca: ").And.Contain("'frobnicate'"));
}
