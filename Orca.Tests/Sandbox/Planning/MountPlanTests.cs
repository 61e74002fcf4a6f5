using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;
using Orca.Tests.Core.Containers;

namespace Orca.Tests.Sandbox.Planning;

/// <summary>What the caller's mounts change in a plan: which files of orca's are left out, where the others go, what stays hidden of the kernel.</summary>
public sealed class MountPlanTests
{
    private static readonly SandboxSpec s_spec = new()
    {
        Root = new RootFileSystem { Store = "/s", Directory = "c", Lower = "i", Upper = "c/upper", Work = "c/work" },
        Arguments = ["sh"],
        Env = [],
        WorkingDirectory = "/w",
        Hostname = "box",
        Files = [new GeneratedFile("/etc/hosts", "127.0.0.1\tlocalhost\n"), new GeneratedFile("/etc/resolv.conf", "nameserver 192.0.2.1\n")],
    };

    private static readonly HostFacts s_host = new() { Uid = 1000, Gid = 100, SourceIsDirectory = [], Devices = ["null"] };

    [TestCase("-v /x:/etc", "")]
    [TestCase("-v /x:/etc:ro -v /x:/opt", "")]
    [TestCase("-v /x:/etc/hosts", "/etc/resolv.conf")]
    [TestCase("-v /x:/etc/hosts/below", "/etc/resolv.conf")]
    [TestCase("-v /x:/opt", "/etc/hosts /etc/resolv.conf")]
    [TestCase("--tmpfs /etc", "/etc/hosts /etc/resolv.conf")]
    [TestCase("--tmpfs /etc --tmpfs /etc/resolv.conf", "/etc/hosts")]
    [TestCase("--tmpfs /etc -v /x:/etc/hosts", "/etc/resolv.conf")]
    public void Plan_LeavesOutFilesThatTheCallersMountsHide_AndHoldsAsMany(string line, string expected)
    {
        foreach (var readOnly in (bool[])[false, true])
        {
            var steps = Covered(line, readOnly).Steps;
            Assert.That(string.Join(' ', steps.OfType<AttachFile>().Select(step => step.Path)), Is.EqualTo(expected));
            Assert.That(steps.OfType<HoldFile>().Count(), Is.EqualTo(steps.OfType<AttachFile>().Count()));
            Assert.That(steps.OfType<HoldFile>().All(step => step.ReadOnly == readOnly));
        }
    }

    [TestCase("--tmpfs /etc")]
    [TestCase("--tmpfs /etc:ro")]
    [TestCase("-v /x:/etc --tmpfs /etc/sub")]
    [TestCase("-v /x:/etc/hosts -v /y:/etc")]
    public void Plan_PutsNothingIntoACallersDirectory_AndSealsByDescriptor(string line)
    {
        var steps = Covered(line, readOnly: true).Steps.ToList();
        var firstBind = steps.FindIndex(step => step is AttachTree);
        Assert.Multiple(() =>
        {
            Assert.That(firstBind < 0 || steps.FindLastIndex(step => step is AttachFile or ReplaceFile or ClearPlace) < firstBind);
            Assert.That(steps.OfType<SealMount>().Select(step => step.Path), Is.EqualTo(new[] { "/" }));
            Assert.That(steps.FindIndex(step => step is SealHeld) is var seal && (seal < 0 || seal > steps.FindLastIndex(step => step is AttachFile or AttachTree or MakeDirectories)));
        });
    }

    [TestCase("-v /x:/etc/hosts", false, "clear '/etc/hosts' of an empty directory before a mount")]
    [TestCase("-v /x:/etc/hosts", true, "clear '/etc/hosts' of a file before a mount")]
    [TestCase("-v /x:/etc/hosts/below", false, "clear '/etc/hosts' of a file before a mount")]
    [TestCase("--tmpfs /etc/hosts", true, "clear '/etc/hosts' of a file before a mount")]
    [TestCase("--tmpfs /etc --tmpfs /etc/hosts", true, "")]
    [TestCase("-v /x:/etc -v /x:/etc/hosts", true, "")]
    public void Plan_ClearsThePlaceOfAFileOfOrcas_InTheRootOnly(string line, bool isDirectory, string expected) => Assert.That(
        string.Join(' ', Covered(line, readOnly: false, isDirectory).Steps.OfType<ClearPlace>().Select(step => step.ToString())), Is.EqualTo(expected));

    [TestCase("-v /x:/etc/mtab", false, "clear '/etc/mtab' of an empty directory before a mount clear '/etc/mtab' of a file before a mount", Description = "the link would lead into /proc")]
    [TestCase("-v /x:/a", true, "clear '/a' of a file before a mount")]
    [TestCase("-v /x:/a", false, "clear '/a' of an empty directory before a mount")]
    [TestCase("--tmpfs /a", false, "clear '/a' of a file before a mount")]
    [TestCase("-v /x:/b", true, "")]
    public void Plan_ClearsEmptyPlacesOfTheOtherKind(string line, bool isDirectory, string expected) => Assert.That(
        string.Join(' ', Covered(line, readOnly: false, isDirectory, "/a").Steps.OfType<ClearPlace>().Select(step => step.ToString())), Is.EqualTo(expected));

    [TestCase("-v /x:/sys", false, "")]
    [TestCase("-v /x:/sys", true, "/sys/firmware /sys/kernel")]
    [TestCase("--tmpfs /sys", false, "")]
    [TestCase("-v /x:/sys/kernel", false, "/sys/firmware")]
    [TestCase("-v /x:/sys/kernel/debug", true, "/sys/firmware")]
    [TestCase("-v /x:/sys/class", true, "/sys/firmware /sys/kernel")]
    [TestCase("-v /x:/dev", false, "/sys/firmware /sys/kernel")]
    [TestCase("-v /x:/opt", false, "/sys/firmware /sys/kernel")]
    public void Plan_MasksWhatTheKernelShows_AndNotWhatTheCallerMounts(string line, bool isKernel, string expected)
    {
        var options = MountLayoutTests.Options(line);
        var spec = s_spec with { Mounts = options.Files.Mounts, TemporaryMounts = options.Files.TemporaryMounts };
        var steps = SandboxPlanner.Plan(spec, s_host with { SourceIsDirectory = [true], SourceIsKernel = [isKernel] }).Steps;
        Assert.That(
            string.Join(' ', steps.OfType<MaskDirectory>().Select(step => step.Path).Where(path => path is "/sys/firmware" or "/sys/kernel")), Is.EqualTo(expected));
    }

    private static SandboxPlan Covered(string line, bool readOnly, bool isDirectory = true, params string[] emptyPlaces)
    {
        var options = MountLayoutTests.Options(line);
        var spec = s_spec with { ReadOnly = readOnly, Mounts = options.Files.Mounts, TemporaryMounts = options.Files.TemporaryMounts, EmptyPlaces = emptyPlaces };
        return SandboxPlanner.Plan(spec, s_host with { SourceIsDirectory = [.. options.Files.Mounts.Select(_ => isDirectory)] });
    }
}
