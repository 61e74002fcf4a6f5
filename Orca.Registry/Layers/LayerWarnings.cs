namespace Orca.Registry.Layers;

/// <summary>What could not be kept of an image although the rest is fine: one line for each kind.</summary>
internal sealed class LayerWarnings
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Count, string Example, Func<long, string, string> Describe)> _counted = new(StringComparer.Ordinal);

    /// <summary>Devices that were not made.</summary>
    internal long SkippedDevices { get; set; }

    /// <summary>Says something, unless something of its kind was said already.</summary>
    internal void Add(string kind, string text) => _texts.TryAdd(kind, text);

    /// <summary>Says several things.</summary>
    internal void AddAll(IEnumerable<(string Kind, string Text)> notes)
    {
        foreach (var (kind, text) in notes)
        {
            Add(kind, text);
        }
    }

    /// <summary>Counts one more of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="name">The path of the entry; the first is the example.</param>
    /// <param name="describe">Makes the line of the count and the example.</param>
    internal void Count(string kind, ReadOnlySpan<byte> name, Func<long, string, string> describe) =>
        _counted[kind] = _counted.TryGetValue(kind, out var known) ? known with { Count = known.Count + 1 } : (1, Core.Errors.Quoted.Name(name), describe);

    /// <summary>Notes a path that does not lead where it says.</summary>
    internal void NotePath(LayerEntry entry, LayerPath path)
    {
        if (path.LeadsOut)
        {
            Count("paths", entry.Name, static (count, example) => count == 1
                ? $"took '{example}', which leads above the root, for a path below it"
                : $"took {count} paths that lead above the root, such as '{example}', for paths below it");
        }
    }

    internal bool Has(string kind) => _texts.ContainsKey(kind);

    /// <summary>All lines, in the order in which their causes came.</summary>
    internal IReadOnlyList<string> ToList()
    {
        List<string> lines = [.. _texts.Values, .. _counted.Values.Select(static one => one.Describe(one.Count, one.Example))];
        if (SkippedDevices > 0)
        {
            lines.Add($"skipped {SkippedDevices} {(SkippedDevices == 1 ? "device" : "devices")}, which only root can make");
        }

        return lines;
    }
}
