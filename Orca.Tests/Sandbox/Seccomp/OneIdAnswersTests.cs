using System.Text.RegularExpressions;
using NUnit.Framework;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;
using Orca.Tests.Architecture;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>What root of a one-id namespace is told.</summary>
internal sealed class OneIdAnswersTests
{
    private const ulong NewUser = 0x10000000, Mark = 0x6163726f;

    private static readonly SystemCallTable s_table = SystemCallTable.Read();
    private static readonly FilterMachine s_x86 = Filter(Machine.X64);
    private static readonly FilterMachine s_arm = Filter(Machine.Arm64);
    private static readonly string[] s_attributes = ["setxattr", "lsetxattr", "fsetxattr", "setxattrat"];

    [Test]
    public void ChangeOfOwnerOrIds_IsAnsweredAsDone_OnEveryAbi([Values] Abi abi)
    {
        string[] names =
        [
            "chown", "fchown", "lchown", "fchownat", "chown32", "fchown32", "lchown32", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
            "setuid32", "setgid32", "setreuid32", "setregid32", "setresuid32", "setresgid32", "setgroups32",
        ];
        foreach (var name in names.Where(s_table.Of(abi).ContainsKey))
        {
            var isOwner = name.Contains("chown", StringComparison.Ordinal);
            Assert.That(Run(abi, name, 1, 2, 3, 4, 5), Is.EqualTo(isOwner ? Verdict.Remember : Verdict.Ask(Verdict.Pretend)), name);
        }
    }

    /// <summary>What the init injects has a mark; without it, or with another kind of namespace, the policy decides.</summary>
    [TestCase("unshare", new[] { NewUser, Mark, Mark }, true)]
    [TestCase("unshare", new[] { NewUser, Mark, 0ul }, false)]
    [TestCase("unshare", new[] { NewUser | 0x20000, Mark, Mark }, false)]
    [TestCase("setns", new[] { 3ul, NewUser, Mark, Mark }, true)]
    [TestCase("setns", new[] { 3ul, 0ul, Mark, Mark }, false)]
    [TestCase("setns", new[] { 3ul, NewUser, Mark, 0ul }, false)]
    public void Namespace_OfTheInits_IsAskedAbout_NoOther(string call, ulong[] arguments, bool asked)
    {
        foreach (var abi in Enum.GetValues<Abi>())
        {
            var madeByIt = asked && (call == "setns" || abi is not (Abi.I386 or Abi.Arm)); // its helper is a program of the machine's own kind
            Assert.That(Run(abi, call, arguments), Is.EqualTo(madeByIt ? Verdict.Ask(Verdict.Refuse) : Verdict.Refuse), abi.ToString());
        }
    }

    [Test]
    public void Policy_ThatRefusesWhatTheInitInjects_IsNotAskedAboutUsers()
    {
        var refusing = FilterPolicy.Unconfined with { Rules = [new FilterRule(["capset"], Verdict.KillProcess)] };
        var machine = new FilterMachine(FilterCompiler.Compile(OneIdAnswers.Over(refusing), Machine.X64, s_table));
        Assert.That(machine.Run(ArchitectureOf(Abi.X64), s_table.Of(Abi.X64)["setuid"], 33), Is.EqualTo(Verdict.Pretend));
        Assert.That(machine.Run(ArchitectureOf(Abi.X64), s_table.Of(Abi.X64)["setns"], 3, NewUser, Mark, Mark), Is.EqualTo(Verdict.Allow));
    }

    /// <summary>The mark is the same on both sides.</summary>
    [Test]
    public void Mark_IsTheInits() =>
        Assert.That(File.ReadAllText(Path.Combine(Repository.Root, "Orca.Sandbox", "Child", "Stub", "users.h")), Does.Contain($"ORCAS = 0x{Mark:x}"));

    [Test]
    public void Devices_AreAllThatIsAnsweredAsDone_WhereThereAreManyIds()
    {
        var filter = new FilterMachine(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default).After(OneIdAnswers.Devices), Machine.X64, s_table));
        Verdict Ask(string name, params ulong[] arguments) => filter.Run(ArchitectureOf(Abi.X64), s_table.Of(Abi.X64)[name], arguments);
        foreach (var name in new[] { "chown", "fchown", "lchown", "fchownat", "setuid", "setgid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid" })
        {
            Assert.That(Ask(name, 1, 2, 3, 4, 5), Is.EqualTo(Verdict.Allow), name);
        }

        Assert.That(Ask("mknod", 0, 0x2000 | 0x1B6, 0x103), Is.EqualTo(Verdict.Ask(Verdict.Pretend)));
        Assert.That(Ask("mknodat", 0, 0, 0x6000 | 0x1B6, 0x800), Is.EqualTo(Verdict.Ask(Verdict.Pretend)));
        Assert.That(Ask("mknodat", 0, 0, 0x2000, 0), Is.EqualTo(Verdict.Allow), "whiteout");
    }

    [Test]
    public void Setfsuid_IsAnsweredAsDone_ButAQueryIsMade([Values] Abi abi)
    {
        foreach (var name in new[] { "setfsuid", "setfsgid", "setfsuid32", "setfsgid32" }.Where(s_table.Of(abi).ContainsKey))
        {
            var old = abi is Abi.I386 or Abi.Arm && !name.EndsWith("32", StringComparison.Ordinal);
            Assert.That(Run(abi, name, 33), Is.EqualTo(Verdict.Pretend), name);
            Assert.That(Run(abi, name, 0xffffffff), Is.EqualTo(Verdict.Allow), name);
            Assert.That(Run(abi, name, 0xffff), Is.EqualTo(old ? Verdict.Allow : Verdict.Pretend), name);
            Assert.That(Run(abi, name, 0x1_ffff_ffff), Is.EqualTo(Verdict.Allow), name);
        }
    }

    [Test]
    public void Mknod_OfADevice_IsAsked_OfAFileIsMade([Values] Abi abi)
    {
        var asked = Verdict.Ask(Verdict.Pretend);
        foreach (var (name, before) in new[] { ("mknod", 1), ("mknodat", 2) }.Where(call => s_table.Of(abi).ContainsKey(call.Item1)))
        {
            Assert.That(Make(0x2000 | 0x1B6, 0x103), Is.EqualTo(asked), "character device");
            Assert.That(Make(0x6000 | 0x1B6, 0x800), Is.EqualTo(asked), "block device");
            Assert.That(Make(0x6000 | 0x1B6, 0), Is.EqualTo(asked), "block device 0:0");
            Assert.That(Make(0x2000, 0), Is.EqualTo(Verdict.Allow), "whiteout");
            foreach (var type in new ulong[] { 0, 0x1000, 0x8000, 0xC000 })
            {
                Assert.That(Make(type | 0x1B6, 0), Is.EqualTo(Verdict.Allow), "file, pipe or socket");
            }

            Verdict Make(ulong mode, ulong device) => before == 1 ? Run(abi, name, 0, mode, device) : Run(abi, name, 0, 0, mode, device);
        }
    }

    [Test]
    public void Attribute_IsAsked_AndMadeWhenNobodyCanBe([Values] Abi abi)
    {
        foreach (var name in s_attributes)
        {
            Assert.That(Run(abi, name, 1, 2, 3), Is.EqualTo(Verdict.Ask(Verdict.Allow)), name);
        }
    }

    [Test]
    public void Capset_IsAsked_AndMadeWhenNobodyCanBe([Values] Abi abi) => Assert.That(Run(abi, "capset", 1, 2), Is.EqualTo(Verdict.Ask(Verdict.Allow)));

    [TestCase(new[] { 3ul, 1ul, 17ul, 4ul, 5ul, 0ul }, true)]
    [TestCase(new[] { 3ul, 0x5_0000_0001ul, 17ul, 4ul, 5ul, 0ul }, true, Description = "the kernel looks at the low half")]
    [TestCase(new[] { 3ul, 1ul, 17ul, 4ul, 5ul, Mark }, false, Description = "the init's own")]
    [TestCase(new[] { 3ul, 1ul, 16ul, 4ul, 5ul, 0ul }, false)]
    [TestCase(new[] { 3ul, 6ul, 17ul, 4ul, 5ul, 0ul }, false)]
    public void PeerOfASocket_IsAskedAbout_NoOtherOption(ulong[] arguments, bool asked) =>
        Assert.That(Enum.GetValues<Abi>().Select(abi => Run(abi, "getsockopt", arguments)), Is.All.EqualTo(asked ? Verdict.Ask(Verdict.Allow) : Verdict.Allow));

    [Test]
    public void PeerOfASocket_IsNotAskedAbout_WhereThePolicyLimitsThatCall()
    {
        var limiting = FilterPolicy.Unconfined with { Rules = [new FilterRule(["getsockopt"], Verdict.Fail(30)) { Tests = [new ArgumentTest(2, Comparison.Equal, 17)] }] };
        var machine = new FilterMachine(FilterCompiler.Compile(OneIdAnswers.Over(limiting), Machine.X64, s_table));
        Assert.That(machine.Run(ArchitectureOf(Abi.X64), s_table.Of(Abi.X64)["getsockopt"], 3, 1, 17), Is.EqualTo(Verdict.Fail(30)));
        Assert.That(machine.Run(ArchitectureOf(Abi.X64), s_table.Of(Abi.X64)["getsockopt"], 3, 1, 16), Is.EqualTo(Verdict.Allow));
    }

    /// <summary>Another's descriptor is had with the mark alone, as the policy allows this call to who has CAP_SYS_PTRACE only.</summary>
    [TestCase(new[] { 3ul, 4ul, 0ul, Mark, Mark }, true)]
    [TestCase(new[] { 3ul, 4ul, 0ul, Mark, 0ul }, false)]
    public void DescriptorOfAnother_IsHadByTheMark(ulong[] arguments, bool allowed) =>
        Assert.That(new[] { Abi.X64, Abi.Arm64 }.Select(abi => Run(abi, "pidfd_getfd", arguments)), Is.All.EqualTo(allowed ? Verdict.Allow : Verdict.Refuse));

    [Test]
    public void Attribute_ThatThePolicyRefuses_IsRefused_AndNobodyAsked()
    {
        var refusing = FilterPolicy.Unconfined with
        {
            Rules = [new FilterRule(["setxattr"], Verdict.Fail(30)), new FilterRule(["fsetxattr"], Verdict.Refuse) { Tests = [new ArgumentTest(0, Comparison.Equal, 7)] }],
        };
        var machine = new FilterMachine(FilterCompiler.Compile(OneIdAnswers.Over(refusing), Machine.X64, s_table));
        Assert.That(machine.Run(ArchitectureOf(Abi.X64), 188), Is.EqualTo(Verdict.Fail(30)));
        Assert.That(machine.Run(ArchitectureOf(Abi.X64), 190, 7), Is.EqualTo(Verdict.Refuse));
        Assert.That(machine.Run(ArchitectureOf(Abi.X64), 190, 8), Is.EqualTo(Verdict.Ask(Verdict.Allow)));
    }

    [Test]
    public void Question_ThatNobodyCanBeAsked_IsAnsweredByTheFilter()
    {
        Assert.That(Verdict.Ask(Verdict.Pretend).Unasked, Is.EqualTo(Verdict.Pretend));
        Assert.That(Verdict.Ask(Verdict.Allow).Unasked, Is.EqualTo(Verdict.Allow));
        Assert.That(Verdict.Ask(Verdict.Refuse).Unasked, Is.EqualTo(Verdict.Refuse));
        Assert.That(Verdict.Refuse.Unasked, Is.EqualTo(Verdict.Refuse));
        foreach (var (choice, answers) in new[] { (SeccompChoice.Default, RootAnswers.OneId), (SeccompChoice.Unconfined, RootAnswers.OneId), (SeccompChoice.Default, RootAnswers.Devices), (SeccompChoice.Default, RootAnswers.Terminals) })
        {
            var (asking, alone) = (SeccompFilter.For(choice, CapabilitySet.Default, answers, hasInit: true, remembers: true)!, SeccompFilter.For(choice, CapabilitySet.Default, answers, hasInit: false, remembers: false)!);
            Assert.That((asking.Asks, alone.Asks), Is.EqualTo((true, false)));
            Assert.That(Verdicts(asking.Program.ToArray()), Has.Some.Matches<Verdict>(verdict => verdict.IsQuestion));
            Assert.That(Verdicts(asking.ProgramWithoutQuestions()), Has.None.Matches<Verdict>(verdict => verdict.IsQuestion));
            Assert.That(alone.Program.ToArray(), Is.EqualTo(asking.ProgramWithoutQuestions()));
        }

        static IEnumerable<Verdict> Verdicts(ulong[] program) => program.Where(word => (ushort)word == 6).Select(word => new Verdict((uint)(word >> 32)));
    }

    /// <summary>The init is told a number and an architecture; it must know each that the filter asks about, and no other.</summary>
    [Test]
    public void Init_KnowsTheCallsItIsAskedAbout([Values(Abi.X64, Abi.I386, Abi.Arm64, Abi.Arm)] Abi abi)
    {
        var constant = abi switch { Abi.X64 => "X86_64", Abi.I386 => "I386", Abi.Arm64 => "AARCH64", _ => "ARM" };
        var source = File.ReadAllText(Path.Combine(Repository.Root, "Orca.Sandbox", "Child", "Stub", "answer.c"));
        var known = Regex.Matches(source, $@"\{{AUDIT_ARCH_{constant}, (\d+), (\w+)\}}").Select(match => (uint.Parse(match.Groups[1].Value, null), match.Groups[2].Value));
        var shortIds = abi is Abi.I386 or Abi.Arm ? "_16" : string.Empty;
        var asked = new[] { ("mknod", "NODE"), ("mknodat", "NODE_AT"), ("setxattr", "ATTRIBUTE"), ("lsetxattr", "ATTRIBUTE"), ("fsetxattr", "ATTRIBUTE"), ("setxattrat", "ATTRIBUTE_AT"),
            ("chown", "OWNER" + shortIds), ("lchown", "LINK_OWNER" + shortIds), ("chown32", "OWNER"), ("lchown32", "LINK_OWNER"), ("fchown", "OPEN_OWNER" + shortIds), ("fchown32", "OPEN_OWNER"),
            ("fchownat", "OWNER_AT") }
            .Where(call => s_table.Of(abi).ContainsKey(call.Item1)).Select(call => (s_table.Of(abi)[call.Item1], call.Item2));
        Assert.That(known, Is.EquivalentTo(asked));
    }

    /// <summary>Programs of 32 bits ask by other numbers, and are made to call what is injected by theirs.</summary>
    [TestCase(Abi.X64, Abi.I386)]
    [TestCase(Abi.Arm64, Abi.Arm)]
    public void Init_KnowsTheNumbersOfNarrowPrograms(Abi own, Abi narrow)
    {
        string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, "Orca.Sandbox", "Child", "Stub", file));
        var known = Regex.Matches(Read("plain.c"), @"\{(\d+), __NR_(\w+), ([01])\}").Select(match => (Number: uint.Parse(match.Groups[1].Value, null), Name: match.Groups[2].Value, Short: match.Groups[3].Value == "1"));
        var (calls, table) = (OneIdAnswers.Users[0].Names.Append("capset").Where(s_table.Of(narrow).ContainsKey), s_table.Of(narrow));
        Assert.That(known, Is.EquivalentTo(calls.Select(name => (table[name], name.Replace("32", "", StringComparison.Ordinal), name != "capset" && !name.EndsWith("32", StringComparison.Ordinal)))));
        Assert.That(known.Select(call => call.Name).Distinct(), Is.SubsetOf(s_table.Of(own).Keys));
        Assert.That(Read("plain.c"), Does.Contain($"OTHER_SETNS = {table["setns"]},"));
        string[] injected = ["mmap2", "munmap", "close", "prctl", "capset", "setns", "seccomp"];
        Assert.That(Read("registers.h"), Does.Contain($"{{{string.Join(", ", injected.Select(name => table[name]))}}}"));
    }

    [Test]
    public void QuestionWhetherRightsCanBeGained_IsAskedAbout_NoOtherOption([Values] Abi abi)
    {
        Assert.That(Run(abi, "prctl", 39), Is.EqualTo(Verdict.Ask(Verdict.Allow)));
        Assert.That(Run(abi, "prctl", 38), Is.EqualTo(Verdict.Allow));
        var constant = abi switch { Abi.X64 or Abi.X32 => "X86_64", Abi.I386 => "I386", Abi.Arm64 => "AARCH64", _ => "ARM" };
        var source = File.ReadAllText(Path.Combine(Repository.Root, "Orca.Sandbox", "Child", "Stub", "note.c"));
        Assert.That(source, Does.Match($@"case AUDIT_ARCH_{constant}: return [^;]* == {s_table.Of(abi)["prctl"]};"));
    }

    [Test]
    public void Init_KnowsThePeerCall_OfEachAbi([Values] Abi abi)
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "Orca.Sandbox", "Child", "Stub", "peer.c"));
        var constant = abi switch { Abi.X64 or Abi.X32 => "X86_64", Abi.I386 => "I386", Abi.Arm64 => "AARCH64", _ => "ARM" };
        var number = s_table.Of(abi)["getsockopt"].ToString(null, null);
        var marked = abi == Abi.X32 ? $"(0x40000000 | {number})" : number;
        Assert.That(Regex.Match(source, $"case AUDIT_ARCH_{constant}: return ([^;]*);").Groups[1].Value.Split(" || "), Has.Member($"data->nr == {marked}"));
    }

    /// <summary>Another user than root: a file that is to have the group tty may be a terminal, and the init looks.</summary>
    [TestCase(Abi.X64, "chown", 0ul, 1000ul, 5ul, true)]
    [TestCase(Abi.X64, "fchown", 0ul, 1000ul, 5ul, true)]
    [TestCase(Abi.I386, "lchown32", 0ul, 1000ul, 5ul, true)]
    [TestCase(Abi.X64, "chown", 0ul, 1000ul, 6ul, false)]
    [TestCase(Abi.X64, "chown", 0ul, 5ul, 1000ul, false)]
    [TestCase(Abi.X64, "setuid", 5ul, 5ul, 5ul, false)]
    [TestCase(Abi.X64, "mknod", 0ul, 0x2000ul, 5ul, false)]
    public void GroupOfATerminal_IsAskedAbout(Abi abi, string call, ulong first, ulong second, ulong third, bool asked)
    {
        var machine = new FilterMachine(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default).After(OneIdAnswers.Terminals), Machine.X64, s_table));
        Assert.That(machine.Run(ArchitectureOf(abi), s_table.Of(abi)[call], first, second, third), Is.EqualTo(asked ? Verdict.Ask(Verdict.Allow) : Verdict.Allow));
    }

    /// <summary>Only a program that makes such a call pays for it: the kernel allows all others without running the filter, as it does under the policy alone.</summary>
    [Test]
    public void AnyOtherCall_IsAllowedUnseen_AsBefore([Values(Abi.X64, Abi.Arm64)] Abi abi)
    {
        var filter = abi == Abi.X64 ? s_x86 : s_arm;
        var plain = new FilterMachine(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default), abi == Abi.X64 ? Machine.X64 : Machine.Arm64, s_table));
        IReadOnlyList<FilterRule>[] rules = [OneIdAnswers.Rules, OneIdAnswers.Users, OneIdAnswers.Peers, OneIdAnswers.Notes];
        var looked = rules.SelectMany(static list => list).SelectMany(static rule => rule.Names).Concat(s_attributes).Append("capset").ToHashSet();
        var before = s_table.Of(abi).Where(call => plain.IsAllowedUnseen(ArchitectureOf(abi), call.Value) && !looked.Contains(call.Key)).ToList();
        Assert.That(before, Has.Count.GreaterThan(200));
        Assert.That(before.Where(call => !filter.IsAllowedUnseen(ArchitectureOf(abi), call.Value)).Select(static call => call.Key), Is.Empty);
        Assert.That(Run(abi, "getsockopt", 3, 1, 3), Is.EqualTo(Verdict.Allow));
        Assert.That(filter.Steps, Is.LessThan(20), "another option of a socket");
    }

    [Test]
    public void AnythingElse_IsAsThePolicySays([Values] Abi abi)
    {
        var plain = new FilterMachine(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default), abi is Abi.Arm64 or Abi.Arm ? Machine.Arm64 : Machine.X64, s_table));
        var answered = OneIdAnswers.Rules.SelectMany(rule => rule.Names).Concat(s_attributes).Append("capset").ToHashSet();
        foreach (var (name, number) in s_table.Of(abi).Where(call => !answered.Contains(call.Key)))
        {
            Assert.That(Run(abi, name), Is.EqualTo(plain.Run(ArchitectureOf(abi), abi == Abi.X32 ? number | 0x40000000 : number)), name);
        }
    }

    private static FilterMachine Filter(Machine machine) =>
        new(FilterCompiler.Compile(OneIdAnswers.Over(DefaultPolicy.For(CapabilitySet.Default)), machine, s_table));

    private static uint ArchitectureOf(Abi abi) => abi switch { Abi.I386 => 0x40000003, Abi.Arm64 => 0xC00000B7, Abi.Arm => 0x40000028, _ => 0xC000003E };

    private static Verdict Run(Abi abi, string name, params ReadOnlySpan<ulong> arguments)
    {
        var number = s_table.Of(abi)[name];
        return (abi is Abi.Arm64 or Abi.Arm ? s_arm : s_x86).Run(ArchitectureOf(abi), abi == Abi.X32 ? number | 0x40000000 : number, arguments);
    }
}
