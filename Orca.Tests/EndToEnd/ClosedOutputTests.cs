using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A standard output that was closed: results that nobody gets are an error, and a container runs.</summary>
[Category("EndToEnd")]
public sealed class ClosedOutputTests
{
    [OneTimeSetUp]
    public void Pull() => World.Orca("pull", World.Busybox).Succeeds();

    [TestCase("--help")]
    [TestCase("run --help")]
    [TestCase("version")]
    [TestCase("images")]
    [TestCase("images -q")]
    [TestCase("ps -a --format json")]
    [TestCase("system df")]
    [TestCase("save " + World.Busybox)]
    [TestCase("pull -q " + World.Busybox)]
    [TestCase("plan " + World.Busybox)]
    public void Results_ThatGoNowhere_AreAnError(string line) =>
        Assert.That(World.Shared.Shell($"exec \"$orca\" {line} >&-").Ends(125).Errors, Does.EndWith("orca: cannot write 'standard output': it is closed\n"));

    [Test]
    public void Command_WhoseOutputIsClosed_Runs() =>
        Assert.That(World.Shared.Shell($"exec \"$orca\" run {World.Busybox} sh -c 'echo gone && echo gone > /dev/stdout && echo told >&2; exit 7' >&-").Ends(7).Errors, Is.EqualTo("told\n"));

    /// <summary>The program becomes another one twice around a pull.</summary>
    [Test]
    public void Command_WhoseOutputIsClosed_RunsAfterAPull()
    {
        using var home = new Home();
        Assert.That(home.Shell($"exec $orca run -q {World.Busybox} sh -c 'echo gone && echo told >&2; exit 7' >&-").Ends(7).Errors, Is.EqualTo("told\n"));
    }
}
