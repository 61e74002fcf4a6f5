namespace Orca.Registry.Layers;

/// <summary>What could not be kept of an image although the rest is fine: each kind said once.</summary>
internal sealed class LayerWarnings
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

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

    internal bool Has(string kind) => _texts.ContainsKey(kind);

    /// <summary>All lines, in the order in which their causes came.</summary>
    internal IReadOnlyList<string> ToList()
    {
        List<string> lines = [.. _texts.Values];
        if (SkippedDevices > 0)
        {
            lines.Add($"skipped {SkippedDevices} {(SkippedDevices == 1 ? "device" : "devices")}, which only root can make");
        }

        return lines;
    }
}
