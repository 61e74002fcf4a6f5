using NUnit.Framework;

namespace Orca.Tests.Fixtures;

/// <summary>What a sweep tries: a seeded sample in <c>make test</c>, everything in <c>make test-long</c>.</summary>
/// <remarks>The choice depends on the seed and on the test's name only, so that a test that failed repeats its choice when it runs alone with that seed.</remarks>
internal static class Sampling
{
    /// <summary>Returns some of the cases, in their order; all of them in a long run.</summary>
    public static List<T> Of<T>(IReadOnlyList<T> all, int size) => Of(all, size, static _ => 0);

    /// <summary>Returns some of the cases, in their order, of each kind equally many where there are as many; all of them in a long run.</summary>
    public static List<T> Of<T, TKind>(IReadOnlyList<T> all, int size, Func<T, TKind> kind) => TestSwitches.IsLong ? [.. all] : Choose(all, size, kind, Random());

    /// <summary>How many rounds a test makes that has no last case, as kills at random moments.</summary>
    public static int Rounds(int rounds) => Math.Max(1, (int)Math.Min(int.MaxValue, rounds * TestSwitches.Times));

    /// <summary>Random numbers of the running test. Prints the seed.</summary>
    public static Random Random()
    {
        TestContext.Out.WriteLine(Seed);
        return Random(TestSwitches.Seed, TestContext.CurrentContext.Test.FullName);
    }

    /// <summary>What to set to repeat the choices of this run.</summary>
    internal static string Seed => FormattableString.Invariant($"ORCA_TEST_SEED={TestSwitches.Seed}");

    internal static Random Random(int seed, string test)
    {
        // The hash of a string is another one in each process; this one is always the same (FNV-1a).
        var hash = 2166136261 ^ (uint)seed;
        foreach (var character in test)
        {
            hash = unchecked((hash ^ character) * 16777619);
        }

        return new Random((int)(hash & int.MaxValue));
    }

    internal static List<T> Choose<T, TKind>(IReadOnlyList<T> all, int size, Func<T, TKind> kind, Random random)
    {
        if (size >= all.Count)
        {
            return [.. all];
        }

        // Rank within its kind, in random order: every kind has a first before any has a second.
        return [.. all.Select((one, at) => (one, at)).GroupBy(one => kind(one.one))
            .SelectMany(some => Shuffle(some, random).Select((one, rank) => (one, rank, tie: random.Next())))
            .OrderBy(static one => one.rank).ThenBy(static one => one.tie).Take(size)
            .OrderBy(static one => one.one.at).Select(static one => one.one.one)];
    }

    private static T[] Shuffle<T>(IEnumerable<T> some, Random random)
    {
        T[] shuffled = [.. some];
        random.Shuffle(shuffled);
        return shuffled;
    }
}
