using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>Holes that other runtimes had, each tried on a real container; those of mount points and links are in <see cref="HostileRootTests"/>. The list is docs/published-holes.md.</summary>
[TestFixture]
public sealed class PublishedHoleTests : RealLaunches
{
    private const int TooLong = 3 << 20;

    [TestCase("for fd in /proc/1/fd/* /proc/1/fd/0; do ! readlink $fd && ! cat $fd </dev/null || exit 1; done; ! cat /proc/1/maps && ! busybox dd if=/proc/1/mem count=1 2>/dev/null", TestName = "Cve_2016_9962_DescriptorsAndMemoryOfTheInit_AreClosed")]
    [TestCase("for fd in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do ! [ -e /proc/self/fd/$fd/.. ] || [ $fd = 3 ] || exit 1; done", TestName = "Cve_2024_21626_NoDescriptorLeadsOut")]
    [TestCase("grep -q 'CapInh:.0000000000000000' /proc/self/status && grep -q 'CapAmb:.0000000000000000' /proc/self/status", TestName = "Cve_2022_24769_Cve_2022_27649_Cve_2022_27650_NothingIsInheritable")]
    [TestCase("[ -z \"$(cat /proc/interrupts)\" ] && for d in /sys/devices/virtual/powercap /sys/devices/system/cpu/cpu*/thermal_throttle; do ! [ -d $d ] || [ -z \"$(ls -A $d)\" ] || exit 1; done", TestName = "Ghsa_6fw5_f8r9_fgfm_Ghsa_jq35_85cj_fj4p_SideChannels_AreMasked")]
    public void Root_ScriptHolds(string script) => Assert.That(Run(Root.Script(script)), Is.Zero, script);

    [TestCase("grep -q 'CapInh:.0000000000000000' /proc/self/status && grep -q 'CapAmb:.0000000000000000' /proc/self/status && grep -q 'CapEff:.0000000000000000' /proc/self/status",
        TestName = "Cve_2022_29162_AUser_HasNothingInheritable")]
    [TestCase("case \" $(id -G) \" in *\" $(id -g) \"*) ;; *) exit 1;; esac", TestName = "Cve_2022_2989_Cve_2022_2990_Cve_2022_2995_Cve_2022_36109_TheGroupIsAmongTheGroups")]
    public void User_ScriptHolds(string script) => Assert.That(Run(Root.Script(script) with { Uid = 1000, Gid = 1001 }), Is.Zero, script);

    /// <summary>runc summed lengths in 16 bits. What goes to the child here has no length field; the kernel's own limit ends it, and is told.</summary>
    [TestCase(70_000)]
    [TestCase(120_000)]
    public void Cve_2021_43784_LongVariables_ArriveWhole(int length) =>
        Assert.That(Run(Root.Script("[ ${#A} = ${#B} ] && [ ${#A} = $LENGTH ]") with { Env = ["PATH=/bin", "A=" + new string('a', length), "B=" + new string('b', length), $"LENGTH={length}"] }), Is.Zero);

    [Test]
    public void Cve_2021_43784_TooLongVariables_AreRefused() => Assert.That(
        () => Run(Root.Script("true") with { Env = ["PATH=/bin", "A=" + new string('a', TooLong)] }), Throws.TypeOf<SandboxException>().With.Message.Contains("E2BIG"));

    /// <summary>A container of one's own turns the place of its volume into a link between two runs.</summary>
    [Test]
    public void Cve_2024_42472_PlaceThatBecomesALinkBetweenRuns_LeadsNowhereElse()
    {
        var source = Directory.CreateTempSubdirectory("orca-source-").FullName;
        var victim = Directory.CreateTempSubdirectory("orca-victim-").FullName;
        try
        {
            File.WriteAllText(source + "/data", "source");
            var first = Kept($"busybox ln -s {victim} /dst");
            Assert.That(Run(first), Is.Zero);
            var second = first with { Arguments = ["/bin/sh", "-c", $"[ -f {victim}/data ] && busybox touch /dst/made"], Mounts = [new BindMount(source, "/dst", ReadOnly: false)] };
            Assert.That(Run(second), Is.Zero);
            Assert.That(Directory.GetFileSystemEntries(victim), Is.Empty);
            Assert.That(File.Exists(source + "/made"), Is.True);
        }
        finally
        {
            Directory.Delete(source, recursive: true);
            Directory.Delete(victim, recursive: true);
        }
    }

    /// <summary>What is forbidden for a path is so for what lies below it, and for nothing that only begins with the same letters.</summary>
    [Test]
    public void Cve_2026_48785_NameThatBeginsLikeAForbiddenOne_IsAnother()
    {
        var source = Directory.CreateTempSubdirectory("orca-source-").FullName;
        try
        {
            Assert.That(Run(Root.Script("[ -d /process ] && [ -d /proc2/x ]") with { Mounts = [new BindMount(source, "/process", false), new BindMount(source, "/proc2/x", false)] }), Is.Zero);
            Assert.That(() => Run(Root.Script("true") with { Mounts = [new BindMount(source, "/proc/x", false)] }), Throws.TypeOf<SandboxException>());
        }
        finally
        {
            Directory.Delete(source, recursive: true);
        }
    }

    /// <summary>What a container is promised holds or it does not start: never one without the other.</summary>
    [Test]
    public void Cve_2025_65105_OptionThatCannotBeApplied_IsNoRun()
    {
        var mark = Path.Combine(Root.Store, "ran");
        var spec = Kept("echo x > /mark/ran") with { Mounts = [new BindMount(Root.Store, "/mark", false)] };
        Assert.That(() => Run(spec with { Requested = new() { Limits = new() { Resources = [ResourceLimit.Parse("nofile=1000000000:1000000000")] } } }), Throws.TypeOf<SandboxException>());
        Assert.That(() => Run(spec with { TemporaryMounts = [new TemporaryMount("/t") { Others = "uid=4242" }] }), Throws.TypeOf<SandboxException>());
        Assert.That(File.Exists(mark), Is.False);
        Assert.That(Run(spec), Is.Zero);
        Assert.That(File.Exists(mark), Is.True, "the test would not have noticed");
    }

    /// <summary>A container that is entered again.</summary>
    private SandboxSpec Kept(string script)
    {
        var spec = Root.Script(script);
        return spec with { Root = spec.Root with { Volatile = false } };
    }

    private int Run(SandboxSpec spec) => Launcher.Run(spec, new SandboxRunOptions(), default).Code;
}
