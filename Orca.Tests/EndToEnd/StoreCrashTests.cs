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
        var moments = Moments(home, what);
        Assert.That(moments, Has.Count.GreaterThan(10));
        var killed = 0;
        foreach (var (call, at) in Sample(moments, 8))
        {
            Prepare(home, what);
            killed += Strace(home, call, $"signal=KILL:when={at}", Line(what)).Run().Status == 137 ? 1 : 0;
            AssertSound(home, $"{what}, killed at {call} {at}");
        }

        Assert.That(killed, Is.GreaterThan(4), "threads share their work otherwise each time, so not every call is made by the same one");
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

    /// <summary>The calls of the command that touch the store, in their order: name, and how many of that name its thread has made then.</summary>
    private static List<(string Call, int At)> Moments(Home home, string what)
    {
        Prepare(home, what);
        var trace = Path.Combine(home.Directory, "trace");
        home.Program("strace", ["-f", "-y", "-qq", "-e", "trace=" + Calls, "-o", trace, Program(what), .. Line(what)]).Run().Succeeds();
        var made = new Dictionary<string, int>(StringComparer.Ordinal); // strace counts for itself the calls of each name of each thread
        var moments = new List<(string Call, int At)>();
        foreach (var line in File.ReadLines(trace).Where(static line => !line.Contains(" resumed>", StringComparison.Ordinal) && line.Contains('(', StringComparison.Ordinal)))
        {
            var call = line[..line.IndexOf('(', StringComparison.Ordinal)];
            made[call] = made.GetValueOrDefault(call) + 1;
            if (line.Contains("/.local/share/orca", StringComparison.Ordinal))
            {
                moments.Add((call.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], made[call]));
            }
        }

        return [.. moments.Distinct()];
    }

    /// <summary>Of each call in turn, or a picture of links would be all that is ever killed at.</summary>
    private static IEnumerable<(string Call, int At)> Sample(List<(string Call, int At)> all, int size)
    {
        // The same calls at every run would never find what lies between them; the seed is told, so that a failure can be repeated.
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ORCA_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.ProcessId;
        TestContext.Out.WriteLine($"ORCA_SEED={seed}");
        var random = new Random(seed);
        List<List<(string Call, int At)>> byCall = [.. all.GroupBy(static one => one.Call).OrderBy(_ => random.Next()).Select(static one => one.ToList())];
        return s_isFull ? all : Enumerable.Range(0, size).Select(step => byCall[step % byCall.Count]).Select(some => some[random.Next(some.Count)]);
    }

    /// <summary>A pull is the network half's, which the front unpacks with hundreds of writes first.</summary>
    private static string Program(string what) => what == "pull" ? World.Whole : World.Binary;

    private static Command Strace(Home home, string calls, string fault, string[] line) =>
        home.Program("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", $"inject={calls}:{fault}", Program(line[0]), .. line]).Within(90);
}
