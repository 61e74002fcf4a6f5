namespace Orca.Cli.Parsing;

/// <summary>One option of a command: how it is typed and what help says of it. The same row serves parsing and <c>--help</c>.</summary>
/// <param name="Short">The letter after one dash; null when there is none.</param>
/// <param name="Name">The word after two dashes.</param>
/// <param name="Value">What help calls its value; null for a switch.</param>
/// <param name="Help">What it does, in a few words.</param>
internal sealed record Option(char? Short, string Name, string? Value, string Help)
{
    /// <summary>The option that this is another word for; null normally.</summary>
    public Option? Means { get; init; }

    /// <summary>What is told when it is typed, for an option that Docker has and orca needs not; null normally.</summary>
    public string? Note { get; init; }

    /// <summary>The values that ask for what is so in any case, with commas between; every other one is refused, see <see cref="RefusedOptions"/>. Null: all are accepted.</summary>
    public string? Neutral { get; init; }

    /// <summary>Help and suggestions leave out what is only there so that it can be typed.</summary>
    public bool IsHidden => Means is not null || Note is not null;

    /// <summary>The value when none is given; null for an option that has none or needs one. Such an option takes its value behind <c>=</c> alone.</summary>
    public string? Otherwise { get; init; }

    /// <summary>A switch needs no value; <c>--name=false</c> turns it off.</summary>
    public bool IsSwitch => Value is null;
}
