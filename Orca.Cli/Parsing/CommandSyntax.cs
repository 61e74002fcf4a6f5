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
        foreach (var option in Options)
        {
            if (name.SequenceEqual(option.Name))
            {
                return option;
            }
        }

        foreach (var option in CommonOptions.All)
        {
            if (name.SequenceEqual(option.Name))
            {
                return option;
            }
        }

        return null;
    }

    /// <summary>The option of this letter; null when there is none.</summary>
    public Option? Find(char letter)
    {
        foreach (var option in Options)
        {
            if (option.Short == letter)
            {
                return option;
            }
        }

        return letter == 'h' ? CommonOptions.Help : null;
    }
}
