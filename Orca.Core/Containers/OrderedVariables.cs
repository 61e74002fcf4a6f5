namespace Orca.Core.Containers;

/// <summary>Environment variables in the order they first appeared; the last value of a name wins.</summary>
internal sealed class OrderedVariables
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <summary>The variables, <c>NAME=value</c>.</summary>
    internal List<string> Items { get; } = [];

    /// <summary>Adds or replaces one. What has no name or no '=' is dropped: an image must not reach for the host's variables (CVE-2026-57231).</summary>
    internal void Set(string variable)
    {
        var equals = variable.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            return;
        }

        var name = variable[..equals];
        if (_places.TryGetValue(name, out var place))
        {
            Items[place] = variable;
        }
        else
        {
            _places.Add(name, Items.Count);
            Items.Add(variable);
        }
    }

    /// <summary>Takes a variable away, or all when the name is <c>*</c>.</summary>
    internal void Remove(string name)
    {
        Items.RemoveAll(variable => name == "*" || (variable.StartsWith(name, StringComparison.Ordinal) && variable.AsSpan(name.Length).StartsWith("=")));
        _places.Clear();
        for (var i = 0; i < Items.Count; i++)
        {
            _places.Add(Items[i][..Items[i].IndexOf('=', StringComparison.Ordinal)], i);
        }
    }

    /// <summary>Gives a variable a value when it has none or an empty one.</summary>
    internal void SetIfEmpty(string name, string value)
    {
        if (!_places.TryGetValue(name, out var place) || Items[place].Length == name.Length + 1)
        {
            Set(name + "=" + value);
        }
    }
}
