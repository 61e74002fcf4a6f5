using System.Globalization;
using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Rows F07, F09, F25, F26 and F33 of the catalogue: the kernel refuses a system call of a pull, one at a time.</summary>
/// <remarks>After each: the user is told which call and why, nothing is left half-done, and the next pull succeeds.</remarks>
[Category("EndToEnd")]
public sealed class StoreRefusalTests
{
    private static readonly string[] s_pull = ["pull", "-q", World.Busybox];

    private Home _home = null!;

    [SetUp]
    public void SetUp()
    {
        _home = new Home();
        _home.Orca(s_pull).Run().Succeeds(); // the store is made, and its own first calls are over
        _home.Orca("rmi", World.Busybox).Run().Succeeds();
    }

    [TearDown]
    public void TearDown() => _home.Dispose();

    /// <summary>Calls that a pull makes few of, in the one thread that publishes: each must end it.</summary>
    /// <remarks>The last of them sync the names: the image is there then, and who pulled it does not rely on it.</remarks>
    [TestCase("EIO", "syncfs", 1, 1)]
    [TestCase("EIO", "fsync", 1, 5)]
    [TestCase("ENOSPC", "fsync", 1, 1, Description = "F33: the image's record")]
    [TestCase("ENOSPC", "renameat", 2, 2, Description = "F33: the name")]
    [TestCase("EDQUOT", "renameat", 1, 1)]
    [TestCase("EXDEV", "renameat", 1, 1)]
    [TestCase("EBUSY", "renameat", 2, 2)]
    [TestCase("ENOLCK", "flock", 1, 1)]
    [TestCase("ENOSYS", "flock", 1, 2)]
    public void Refusal_OfEachCall_EndsThePull(string errno, string call, int first, int last)
    {
        for (var at = first; at <= last; at++)
        {
            var outcome = Pull($"inject={call}:error={errno}:when={at}");
            Assert.That(outcome.Status, Is.EqualTo(125), $"{errno} at {call} {at}: {outcome.Errors}");
            AssertTold(outcome, errno, $"{call} {at}");
            AssertSound($"{errno} at {call} {at}");
        }
    }

    /// <summary>Calls that many threads make, many times: those that are hit end the pull.</summary>
    [TestCase("ENOSPC", "mkdirat")]
    [TestCase("EDQUOT", "symlinkat,linkat")]
    [TestCase("EROFS", "openat")]
    [TestCase("EMFILE", "openat")]
    [TestCase("ENOSPC", "write,pwrite64")]
    [TestCase("EIO", "write,pwrite64")]
    [TestCase("EDQUOT", "ftruncate,fchmod,pwrite64")]
    public void Refusal_AtSomeCalls_IsToldAndLeavesNothing(string errno, string calls)
    {
        var told = 0;
        foreach (var at in TestSwitches.IsLong ? Enumerable.Range(1, 200) : calls == "openat" ? [13, 22, 33] : [2, 4])
        {
            var outcome = Pull($"inject={calls}:error={errno}:when={at}"); // each thread counts its own calls, each call for itself
            if (outcome.Status != 0)
            {
                told++;
                Assert.That(outcome.Status, Is.EqualTo(125), $"{errno} at {calls} {at}: {outcome.Errors}");
                if (outcome.Errors.Length > 0 || at > 1) // the first that a thread writes may be the message itself
                {
                    AssertTold(outcome, errno, $"{calls} {at}");
                }
            }

            AssertSound($"{errno} at {calls} {at}");
        }

        Assert.That(told, Is.Positive, "nothing was refused that mattered");
    }

    /// <summary>The part that a layer is fetched into: written and read while it grows.</summary>
    [TestCase("ENOSPC", "write", 1)]
    [TestCase("ENOSPC", "write", 3)]
    [TestCase("EIO", "write", 2)]
    [TestCase("EIO", "read", 1)]
    [TestCase("EIO", "read", 3)]
    public void Refusal_AtThePart_IsTold_AndItsBytesAreKept(string errno, string call, int at)
    {
        var hex = HostileLineTests.Layer()["sha256:".Length..];
        var part = $"{_home.Directory}/.local/share/orca/parts/sha256-{hex}";
        var outcome = _home.Program("strace", ["-f", "-qq", "-o", "/dev/null", "-P", part, "-e", "trace=" + call, "-e", $"inject={call}:error={errno}:when={at}", World.Whole, .. s_pull]).Within(90).Run();
        Assert.That(outcome.Status, Is.EqualTo(125), outcome.Errors);
        AssertTold(outcome, errno, $"{call} {at}");
        Assert.That(File.Exists(part), Is.True, "what was fetched is kept");
        AssertSound($"{errno} at {call} {at} of the part");
    }

    [Test]
    public void LimitOfFileSizes_IsToldWithItsCure()
    {
        var outcome = _home.Program("prlimit", ["--fsize=200000", World.Whole, .. s_pull]).Run().Ends(125);
        Assert.That(outcome.Errors, Does.StartWith("orca: cannot ").And.Contain("EFBIG (file too large)").And.Contain("\nhint: place it on a file system that takes larger files, or raise the limit as far as you may: ulimit -f $(ulimit -Hf)"));
        AssertSound("EFBIG");
    }

    private Outcome Pull(string fault) =>
        _home.Program("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=" + fault.Split('=', 3)[1].Split(':')[0], "-e", fault, World.Whole, .. s_pull]).Within(90).Run();

    private static void AssertTold(Outcome outcome, string errno, string when) => Assert.That(
        outcome.Errors, Does.Match($"(?s)^(orca: .*\n)?orca: cannot [^\n]*{errno}|no space left").And.Not.Contain("   at ").And.Not.Contain("internal error"), when);

    private void AssertSound(string when)
    {
        Assert.That(Left("staging"), Is.Empty, when);
        Assert.That(_home.Orca("system", "check", "-q").Run().Status, Is.Zero, when);
        _home.Orca(s_pull).Run().Succeeds();
        Assert.That(_home.Orca("system", "check").Run().Output, Does.StartWith("checked 1 image, ").And.EndWith(": all sound\n"), when);
        Assert.That(Left("staging", "parts"), Is.Empty, when);
        _home.Orca("rmi", World.Busybox).Run().Succeeds();
    }

    private string[] Left(params string[] directories) =>
        _home.Shell(string.Create(CultureInfo.InvariantCulture, $"cd .local/share/orca && find {string.Join(' ', directories)} -mindepth 1")).Lines;
}
