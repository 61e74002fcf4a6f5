using Orca.Core.Linux;
using Orca.Core.Upkeep;

namespace Orca.Registry.Store;

/// <summary>What the store's layers take on the disk: those that containers write to, those of snapshots, and those that nothing refers to.</summary>
internal sealed class LayerUsage
{
    private readonly Fd _root;
    private readonly Dictionary<string, long> _sizes = new(StringComparer.Ordinal);

    internal LayerUsage(Fd root)
    {
        _root = root;
        var layers = StoredLayers.All(root);
        if (layers.Count == 0)
        {
            return;
        }

        var usage = new DiskUsage(); // one for all: a merged layer shares its files with those it was made of
        foreach (var layer in layers)
        {
            var before = usage.Total;
            usage.Add(root, StoredLayers.PathOf(layer));
            _sizes[layer] = usage.Total - before;
        }

        var uppers = Uppers();
        var used = LayerCollector.Used(root);
        foreach (var (layer, size) in _sizes)
        {
            if (used?.Contains(layer) == false)
            {
                Unused = new PileUsage(Unused.Count + 1, Unused.Bytes + size);
            }
            else if (!uppers.Contains(layer))
            {
                Snapshots = new PileUsage(Snapshots.Count + 1, Snapshots.Bytes + size);
            }
        }
    }

    internal PileUsage Snapshots { get; }

    internal PileUsage Unused { get; }

    /// <summary>The size of the layer that takes a container's changes; 0 where that is in the container's directory.</summary>
    internal long UpperOf(string name) =>
        _sizes.Count > 0 && LayerState.TryRead(_root, StorePaths.Container(name), out var state) && state is not null ? _sizes.GetValueOrDefault(state.Upper) : 0;

    private HashSet<string> Uppers()
    {
        var uppers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in StoreDirectory.List(_root, StorePaths.Containers))
        {
            if (LayerState.TryRead(_root, StorePaths.Container(System.Text.Encoding.UTF8.GetString(name)), out var state) && state is not null)
            {
                uppers.Add(state.Upper);
            }
        }

        return uppers;
    }
}
