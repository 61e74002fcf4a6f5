using NUnit.Framework;
using Orca.Core.Host;
using Orca.Core.Programs;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Core.Host;

/// <summary>What doctor says of single-board computers.</summary>
public sealed class BoardFindingsTests
{
    private static readonly Platform s_arm64 = new("linux", "arm64", "v8"), s_amd64 = new("linux", "amd64");
    private static readonly ProgramMachine s_pi3 = new(s_arm64, [new Platform("linux", "arm", "v8")], 4096);

    [Test]
    public void Pages_AboveFourKilobytes_HaveACure()
    {
        Assert.That(BoardFindings.Pages(s_pi3), Is.EqualTo(new HostFinding("page size", HostVerdict.Works, "4 KB")));
        var pi5 = BoardFindings.Pages(s_pi3 with { PageSize = 16384 });
        Assert.That((pi5.Verdict, pi5.Detail), Is.EqualTo((HostVerdict.Fallback, "16 KB: programs that were built for 4 KB alone do not run")));
        Assert.That(pi5.Cure, Does.Contain("kernel=kernel8.img"));
        Assert.That(BoardFindings.Pages(s_pi3 with { PageSize = 65536 }).Cure, Does.Not.Contain("kernel8"), "no Raspberry Pi has such pages");
    }

    [Test]
    public void Programs_AreThoseThatWereTried()
    {
        Assert.That(BoardFindings.Programs(s_pi3).Detail, Is.EqualTo("linux/arm"));
        Assert.That(BoardFindings.Programs(s_pi3 with { PageSize = 16384 }).Detail, Is.EqualTo("linux/arm (only programs aligned to 16 KB or more)"));
        Assert.That(BoardFindings.Programs(s_pi3 with { AlsoRuns = [] }).Detail, Does.StartWith("none"));
        Assert.That(BoardFindings.Programs(new ProgramMachine(s_amd64, [new Platform("linux", "386"), new Platform("linux", "x32")], 4096)).Detail, Is.EqualTo("linux/386, x32"));
    }

    [Test]
    public void Userland_IsNamed_WhereItIsNotTheKernels()
    {
        var narrow = new ElfBuilder(ElfHeader.Arm, Is64: false).Build();
        Assert.That(BoardFindings.Userland(narrow, s_arm64)!.Detail, Does.StartWith("32-bit (linux/arm) on a 64-bit kernel"));
        Assert.That(BoardFindings.Userland(new ElfBuilder(ElfHeader.Arm64).Build(), s_arm64), Is.Null);
        Assert.That(BoardFindings.Userland("#!/bin/busybox\n"u8.ToArray(), s_arm64), Is.Null);
        Assert.That(BoardFindings.Userland(null, s_arm64), Is.Null);
    }

    [TestCase("Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid", null)]
    [TestCase("Features\t: fp asimd evtstrm crc32 cpuid", "without aes and sha2 instructions")]
    [TestCase("Features\t: fp asimd aes", "without sha2 instructions")]
    [TestCase("flags : fpu", null)]
    public void InstructionsForTls_AreNamedWhereTheyAreMissing(string line, string? words) =>
        Assert.That(BoardFindings.Lacking($"processor\t: 0\n{line}\n"), words is null ? Is.Null : Does.StartWith(words));

    [Test]
    public void Clock_BeforeThisProgram_FailsAndSaysWhyAndHowToSetIt()
    {
        var lost = BoardFindings.Clock(DateTimeOffset.UnixEpoch, hasClock: false);
        Assert.That((lost.Verdict, lost.Cure), Is.EqualTo((HostVerdict.Fails, MachineProbe.SetClock)));
        Assert.That(lost.Detail, Does.Contain("1970-01-01").And.Contain("no clock that runs without power"));
        var right = BoardFindings.Clock(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), hasClock: true);
        Assert.That(right, Is.EqualTo(new HostFinding("clock", HostVerdict.Works, "2027-01-01 00:00 UTC")));
    }
}
