using NUnit.Framework;
using Orca.Tests.Architecture;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Store;
using Orca.Tests.Sandbox.Launch;

namespace Orca.Tests.EndToEnd;

/// <summary>The tests pass whatever the surroundings that they are started in: some that would fail in each of the odd ones run in all of them at once.</summary>
[Category("EndToEnd")]
public sealed class SurroundingTests
{
    private static readonly string s_odd = Fixture.Script("odd-surroundings.sh");

    /// <summary>With all signals blocked besides, as a thread that waits for them by sigwait(3) hands it down. Only a new program can undo that.</summary>
    private static readonly string[] s_oddAndBlocked = [s_odd, "env", "--block-signal"];

    private static readonly string s_plain = Path.Combine(Repository.Root, ".ci", "plain");

    /// <summary>Needs the default of a signal, a terminal, logins and /run/containers, variables that are not set, a umask.</summary>
    private static readonly string[] s_slice =
    [
        Name<SignalTests>(nameof(SignalTests.Signal_ToOrca_ReachesTheCommand)),
        Name<TerminalTests>(nameof(TerminalTests.Interrupt_OfTheCommandItself_Is130)),
        Name<LoginTests>(nameof(LoginTests.Login_ByPipe_OpensTheRegistryUntilLogout)),
        Name<EnvironmentTests>(nameof(EnvironmentTests.Variables_AreTheImagesAndTheDefaults_NotTheHosts)),
        Name<SandboxLauncherTests>(nameof(SandboxLauncherTests.Run_CommandIgnoresNoSignal)),
        Name<StoreRootTests>(nameof(StoreRootTests.Open_MakesAClosedDirectory_WithItsFormat)),
    ];

    /// <summary>A machine on which root's podman made the directory that others' logins would be below.</summary>
    private static readonly string[] s_closed = ["unshare", "--mount", "sh", "-c", "mkdir -p /run/containers && mount -t tmpfs -o mode=700 closed /run/containers && exec \"$@\"", "sh"];

    /// <summary>As <c>make test</c> and <c>make check</c> start them.</summary>
    [Test]
    public void Slice_UnderPlain_PassesInOddSurroundings()
    {
        Needs.Root("/run/containers is closed in a mount namespace");
        AssertPasses([.. s_closed, .. s_oddAndBlocked, s_plain]);
    }

    /// <summary>As somebody does by hand; .NET itself must have a home and a place for temporary files.</summary>
    [Test]
    public void Slice_ByHand_PassesInOddSurroundings() => AssertPasses([s_odd, "env", "HOME=" + Surroundings.Caller("HOME"), "TMPDIR=/tmp"]);

    /// <remarks>Signals 32 and 33 are glibc's own: posix_spawn(3), by which make starts its commands, leaves them ignored.</remarks>
    [TestCase("exit 7", 7, "")]
    [TestCase("umask; [ $(ulimit -n) -gt 256 ] && cat; tty; env | grep -c -e XDG -e ORCA_ROOT -e TMPDIR -e LC_ -e 127.0.0.1:9", 1, "0022\nnot a tty\n0\n")]
    [TestCase("grep -c -E -e 'SigIgn:\\s0*(80000000|1[08]0000000)?$' -e 'SigBlk:\\s0*$' /proc/self/status", 0, "2\n")]
    [TestCase("stat -c %a /run/containers; ls -A /run/containers", 0, "755\n")]
    public void Plain_ScriptHolds(string script, int status, string output)
    {
        Needs.Root("/run/containers is closed in a mount namespace");
        Assert.That(Line([.. s_closed, .. s_oddAndBlocked, s_plain, "sh", "-c", script]).Run().Ends(status).Output, Is.EqualTo(output));
    }

    /// <summary>The command is in a session of its own: a key of the terminal, or the end of a timeout, has to be passed on.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void Plain_Ended_EndsTheCommand(bool odd) =>
        Line([.. odd ? s_oddAndBlocked : [], s_plain, "sh", "-c", "kill -TERM $PPID; sleep 1000"]).Run().Ends(143);

    /// <summary>Too little room is said before anything is built.</summary>
    [TestCase("size=9m", "there is room for 9\n")]
    [TestCase("size=9g,nr_inodes=900", "there are inodes for 899\n")]
    public void Room_ThatIsMissing_IsSaidFirst(string options, string message)
    {
        Needs.Root("a small file system is mounted");
        var errors = Line(["unshare", "--mount", "sh", "-c", $"mount -t tmpfs -o {options} small /var/tmp && exec \"$@\"", "sh", "make", "-sC", Repository.Root, "test"]).Run().Ends(2).Errors;
        Assert.That(errors, Does.StartWith("make test ").And.Contains(" to /var/tmp").Or.Contains(" in /var/tmp").And.Contain(message));
    }

    private static string Name<T>(string test) => $"FullyQualifiedName~{typeof(T).FullName}.{test}";

    private static Command Line(string[] line) => new Command(line[0], line[1..]).AsCaller().Within(300);

    private static void AssertPasses(string[] surroundings)
    {
        var command = Line([.. surroundings, "dotnet", "test", typeof(SurroundingTests).Assembly.Location, "--nologo", "--filter", string.Join('|', s_slice), "--logger", "console;verbosity=normal"])
            .With("PATH", Environment.GetEnvironmentVariable("PATH")!).With("HOME", Surroundings.Caller("HOME") ?? "");
        var output = command.Run().Succeeds().Output;
        foreach (var name in s_slice)
        {
            Assert.That(output, Does.Match($"(?m)^ *Passed {name.Split('.')[^1]}"));
        }
    }
}
