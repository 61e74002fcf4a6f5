namespace Orca.Core.Upkeep;

/// <summary>How thoroughly a store is checked.</summary>
public sealed record CheckOptions
{
    /// <summary>Leaves out reading every file's content: finds what is missing, added or of another size, mode or time, but no flipped bit.</summary>
    public bool Quick { get; init; }
}

/// <summary>What a check found.</summary>
public sealed record StoreReport
{
    /// <summary>How many images were held against their records.</summary>
    public required int Images { get; init; }

    /// <summary>How many names in their trees were.</summary>
    public required long Entries { get; init; }

    /// <summary>What is wrong, or worth knowing.</summary>
    public required IReadOnlyList<StoreFinding> Findings { get; init; }

    /// <summary>True when something found is damage.</summary>
    public bool IsDamaged => Findings.Any(static finding => finding.Damage);
}

/// <summary>One thing that a check found.</summary>
/// <param name="Damage">True: something is broken. False: it is only worth knowing.</param>
/// <param name="What">The image, name, container or file, as a user would call it.</param>
/// <param name="Problem">What is wrong with it, in a few words; foreign names are escaped.</param>
/// <param name="Repair">What to type against it; null when there is nothing.</param>
public sealed record StoreFinding(bool Damage, string What, string Problem, string? Repair)
{
    /// <summary>The name of the container that is damaged; null when it is something else.</summary>
    public string? Container { get; init; }
}
