using CsCheck;
using NUnit.Framework;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>The program does what the policy says, whatever the policy.</summary>
public sealed class FilterCompilerTests
{
    private static readonly SystemCallTable s_table = SystemCallTable.Read();
    private static readonly string[] s_names = [.. s_table.Of(Abi.X64).Keys];
    private static readonly ulong[] s_edges = [0, 1, 7, 8, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000008, 0x123456789abcdef0, ulong.MaxValue];

    private static readonly Gen<ulong> s_value = Gen.OneOf(Gen.Int[0, s_edges.Length - 1].Select(i => s_edges[i]), Gen.ULong);

    private static readonly Gen<ArgumentTest> s_test = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 6], s_value, s_value, Gen.Bool).Select(
        (index, comparison, value, mask, wide) => new ArgumentTest(index, (Comparison)comparison, value) { Mask = mask, Wide = wide });

    private static readonly Gen<FilterRule> s_rule = Gen.Select(
        Gen.Int[0, s_names.Length - 1].Select(i => s_names[i]).Array[1, 40], Gen.UShort[0, 4095], s_test.Array[0, 3]).Select(
        (names, errno, tests) => new FilterRule(names, errno > 2000 ? Verdict.Allow : Verdict.Fail(errno)) { Tests = tests });

    [Test]
    public void Program_OfAnyPolicy_DecidesAsItsRules() => Gen.Select(s_rule.Array[0, 60], Gen.UInt[0, 600].Array[40], s_value.Array[6]).Sample(
        (rules, numbers, arguments) =>
        {
            var policy = new FilterPolicy { Rules = rules, Otherwise = Verdict.Refuse, Unknown = Verdict.Absent };
            var machine = new FilterMachine(FilterCompiler.Compile(policy, Machine.X64, s_table));
            var names = s_table.Of(Abi.X64).ToLookup(call => call.Value, call => call.Key);
            foreach (var number in numbers)
            {
                var expected = number is >= 512 and < 548 ? null : Decide(policy, names[number].FirstOrDefault(), arguments); // x32's own
                if (expected is { } verdict)
                {
                    Assert.That(machine.Run(0xC000003E, number, arguments), Is.EqualTo(verdict), $"number {number}");
                }
            }
        },
        iter: 300);

    [Test]
    public void Program_FarLargerThanAJumpReaches_StillFindsEveryAnswer()
    {
        var policy = new FilterPolicy
        {
            Rules = [.. s_names.Select((name, i) => new FilterRule([name], Verdict.Fail((ushort)(i + 1))) { Tests = [new ArgumentTest(i % 6, Comparison.Equal, (ulong)i) { Wide = true }] })],
            Otherwise = Verdict.Allow,
            Unknown = Verdict.Absent,
        };
        var machine = new FilterMachine(FilterCompiler.Compile(policy, Machine.X64, s_table));
        for (var i = 0; i < s_names.Length; i++)
        {
            var arguments = new ulong[6];
            arguments[i % 6] = (ulong)i;
            Assert.That(machine.Run(0xC000003E, s_table.Of(Abi.X64)[s_names[i]], arguments), Is.EqualTo(Verdict.Fail((ushort)(i + 1))), s_names[i]);
            arguments[i % 6] = (uint)i | 1UL << 40;
            Assert.That(machine.Run(0xC000003E, s_table.Of(Abi.X64)[s_names[i]], arguments), Is.EqualTo(Verdict.Allow), s_names[i]);
        }
    }

    [Test]
    public void Architecture_Unknown_Kills([Values(0u, 0x80000028u, 0xC00000F3u, 0xC000003Fu)] uint architecture)
    {
        var machine = new FilterMachine(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default), Machine.X64, s_table));
        Assert.That(machine.Run(architecture, 0), Is.EqualTo(Verdict.KillProcess));
        Assert.That(machine.Run(0xC00000B7, 0), Is.EqualTo(Verdict.KillProcess), "the other machine's");
    }

    [Test]
    public void Abi_ThatThePolicyLeavesOut_IsForeign()
    {
        var policy = DefaultPolicy.For(CapabilitySet.Default) with { Abis = [Abi.X64] };
        var machine = new FilterMachine(FilterCompiler.Compile(policy, Machine.X64, s_table));
        Assert.That(machine.Run(0xC000003E, 0), Is.EqualTo(Verdict.Allow));
        Assert.That(machine.Run(0x40000003, 3), Is.EqualTo(Verdict.KillProcess));
        Assert.That(machine.Run(0xC000003E, 0x40000000), Is.EqualTo(Verdict.KillProcess), "x32");
    }

    private static Verdict? Decide(FilterPolicy policy, string? name, ulong[] arguments) => name is null ? policy.Unknown
        : policy.Rules.FirstOrDefault(rule => rule.Names.Contains(name) && rule.Tests.All(test => Holds(test, arguments[test.Index])))?.Verdict ?? policy.Otherwise;

    private static bool Holds(ArgumentTest test, ulong argument)
    {
        var cut = test.Wide ? ulong.MaxValue : uint.MaxValue;
        var (left, right, mask) = (argument & cut, test.Value & cut, test.Mask & cut);
        return test.Comparison switch
        {
            Comparison.Equal => left == right,
            Comparison.NotEqual => left != right,
            Comparison.Less => left < right,
            Comparison.LessOrEqual => left <= right,
            Comparison.Greater => left > right,
            Comparison.GreaterOrEqual => left >= right,
            _ => (left & mask) == (right & mask),
        };
    }
}
