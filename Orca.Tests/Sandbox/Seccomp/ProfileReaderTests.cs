using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>Policies in Docker's format.</summary>
public sealed class ProfileReaderTests
{
    private static readonly SystemCallTable s_table = SystemCallTable.Read();

    [Test]
    public void Profile_AllowsByName_AndRefusesTheRest()
    {
        var machine = Compile("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read","write","no_such_call"],"action":"SCMP_ACT_ALLOW"}]}""");
        Assert.That(Call(machine, "read"), Is.EqualTo(Verdict.Allow));
        Assert.That(Call(machine, "mkdir"), Is.EqualTo(Verdict.Refuse));
        Assert.That(machine.Run(0xC000003E, 9999), Is.EqualTo(Verdict.Absent));
    }

    [Test]
    public void Errno_IsTheRulesOwn_OrTheDefaults()
    {
        var machine = Compile("""{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":13,"syscalls":[{"name":"mkdir","action":"SCMP_ACT_ERRNO","errnoRet":30}]}""");
        Assert.That(Call(machine, "mkdir"), Is.EqualTo(Verdict.Fail(30)));
        Assert.That(Call(machine, "rmdir"), Is.EqualTo(Verdict.Fail(13)));
    }

    [TestCase("SCMP_ACT_KILL", 0u)]
    [TestCase("SCMP_ACT_KILL_THREAD", 0u)]
    [TestCase("SCMP_ACT_KILL_PROCESS", 0x80000000u)]
    [TestCase("SCMP_ACT_TRAP", 0x00030000u)]
    [TestCase("SCMP_ACT_LOG", 0x7ffc0000u)]
    [TestCase("SCMP_ACT_TRACE", 0x7ff00001u)]
    public void Action_HasItsVerdict(string action, uint verdict)
        => Assert.That(Call(Compile($$"""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"{{action}}"}]}"""), "mkdir").Value, Is.EqualTo(verdict));

    [TestCase("SCMP_CMP_EQ", 5, 5, true)]
    [TestCase("SCMP_CMP_EQ", 5, 0x100000005, false)]
    [TestCase("SCMP_CMP_NE", 5, 6, true)]
    [TestCase("SCMP_CMP_LT", 5, 4, true)]
    [TestCase("SCMP_CMP_LT", 5, 0x100000004, false)]
    [TestCase("SCMP_CMP_LE", 5, 5, true)]
    [TestCase("SCMP_CMP_GT", 5, 0x100000000, true)]
    [TestCase("SCMP_CMP_GE", 5, 4, false)]
    public void Comparison_Is64BitsWide(string comparison, long value, long argument, bool holds)
    {
        var machine = Compile($$"""
            {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"value":{{value}},"op":"{{comparison}}"}]}]}
            """);
        Assert.That(Call(machine, "mkdir", 0, (ulong)argument), Is.EqualTo(holds ? Verdict.Refuse : Verdict.Allow));
    }

    [Test]
    public void Comparison_Masked_TakesTheMaskFirst()
    {
        var machine = Compile("""
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]}]}
            """);
        Assert.That(Call(machine, "clone", 17), Is.EqualTo(Verdict.Allow));
        Assert.That(Call(machine, "clone", 0x10000000), Is.EqualTo(Verdict.Refuse));
    }

    [Test]
    public void Conditions_OnOneArgument_AreAlternatives_OnSeveralAllMustHold()
    {
        const string format = """
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[
              {"index":0,"value":0,"op":"SCMP_CMP_EQ"},{"index":INDEX,"value":8,"op":"SCMP_CMP_EQ"}]}]}
            """;
        var same = Compile(format.Replace("INDEX", "0", StringComparison.Ordinal));
        Assert.That(new[] { Call(same, "personality", 0), Call(same, "personality", 8), Call(same, "personality", 1) }, Is.EqualTo([Verdict.Allow, Verdict.Allow, Verdict.Refuse]));
        var both = Compile(format.Replace("INDEX", "1", StringComparison.Ordinal));
        Assert.That(new[] { Call(both, "personality", 0, 8), Call(both, "personality", 0, 1) }, Is.EqualTo([Verdict.Allow, Verdict.Refuse]));
    }

    [Test]
    public void Rule_WithoutArguments_WinsOverOneWith()
    {
        var machine = Compile("""
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
              {"names":["mkdir"],"action":"SCMP_ACT_ERRNO","errnoRet":30,"args":[{"index":1,"value":0,"op":"SCMP_CMP_EQ"}]},{"names":["mkdir"],"action":"SCMP_ACT_ALLOW"}]}
            """);
        Assert.That(Call(machine, "mkdir"), Is.EqualTo(Verdict.Allow));
    }

    [Test]
    public void Rule_ForCapabilitiesArchitecturesOrKernels_IsThereWhenTheyAre()
    {
        const string json = """
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
              {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
              {"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38,"excludes":{"caps":["CAP_SYS_ADMIN"]}},
              {"names":["acct"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["s390x"]}},
              {"names":["swapon"],"action":"SCMP_ACT_ALLOW","excludes":{"arches":["amd64"]}},
              {"names":["ptrace"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"4.8"}},
              {"names":["bpf"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"99.0"}}]}
            """;
        var (usual, more) = (Compile(json), Compile(json, CapabilitySet.All));
        Assert.That(new[] { "mount", "clone3", "acct", "swapon", "ptrace", "bpf" }.Select(name => Call(usual, name)), Is.EqualTo(
            [Verdict.Refuse, Verdict.Absent, Verdict.Refuse, Verdict.Refuse, Verdict.Allow, Verdict.Refuse]));
        Assert.That(new[] { "mount", "clone3" }.Select(name => Call(more, name)), Is.EqualTo([Verdict.Allow, Verdict.Refuse]));
    }

    [Test]
    public void Architectures_NotNamed_AreKilled()
    {
        var alone = Compile("""{"defaultAction":"SCMP_ACT_ALLOW"}""");
        Assert.That(alone.Run(0x40000003, 3), Is.EqualTo(Verdict.KillProcess));
        var mapped = Compile("""{"defaultAction":"SCMP_ACT_ALLOW","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}]}""");
        Assert.That(mapped.Run(0x40000003, 3), Is.EqualTo(Verdict.Allow));
        Assert.That(mapped.Run(0xC000003E, 0x40000000), Is.EqualTo(Verdict.KillProcess));
        var listed = Compile("""{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X32"]}""");
        Assert.That(listed.Run(0xC000003E, 0x40000000), Is.EqualTo(Verdict.Allow));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("""{"defaultAction":"SCMP_ACT_ALLOW" """)]
    [TestCase("""{"defaultAction":"SCMP_ACT_MAYBE"}""")]
    [TestCase("""{"defaultAction":"SCMP_ACT_NOTIFY"}""")]
    [TestCase("""{"defaultAction":5}""")]
    [TestCase("""{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":70000}""")]
    [TestCase("""{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/run/x"}""")]
    [TestCase("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"]}]}""")]
    [TestCase("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]}]}""")]
    [TestCase("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":-1,"op":"SCMP_CMP_EQ"}]}]}""")]
    [TestCase("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"op":"EQ"}]}]}""")]
    public void Profile_ThatCannotBeDoneAsSaid_IsRefused(string json)
        => Assert.That(Assert.Throws<SandboxException>(() => Compile(json))!.Message, Does.StartWith("cannot use the seccomp policy 'x.json'"));

    [TestCase("{", "it is not JSON at line 1, byte 2")]
    [TestCase("""{"defaultAction":5}""", "a field has a value of the wrong kind")]
    [TestCase("{}", "'defaultAction' is missing")]
    public void Reason_IsSaidInOrcasWords(string json, string reason)
        => Assert.That(Assert.Throws<SandboxException>(() => Compile(json))!.Message, Is.EqualTo("cannot use the seccomp policy 'x.json': " + reason));

    private static FilterMachine Compile(string json, CapabilitySet? bounding = null)
    {
        var policy = ProfileReader.Read(Encoding.UTF8.GetBytes(json), "'x.json'", bounding ?? CapabilitySet.Default, Machine.X64, s_table);
        return new FilterMachine(FilterCompiler.Compile(policy, Machine.X64, s_table));
    }

    private static Verdict Call(FilterMachine machine, string name, params ReadOnlySpan<ulong> arguments) => machine.Run(0xC000003E, s_table.Of(Abi.X64)[name], arguments);
}
