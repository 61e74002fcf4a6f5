using NUnit.Framework;
using Orca.Sandbox.Seccomp;
using Orca.Tests.Sandbox.Seccomp;

namespace Orca.Tests.EndToEnd;

/// <summary>What the kernel answers in a container, call by call, against what the policy says (S12, S30 to S35).</summary>
[Category("EndToEnd")]
internal sealed class SystemCallTests
{
    private const uint X64 = 0xC000003E, I386 = 0x40000003, X32Mark = 0x40000000;
    private const string EPERM = "-1", ENOSYS = "-38", Done = "0";

    [TestCase("0")]
    [TestCase("1000")]
    public void Call_Refused_IsRefusedAsThePolicySays(string user) => Compare(user, SystemCallProbe.X64, X64, 0);

    [TestCase("0")]
    [TestCase("1000")]
    public void Call_RefusedToAnI386Program_Likewise(string user)
    {
        if (World.Tool("sh", "-c", SystemCallProbe.I386).Status != 0)
        {
            Assert.Pass("this kernel runs no i386 programs");
        }

        Compare(user, SystemCallProbe.I386, I386, 0);
    }

    /// <summary>
    /// A call that the policy allows fails as the kernel has it fail, with arguments that nothing can be done with: where it is EPERM or ENOSYS under the filter
    /// it is so without. Left out are those that end, double or stop who makes them, and two that the kernel answers by a signal.
    /// </summary>
    [TestCase("0")]
    [TestCase("1000")]
    public void S12_Call_Allowed_ReachesTheKernel(string user)
    {
        uint[] leftOut = [15, 34, 57, 58, 60, 231, 335, 336]; // rt_sigreturn, pause, fork, vfork, exit, exit_group, uretprobe, uprobe
        var program = new FilterMachine((user == "0" ? PrebuiltFilters.X64Root : PrebuiltFilters.X64).ToArray());
        var allowed = Enumerable.Range(0, 470).Select(static number => (uint)number)
            .Where(number => !leftOut.Contains(number) && program.Run(X64, number, [.. Enumerable.Repeat(ulong.MaxValue, 6)]) == Verdict.Allow).ToList();
        Assert.That(allowed, Has.Count.GreaterThan(250));
        string[] Results(params string[] options) =>
            World.Orca(["run", "-u", user, .. options, "-v", SystemCallProbe.X64 + ":/probe:ro", World.Busybox, "/probe", .. allowed.Select(number => number.ToString(null, null))]).Succeeds().Lines;
        string[] denied = [" " + EPERM, " " + ENOSYS];
        Assert.That(
            Results().Where(line => denied.Any(answer => line.EndsWith(answer, StringComparison.Ordinal))),
            Is.SubsetOf(Results("--security-opt", "seccomp=unconfined").Where(line => denied.Any(answer => line.EndsWith(answer, StringComparison.Ordinal)))));
    }

    [Test]
    public void Call_RefusedThroughX32_Likewise() => Compare("0", SystemCallProbe.X64, X64, X32Mark);

    [TestCase("16,0,21522", EPERM, TestName = "S30_TypingIntoTheTerminal_IsRefused (CVE-2017-5226)")]
    [TestCase("16,0,4294988818", EPERM, TestName = "S31_TypingIntoTheTerminal_WithHighBits_IsRefused (CVE-2019-10063)")]
    [TestCase("16,0,21532", EPERM, TestName = "S32_PastingIntoTheConsole_IsRefused (CVE-2023-28100)")]
    [TestCase("435", ENOSYS, TestName = "S33_clone3_IsAbsent (CVE-2021-41133)")]
    [TestCase("41,38,5,0", EPERM, TestName = "S34_CryptoSocket_IsRefused (CVE-2026-31431)")]
    [TestCase("41,4294967334,5,0", EPERM, TestName = "S34_CryptoSocket_WithHighBits_IsRefused (CVE-2026-31431)")]
    [TestCase("41,40,1,0", EPERM, TestName = "S34_VsockSocket_IsRefused")]
    [TestCase("56,268435473", EPERM, TestName = "NewUserNamespace_IsRefused")]
    [TestCase("122,4294967295", Done, TestName = "Setfsuid_Query_IsAnsweredByTheKernel")]
    [TestCase("9999", ENOSYS, TestName = "S12_UnknownNumber_IsAbsent")]
    public void Call_WithArguments_IsAnswered(string call, string answer) =>
        World.Orca("run", "-v", SystemCallProbe.X64 + ":/probe:ro", World.Busybox, "/probe", call).Prints(call.Split(',')[0] + " " + answer);

    /// <summary>The filter refuses to read any key; without it there is no key of the host to possess, because the session is a new one.</summary>
    [Test]
    public void S35_KeyOfTheCaller_IsNotReadable()
    {
        const string Script = """
            key=$(keyctl add user orca-test secret @s) && "$probe" "250,11,$key,0,0"
            for policy in no-new-privileges seccomp=unconfined; do
              "$orca" run --security-opt "$policy" -v "$probe:/probe:ro" "$image" /probe "250,11,$key,0,0"
            done
            """;
        World.Shared.Program("keyctl", "session", "-", "sh", "-c", Script).With("orca", World.Binary).With("probe", SystemCallProbe.X64).With("image", World.Busybox).Run()
            .Prints("250 6\n250 -1\n250 -13");
    }

    [Test]
    public void S33_Threads_AreMadeWithoutClone3() => // sort makes threads when there is much to sort
        World.Orca("run", World.Debian, "sh", "-c", "seq 400000 | sort -rn --parallel=4 -S 100M | head -1").Prints("400000");

    [Test]
    public void S12_Filter_IsLoaded_ForRootAndForAnotherUser([Values("0", "1000")] string user) =>
        World.Orca("run", "-u", user, World.Busybox, "grep", "-E", "^(NoNewPrivs|Seccomp|Seccomp_filters):", "/proc/self/status")
            .Prints("NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1");

    [Test]
    public void Profile_OfOnesOwn_IsEnforced_AndRootIsStillHelped()
    {
        var profile = World.Shared.Write("policy.json", """
            {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":30}]}
            """);
        var outcome = World.Orca("run", "--security-opt", "seccomp=" + profile, World.Busybox, "sh", "-c", "mkdir /x; touch /y && chown 5:5 /y && echo owned");
        Assert.That(outcome.Errors, Does.Contain("Read-only file system"));
        Assert.That(outcome.Output.Trim(), Is.EqualTo("owned"));
    }

    /// <summary>The start itself is under the policy by then: what cannot even leave must end all the same.</summary>
    [Test]
    public void Profile_ThatRefusesToExit_EndsTheStartThatFails()
    {
        var profile = World.Shared.Write("noexit.json", """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["execve"],"action":"SCMP_ACT_ALLOW"}]}""");
        World.Orca("run", "--security-opt", "seccomp=" + profile, World.Busybox, "/nonesuch").Ends(132);
    }

    [TestCase("""{"defaultAction":"SCMP_ACT_ERRNO"}""")]
    [TestCase("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["execve"],"action":"SCMP_ACT_KILL"}]}""")]
    public void Profile_ThatLetsNoCommandStart_IsRefused(string policy)
    {
        var profile = World.Shared.Write("nothing.json", policy);
        Assert.That(World.Orca("run", "--security-opt", "seccomp=" + profile, World.Busybox, "true").Ends(125).Errors, Does.Contain("it refuses execve, so it lets no command start"));
    }

    [TestCase("seccomp=/nonesuch.json", "cannot read the seccomp policy '/nonesuch.json': ENOENT")]
    [TestCase("seccomp=/etc/passwd", "cannot use the seccomp policy '/etc/passwd'")]
    [TestCase("selinux=x", "cannot use option '--security-opt=selinux=x'")]
    [TestCase("no-new-privileges=false", "cannot use option '--security-opt=no-new-privileges=false'")]
    public void S44_OptionThatCannotBeApplied_IsFatal(string option, string message)
    {
        var outcome = World.Orca("run", "--security-opt", option, World.Busybox, "true");
        Assert.That(outcome.Status, Is.EqualTo(125));
        Assert.That(outcome.Errors, Does.Contain(message));
    }

    [Test]
    public void Unconfined_AllowsWhatThePolicyForbids() =>
        World.Orca("run", "--security-opt", "seccomp=unconfined", World.Debian, "sh", "-c", "unshare -U true && echo made").Prints("made");

    [Test]
    public void Privileged_MayMountInItsOwnNamespace_AndIsNobodyOnTheHost()
    {
        World.Orca("run", "--privileged", World.Busybox, "sh", "-c", "mount -t tmpfs t /tmp && echo mounted; grep ^CapEff /proc/self/status")
            .Prints("mounted\nCapEff:\t000001ffffffffff");
        var outcome = World.Orca("run", "--privileged", "-v", "/etc:/host:ro", World.Busybox, "cat", "/host/shadow");
        Assert.That(outcome.Status, Is.Not.Zero);
    }

    [Test]
    public void Capabilities_AreAddedAndDropped() =>
        World.Orca("run", "--cap-drop", "ALL", "--cap-add", "CHOWN", World.Busybox, "grep", "-E", "^Cap(Prm|Eff|Bnd)", "/proc/self/status")
            .Prints("CapPrm:\t0000000000000001\nCapEff:\t0000000000000001\nCapBnd:\t0000000000000001");

    private static void Compare(string user, string probe, uint architecture, uint mark)
    {
        var program = new FilterMachine((user == "0" ? PrebuiltFilters.X64Root : PrebuiltFilters.X64).ToArray());
        var refused = Enumerable.Range(0, 620).Select(number => (Number: (uint)number | mark, Verdict: Answer((uint)number | mark)))
            .Where(call => call.Verdict.IsFailure && call.Number is not (335 or 336)).ToList(); // uretprobe and uprobe: the kernel asks no filter
        Assert.That(refused, Has.Count.GreaterThan(100));
        var outcome = World.Orca(["run", "-u", user, "-v", probe + ":/probe:ro", World.Busybox, "/probe", .. refused.Select(call => call.Number.ToString(null, null))]).Succeeds();
        Assert.That(outcome.Lines, Is.EqualTo(refused.Select(call => $"{call.Number} {-(int)(call.Verdict.Value & 0xffff)}")));

        Verdict Answer(uint number) => program.Run(architecture, number, architecture == I386 ? [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]
            : [ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue]);
    }
}
