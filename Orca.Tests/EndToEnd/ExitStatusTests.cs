using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class ExitStatusTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(42)]
    [TestCase(255)]
    public void Status_OfTheCommand_IsOrcas(int status)
        => World.Orca("run", World.Busybox, "sh", "-c", $"exit {status}").Ends(status);

    [Test]
    public void Run_OfMoreThanHalfASecond_EndsAsItsCommandAndSaysNothing()
    {
        var outcome = World.Orca("run", World.Busybox, "sh", "-c", "sleep 1.3; exit 6").Ends(6);
        Assert.That((outcome.Output, outcome.Errors), Is.EqualTo((string.Empty, string.Empty)));
    }

    [Test]
    public void Orca_Failing_Is125()
        => World.Orca("run", "--pull", "never", World.Registry + "/never-pulled", "true").Ends(125);

    [TestCase("/etc/passwd")]
    [TestCase("/etc")]
    public void Command_ThatCannotRun_Is126(string command)
        => Assert.That(World.Orca("run", World.Busybox, command).Ends(126).Errors, Does.Contain(command));

    [TestCase("no-such-command")]
    [TestCase("/no/such/command")]
    public void Command_ThatIsNotThere_Is127(string command)
        => Assert.That(World.Orca("run", World.Busybox, command).Ends(127).Errors, Does.Contain(command));

    [TestCase("KILL", 137)]
    [TestCase("TERM", 143)]
    [TestCase("SEGV", 139)]
    [TestCase("PIPE", 141)]
    public void Command_EndedByASignal_Is128AndTheSignal(string signal, int status)
        => World.Orca("run", World.Busybox, "sh", "-c", $"kill -{signal} $$; sleep 1").Ends(status);

    [Test]
    public void Exec_OfAScriptWithoutItsInterpreter_Is127OrSaysSo()
    {
        var script = World.Shared.Write("script", "#!/no/such/interpreter\n");
        World.Shared.Shell("chmod +x script").Succeeds();
        World.Orca("run", "-v", script + ":/script", World.Busybox, "/script").Ends(127);
    }
}
