using NUnit.Framework;
using Orca.Core.Host;

namespace Orca.Tests.Core.Host;

public sealed class MachineProbeTests
{
    private const string Second = "fpu cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3";
    private const string Third = Second + " avx avx2 bmi1 bmi2 f16c fma abm movbe xsave";

    [TestCase("", "x86-64-v1: ")]
    [TestCase("fpu sse2", "x86-64-v1: ")]
    [TestCase(Second, "x86-64-v2")]
    [TestCase(Second + " avx512f avx512bw avx512cd avx512dq avx512vl", "x86-64-v2")]
    [TestCase(Third, "x86-64-v3")]
    [TestCase(Third + " avx512f avx512bw avx512cd avx512dq avx512vl", "x86-64-v4")]
    public void Level_IsThatOfTheFlags(string flags, string level) =>
        Assert.That(MachineProbe.Level($"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t:\n"), Does.StartWith(level));
}
