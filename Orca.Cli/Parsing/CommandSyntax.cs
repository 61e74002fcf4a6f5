namespace Orca.Cli.Parsing;

/// <summary>How a command is typed: its options, its arguments, and the words of its help.</summary>
internal sealed record CommandSyntax
{
    /// <summary>The words before the options: <c>orca run</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What follows the name, one line per form.</summary>
    public required string[] Usage { get; init; }

    /// <summary>What it does, in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>Its own options, in the order help lists them.</summary>
    public Option[] Options { get; init; } = [];

    /// <summary>Further options, under titles of their own.</summary>
    public (string Title, Option[] Options)[] Groups { get; init; } = [];

    /// <summary>All options, common ones included.</summary>
    public IEnumerable<Option> AllOptions => [.. Options, .. Groups.SelectMany(static group => group.Options), .. CommonOptions.All];

    /// <summary>What help calls an argument; null when it takes none.</summary>
    public string? Argument { get; init; }

    /// <summary>How few arguments it takes.</summary>
    public int AtLeast { get; init; }

    /// <summary>How many arguments it takes.</summary>
    public int AtMost { get; init; } = int.MaxValue;

    /// <summary>True: options may follow arguments. False: all that follows the first argument belongs to the container.</summary>
    public bool Interspersed { get; init; }

    /// <summary>Command lines and what they do, for the end of the help.</summary>
    public (string Line, string Meaning)[] Examples { get; init; } = [];

    /// <summary>Paragraphs of help between options and examples.</summary>
    public string? Remarks { get; init; }

    /// <summary>The option of this long name, common ones included; null when there is none.</summary>
    public Option? Find(ReadOnlySpan<char> name)
    {
        var found = Find(Options, name) ?? Find(CommonOptions.All, name);
        for (var i = 0; found is null && i < Groups.Length; i++)
        {
            found = Find(Groups[i].Options, name);
        }

        return found;
    }

    /// <summary>The option of this letter; null when there is none.</summary>
    public Option? Find(char letter)
    {
        var found = Find(Options, letter);
        for (var i = 0; found is null && i < Groups.Length; i++)
        {
            found = Find(Groups[i].Options, letter);
        }

        return found ?? (letter == 'h' ? CommonOptions.Help : null);
    }

    private static Option? Find(Option[] options, ReadOnlySpan<char> name)
    {
        foreach (var option in options)
        {
            if (name.SequenceEqual(option.Name))
            {
                return option;
            }
        }

        return null;
    }

    private static Option? Find(Option[] options, char letter)
    {
        foreach (var option in options)
        {
            if (option.Short == letter)
            {
                return option;
            }
        }

        return null;
    }
}
