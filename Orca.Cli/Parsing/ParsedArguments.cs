namespace Orca.Cli.Parsing;

/// <summary>A command line, taken apart.</summary>
internal sealed class ParsedArguments
{
    private readonly List<(Option Option, string Value)> _values = [];
    private readonly List<string> _positionals = [];

    /// <summary>What is not an option, in order.</summary>
    public IReadOnlyList<string> Positionals => _positionals;

    /// <summary>The last value given; null when the option was not given.</summary>
    public string? Last(Option option)
    {
        for (var i = _values.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_values[i].Option, option))
            {
                return _values[i].Value;
            }
        }

        return null;
    }

    /// <summary>All values given, in order.</summary>
    public List<string> All(Option option)
    {
        var all = new List<string>();
        foreach (var (given, value) in _values)
        {
            if (ReferenceEquals(given, option))
            {
                all.Add(value);
            }
        }

        return all;
    }

    /// <summary>True when one of the options was given.</summary>
    public bool Any(ReadOnlySpan<Option> options)
    {
        foreach (var (given, _) in _values)
        {
            if (options.Contains(given))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The options that were given, in order, one more than once where it was.</summary>
    public IEnumerable<Option> Given => _values.Select(static value => value.Option);

    /// <summary>The state of a switch; null when it was not given.</summary>
    public bool? Switch(Option option) => Last(option) is { } value ? value == "true" : null;

    /// <summary>True when a switch was given and not turned off.</summary>
    public bool IsOn(Option option) => Switch(option) == true;

    internal void Add(Option option, string value) => _values.Add((option.Means ?? option, value));

    internal void AddPositional(string value) => _positionals.Add(value);
}
