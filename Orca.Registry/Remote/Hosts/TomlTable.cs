namespace Orca.Registry.Remote.Hosts;

/// <summary>A table of a TOML document: text, truth values, lists and tables by key.</summary>
internal sealed class TomlTable
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _defined = new(StringComparer.Ordinal);

    /// <summary>The keys, in no order.</summary>
    internal IEnumerable<string> Keys => _values.Keys;

    /// <summary>The value; null when there is none.</summary>
    internal object? this[string key] => _values.GetValueOrDefault(key);

    internal bool TryAdd(string key, object value) => _values.TryAdd(key, value);

    /// <summary>The table below a key, made when missing; of an array of tables its last one. Null when something else is there.</summary>
    internal TomlTable? Enter(string key)
    {
        if (!_values.TryGetValue(key, out var value))
        {
            _values[key] = value = new TomlTable();
        }

        return value as TomlTable ?? ((value as List<object>)?.LastOrDefault() as TomlTable);
    }

    /// <summary>As <see cref="Enter"/> for a header; null also when the table has a header already.</summary>
    internal TomlTable? Define(string key) => _defined.Add(key) && this[key] is null or TomlTable ? Enter(key) : null;

    /// <summary>A new table at the end of an array of tables; null when something else is there.</summary>
    internal TomlTable? Append(string key)
    {
        if (!_values.TryGetValue(key, out var value))
        {
            _defined.Add(key);
            _values[key] = value = new List<object>();
        }

        if (value is not List<object> list || !_defined.Contains(key))
        {
            return null;
        }

        var table = new TomlTable();
        list.Add(table);
        return table;
    }
}

/// <summary>A number or a date, as it stands there.</summary>
/// <param name="Text">As it stands there.</param>
internal sealed record TomlNumber(string Text);
