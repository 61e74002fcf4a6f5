using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>What the filter asks the init about is answered, on every ABI, and by the filter alone where nobody can be asked.</summary>
[Category("EndToEnd")]
internal sealed class AskedInitTests
{
    private const string Device = "8630,259"; // S_IFCHR | 0666, 1:3
    private const string Here = "4294967196"; // AT_FDCWD

    [TestCase($"133,@/n,{Device} 133,@/n,{Device} 259,{Here},@/m,{Device} 259,7,@m,{Device} 259,4294967295,@m,{Device}", "0 -17 0 -9 -9", TestName = "Device_IsAFile")]
    [TestCase($"133,@/none/n,{Device} 133,@/etc/passwd/n,{Device} 133,1,{Device}", "-2 -20 -14", TestName = "Device_WithoutAPlace_IsRefusedAsByTheKernel")]
    [TestCase("188,@/etc/passwd,@trusted.a,@v,1,0 189,@/etc/passwd,@security.ima,@v,1,0 188,@/etc/passwd,@user.a,@v,1,0", "0 0 0", TestName = "Attribute_OfTheHostsRoot_IsAnsweredAsDone")]
    [TestCase("188,@/none,@user.a,@v,1,0 188,@/etc/passwd,1,@v,1,0 188,@/etc/passwd,@nonesuch.a,@v,1,0", "-2 -14 -95", TestName = "Attribute_IsTheKernelsToRefuse")]
    public void Question_IsAnswered(string calls, string answers)
    {
        var outcome = World.Orca(["run", "-v", SystemCallProbe.X64 + ":/probe:ro", World.Busybox, "/probe", .. calls.Split(' ')]).Succeeds();
        Assert.That(string.Join(' ', outcome.Lines.Select(line => line.Split(' ')[1])), Is.EqualTo(answers));
    }

    [Test]
    public void Question_OfAnI386Program_IsAnswered()
    {
        if (World.Tool("sh", "-c", SystemCallProbe.I386).Status != 0)
        {
            Assert.Pass("this kernel runs no i386 programs");
        }

        World.Orca("run", "-v", SystemCallProbe.I386 + ":/probe:ro", World.Busybox, "sh", "-c", $"/probe 14,@/n,{Device} 297,{Here},@/m,{Device} 226,@/n,@trusted.a,@v,1,0 226,@/n,@user.a,@v,1,0; ls /n /m")
            .Prints("14 0\n297 0\n226 0\n226 0\n/m\n/n");
    }

    [Test]
    public void Question_ThroughX32_IsAnswered() =>
        World.Orca("run", "-v", SystemCallProbe.X64 + ":/probe:ro", World.Busybox, "sh", "-c", $"/probe {0x40000000 | 133},@/n,{Device}; ls /n").Prints($"{0x40000000 | 133} 0\n/n");

    [Test]
    public void Questions_OfManyAtOnce_AreAllAnswered() =>
        World.Orca("run", World.Busybox, "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3 4 5 6 7 8 9; do mknod /tmp/$i.$j c 1 3 || exit 1; done) & done; wait; ls /tmp | wc -l").Prints("72");

    [Test]
    public void Init_AnswersWhileItReapsAndPassesSignalsOn() =>
        World.Orca("run", World.Busybox, "sh", "-c", "mknod /a c 1 3; (sleep 0.2 & exec true); trap 'mknod /b c 1 3; ls /a /b; exit 0' TERM; kill -TERM 1; sleep 5 & wait").Prints("/a\n/b");

    [TestCase("seccomp-listener=EBUSY", TestName = "Filter_AroundOrcaHasTheOneListener")]
    [TestCase("seccomp=ENOSYS", TestName = "Kernel_WithoutSeccompCall")]
    public void Nobody_CanBeAsked_TheFilterAnswersAlone(string refused) =>
        Refuse.Orca(refused, "run", World.Busybox, "sh", "-c", "mknod /n c 1 3 && chown 5 /etc/passwd && ls /n 2>/dev/null || echo alone").Prints("alone");

    [Test]
    public void WithoutAnInit_TheFilterAnswersAlone() =>
        World.Orca("run", "--init=false", World.Busybox, "sh", "-c", "mknod /n c 1 3 && ls /n 2>/dev/null || echo alone").Prints("alone");

    [Test]
    public void Kernel_WithoutWaitingThatIsKillable_AsksAllTheSame() =>
        Refuse.Orca("seccomp-killable=22", "run", World.Busybox, "sh", "-c", "mknod /n c 1 3 && ls /n").Prints("/n");

    [Test]
    public void Memory_ThatTheInitMayNotRead_ChangesNothing() =>
        Refuse.Orca("process_vm_readv=EPERM", "run", World.Busybox, "sh", "-c", "mknod /n c 1 3 && ls /n 2>/dev/null || echo alone").Prints("alone");

    [Test]
    public void AmongTheHostsProcesses_TheRightOneIsAnswered() =>
        World.Orca("run", "--pid", "host", World.Busybox, "sh", "-c", "mkdir /tmp/d && cd /tmp/d && mknod n c 1 3 && ls").Prints("n");

    [Test]
    public void AnotherUser_IsToldTheTruth() =>
        World.Orca("run", "-u", "1000", World.Busybox, "sh", "-c", "mknod /tmp/n c 1 3 2>/dev/null || echo refused").Prints("refused");
}
