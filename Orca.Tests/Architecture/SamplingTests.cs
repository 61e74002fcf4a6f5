using System.Globalization;
using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Architecture;

/// <summary>Samples of sweeps are as large as asked for, of every kind, and the same for the same seed.</summary>
public sealed class SamplingTests
{
    private static readonly int[] s_made = [.. Enumerable.Range(0, 1000)];

    private static readonly HashSet<int> s_run = [];

    [Test]
    public void Sample_OfTheSameSeedAndTest_IsTheSame()
    {
        Assert.That(Choose(1, "a"), Has.Count.EqualTo(20).And.Unique.And.Ordered);
        var again = Choose(1, "a");
        Assert.That(Choose(1, "a"), Is.EqualTo(again).And.Not.EqualTo(Choose(2, "a")).And.Not.EqualTo(Choose(1, "b")));
    }

    [Test]
    public void Sample_OfSeveralKinds_HasEachOfThem()
    {
        List<string> all = [.. Enumerable.Repeat("many", 1000), "one", "two", "two"];
        var chosen = Sampling.Choose(all, 8, static kind => kind, new Random(3));
        Assert.That(chosen.CountBy(static kind => kind).ToDictionary(), Is.EqualTo(new Dictionary<string, int> { ["many"] = 5, ["one"] = 1, ["two"] = 2 }));
    }

    [Test]
    public void Sample_OfFewerThanAskedFor_IsAll() => Assert.That(Sampling.Choose([1, 2, 3], 8, static one => one, new Random(3)), Is.EqualTo(new[] { 1, 2, 3 }));

    [SampledCases(nameof(s_made), 5)]
    public void SampledCases_AreTests(int number) => Assert.That(s_run.Add(number), Is.True, number.ToString(CultureInfo.InvariantCulture));

    [OneTimeTearDown]
    public void TearDown() => Assert.That(s_run, Has.Count.LessThanOrEqualTo(5).Or.Count.EqualTo(1000), "a sample, or everything in a long run");

    private static List<int> Choose(int seed, string test) => Sampling.Choose(s_made, 20, static _ => 0, Sampling.Random(seed, test));
}
