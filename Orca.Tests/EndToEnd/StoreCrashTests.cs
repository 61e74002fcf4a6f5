using System.Globalization;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Rows F01, F02 and F11 of the catalogue: killed at each system call that writes, and interrupted.</summary>
/// <remarks>
/// Sampled, so that it ends in bounded time; <c>ORCA_FULL_SWEEP=1</c> tries every call. After each: the image is absent or whole, a check finds nothing,
/// the next pull succeeds, and prune leaves nothing that was not there.
/// </remarks>
[Category("EndToEnd")]
public sealed class StoreCrashTests
{
    private const string Calls = "openat,mkdirat,unlinkat,renameat,renameat2,linkat,symlinkat,write,pwrite64,ftruncate,fchmod,fchmodat,utimensat,fsetxattr,fsync,syncfs,flock";
    private static readonly bool s_isFull = Environment.GetEnvironmentVariable("ORCA_FULL_SWEEP") == "1";

    private static readonly string[] s_pull = ["pull", "-q", World.Busybox];
    private static readonly string[] s_remove = ["rmi", World.Busybox];
    private static readonly string[] s_prune = ["system", "prune"];

    [TestCase("pull")]
    [TestCase("rmi")]
    [TestCase("prune")]
    public void Kill9_AtACallThatWrites_LeavesTheOldOrTheNewState(string what)
    {
        using var home = new Home();
        var count = Count(home, what);
        Assert.That(count, Is.GreaterThan(10));
        foreach (var at in Sample(count, 8))
        {
            Prepare(home, what);
            Strace(home, Calls, $"signal=KILL:when={at}", Line(what)).Run();
            AssertSound(home, $"{what}, killed at call {at} of {count}");
        }
    }

    [Test]
    public void Interrupted_EverySecondCall_ChangesNothing()
    {
        using var home = new Home();
        Strace(home, "read,write,flock,openat", "error=EINTR:when=2+2", s_pull).Run().Succeeds();
        Assert.That(home.Orca("system", "check").Run().Succeeds().Output, Does.EndWith("all sound\n"));
    }

    /// <summary>What a terminal that is resized all the time, and children that end, do to every call that waits.</summary>
    [Test]
    public void StormOfSignals_ChangesNothing()
    {
        using var home = new Home();
        home.Shell($"\"$orca\" pull -q {World.Debian} >out & pull=$!; while kill -WINCH $pull && kill -CHLD $pull && kill -CONT $pull; do :; done 2>/dev/null; wait $pull").Succeeds();
        Assert.That(home.Orca("system", "check").Run().Succeeds().Output, Does.EndWith("all sound\n"));
    }

    private static string[] Line(string what) => what switch { "pull" => s_pull, "rmi" => s_remove, _ => s_prune };

    /// <summary>Brings the store to where the command has work to do.</summary>
    private static void Prepare(Home home, string what)
    {
        home.Orca("rmi", "-f", World.Busybox).Run().Succeeds();
        if (what == "pull")
        {
            return;
        }

        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        if (what == "prune")
        {
            home.Shell("rm .local/share/orca/refs/*; mkdir -p .local/share/orca/staging/dead/x .local/share/orca/containers/run-0123456789ab").Succeeds();
        }
    }

    private static void AssertSound(Home home, string when)
    {
        Assert.That(home.Orca("system", "check").Run().Status, Is.Zero, when);
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        home.Orca("run", "--pull", "never", World.Busybox, "true").Run().Succeeds();
        home.Orca("prune").Run().Succeeds();
        Assert.That(home.Orca("system", "check").Run().Output, Is.EqualTo("checked 1 image, " + Names(home) + " names: all sound\n"), when);
        Assert.That(home.Shell("cd .local/share/orca && ls -A staging parts containers").Output.Split('\n').Where(line => line.Length > 0 && !line.EndsWith(':')), Is.Empty, when);
    }

    private static string Names(Home home) => home.Shell("find .local/share/orca/images/*/rootfs -mindepth 1 | wc -l").Output.Trim();

    private static int Count(Home home, string what)
    {
        Prepare(home, what);
        var trace = Path.Combine(home.Directory, "trace");
        home.Program("strace", ["-f", "-q", "-e", "trace=" + Calls, "-o", trace, World.Binary, .. Line(what)]).Run().Succeeds();

        // strace counts the calls of each thread for itself: so the busiest one's number is the end of the sweep.
        var count = home.Shell($"cut -d ' ' -f 1 {trace} | sort | uniq -c | sort -n | tail -1; rm {trace}").Lines[0].Trim().Split(' ')[0];
        return int.Parse(count, CultureInfo.InvariantCulture);
    }

    private static IEnumerable<int> Sample(int count, int size)
    {
        // The same calls at every run would never find what lies between them; the seed is told, so that a failure can be repeated.
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ORCA_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.ProcessId;
        TestContext.Out.WriteLine($"ORCA_SEED={seed}");
        var random = new Random(seed);
        return s_isFull ? Enumerable.Range(1, count) : Enumerable.Range(0, size).Select(step => (step * count / size) + 1 + random.Next(Math.Max(1, count / size)));
    }

    private static Command Strace(Home home, string calls, string fault, string[] line) =>
        home.Program("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", $"inject={calls}:{fault}", World.Binary, .. line]).Within(90);
}
