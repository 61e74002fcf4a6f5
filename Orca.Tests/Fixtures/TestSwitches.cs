using System.Globalization;

namespace Orca.Tests.Fixtures;

/// <summary>The environment variables that decide how much the tests try; README.md describes them.</summary>
internal static class TestSwitches
{
    /// <summary>True under <c>make test-long</c>: every case is tried instead of a sample.</summary>
    public static bool IsLong { get; } = Read("LONG") == "1";

    /// <summary>The seed of every random choice; another one in each run, unless given.</summary>
    public static int Seed { get; } = (int?)Number("SEED") ?? Random.Shared.Next(1, 1_000_000);

    /// <summary>Multiplies the rounds of tests that have no last case.</summary>
    public static double Times { get; } = Number("TIMES") ?? (IsLong ? 20 : 1);

    /// <summary>How long each fuzz target runs; null when it runs its number of rounds.</summary>
    public static double? FuzzSeconds { get; } = Number("FUZZ_SECONDS") ?? (IsLong ? 60 : null);

    private static double? Number(string name) => Read(name) is not { Length: > 0 } text ? null
        : double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number
        : throw new InvalidOperationException($"ORCA_TEST_{name}='{text}': not a number");

    private static string? Read(string name) => Environment.GetEnvironmentVariable("ORCA_TEST_" + name);
}
