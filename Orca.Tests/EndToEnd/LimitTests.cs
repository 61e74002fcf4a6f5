using System.Globalization;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A process that its caller has limited: orca works, or says which limit it is.</summary>
[Category("EndToEnd")]
public sealed class LimitTests
{
    private static readonly string s_run = $"\"$orca\" run {World.Busybox}";

    [Test]
    public void Stack_TooSmall_IsNamed()
        => Assert.That(World.Shared.Shell($"ulimit -s 100; {s_run} true").Ends(125).Errors, Does.StartWith("orca: cannot run: the limit of the stack is 100 kB").And.Contain("hint: "));

    [Test]
    public void Stack_OfHalfAMegabyte_IsEnough()
        => World.Shared.Shell($"ulimit -s 512; {s_run} echo ok").Prints("ok");

    [Test]
    public void AddressSpace_TooSmall_IsNamed()
        => Assert.That(World.Shared.Shell($"ulimit -v 200000; {s_run} true").Ends(125).Errors, Does.StartWith("orca: cannot run: the limit of address space is 195 MB").And.Contain("hint: "));

    [Test]
    public void AddressSpace_OfAGigabyte_IsEnough()
        => World.Shared.Shell($"{s_run} true; ulimit -v 1000000; {s_run} echo ok").Prints("ok");

    [Test]
    public void FileSize_TooSmall_IsAnErrorNotADeath()
    {
        using var home = new Home();
        var outcome = home.Shell($"ulimit -f 1; {s_run} true").Ends(125);
        Assert.That(outcome.Errors, Does.Contain("EFBIG").And.Contain("ulimit -f"));
    }

    [Test]
    public void OpenFiles_TooFew_AreNamed()
    {
        for (var limit = 3; limit < 24; limit++)
        {
            var outcome = World.Shared.Shell($"ulimit -n {limit}; {s_run} true");
            Assert.That(outcome.Status == 0 || (outcome.Status == 125 && outcome.Errors.Contains("hint: raise the limit as far as you may: ulimit -n $(ulimit -Hn)", StringComparison.Ordinal)), Is.True, $"{limit}: {outcome.Errors}");
        }
    }

    /// <summary>An image that could not be read for that is not damaged, nor is it smaller: with what 'check' prints as repair it would be lost.</summary>
    [TestCase("system check --quick")]
    [TestCase("system df")]
    public void OpenFiles_TooFew_AreNoDamage(string command)
    {
        using var home = new Home();
        home.Shell("mkdir -p deep/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p && dd if=/dev/zero of=deep/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/file bs=1M count=2 2>/dev/null && $orca import -q ./deep deep:1").Succeeds();
        static string[] Told(Outcome outcome) => [.. outcome.Lines.Where(static line => !line.StartsWith("store", StringComparison.Ordinal))]; // it tells the free space
        var whole = Told(home.Shell($"exec $orca {command}").Succeeds());
        var refused = 0;
        for (var limit = 5; limit < 24; limit++)
        {
            var outcome = home.Shell($"ulimit -n {limit}; exec $orca {command}");
            if (outcome.Status == 0)
            {
                Assert.That(Told(outcome), Is.EqualTo(whole), $"{limit}");
                continue;
            }

            refused++;
            outcome.Ends(125);
            Assert.That(outcome.Errors, Does.Contain("EMFILE").And.Contain("\nhint: raise the limit as far as you may: ulimit -n $(ulimit -Hn)"), $"{limit}");
            Assert.That(outcome.Output, Is.Empty, $"{limit}");
        }

        Assert.That(refused, Is.Positive);
    }

    /// <summary>What is refused, a thread of the runtime, the first process inside or the command, depends on how many processes the account has.</summary>
    [TestCase("images", 3)]
    [TestCase("run {0} true", 4)]
    [TestCase("pull {0}", 8)]
    public void Processes_TooFew_AreNamed(string arguments, int most)
    {
        for (var limit = 1; limit <= most; limit++)
        {
            var outcome = World.Shared.Shell($"ulimit -u {limit}; exec \"$orca\" {string.Format(CultureInfo.InvariantCulture, arguments, World.Busybox)}");
            Assert.That(outcome.Status == 0 || (outcome.Status is 125 or 126 && outcome.Errors.Contains("'ulimit -", StringComparison.Ordinal)), Is.True, $"{limit}: {outcome.Errors}");
        }
    }

    [Test]
    public void Umask_OfEverything_DoesNoHarm()
    {
        World.Shared.Shell($"umask 777; {s_run} sh -c umask").Prints("0022");
        World.Shared.Shell($"umask 777; {s_run} sh -c 'kill -9 $$'").Ends(137);
    }

    [Test]
    public void RunDirectory_ThatNobodyMayEnter_IsSwept()
    {
        World.Orca("run", World.Busybox, "true").Succeeds();
        World.Shared.Shell("mkdir -m 000 .local/share/orca/containers/run-0123456789ab").Succeeds();
        World.Orca("run", World.Busybox, "true").Succeeds(); // opens it
        World.Orca("run", World.Busybox, "true").Succeeds(); // deletes it
        World.Shared.Shell("ls .local/share/orca/containers").Prints(string.Empty);
    }

    [Test]
    public void CurrentDirectory_Deleted_HurtsOnlyWhatCountsFromIt()
    {
        World.Shared.Shell($"mkdir gone; cd gone; rmdir ../gone; {s_run} echo ok").Prints("ok");
        var refused = World.Shared.Shell($"mkdir gone; cd gone; rmdir ../gone; \"$orca\" --root here images").Ends(125);
        Assert.That(refused.Errors, Does.StartWith("orca: cannot find store 'here'").And.Contain("hint: "));
    }

    [TestCase("DOTNET_GCHeapHardLimit=1")]
    [TestCase("DOTNET_gcServer=1")]
    [TestCase("DOTNET_EnableDiagnostics=1")]
    [TestCase("DOTNET_DbgEnableMiniDump=1")]
    [TestCase("COMPlus_GCHeapHardLimit=1")]
    [TestCase("LD_PRELOAD=/no/such.so")]
    public void H22_VariablesOfTheRuntime_HaveNoEffect(string variable)
        => World.Shared.Shell($"{variable} {s_run} sh -c 'echo ok; env' | grep -e ok -e DOTNET -e COMP -e LD_").Prints("ok");

    [Test]
    public void H22_Diagnostics_AreNotListenedFor()
        => World.Shared.Shell($"mkdir -p diagnostics; TMPDIR=$PWD/diagnostics DOTNET_EnableDiagnostics=1 DOTNET_DiagnosticPorts=$PWD/diagnostics/port \"$orca\" run -v ./diagnostics:/d {World.Busybox} ls -A /d").Prints("");

    [Test]
    public void VariableOfTheRuntime_CanBePassedOn()
        => World.Shared.Shell($"DOTNET_X=1 \"$orca\" run -e DOTNET_X {World.Busybox} sh -c 'echo $DOTNET_X'").Prints("1");
}
