using System.Text;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Deletes layers that no container needs any more.</summary>
internal static class LayerCollector
{
    /// <summary>The layers that containers refer to, by themselves or through others; null when some container does not say which it needs.</summary>
    internal static HashSet<string>? Used(Fd root)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        if (DamagedPath.Describe(root, StorePaths.Containers, FileKind.Directory) is not null)
        {
            return null;
        }

        foreach (var name in StoreDirectory.List(root, StorePaths.Containers))
        {
            var path = $"{StorePaths.Containers}/{Encoding.UTF8.GetString(name)}";
            if (!LayerState.TryRead(root, path, out var state) || DamagedPath.Describe(root, path, FileKind.Directory) is not null)
            {
                return null;
            }

            if (state is not null && !TryAdd(root, state.Upper, used))
            {
                return null;
            }

            foreach (var (_, layer) in state?.Snapshots ?? [])
            {
                if (!TryAdd(root, layer, used))
                {
                    return null;
                }
            }
        }

        return used;
    }

    private static bool TryAdd(Fd root, string id, HashSet<string> used)
    {
        if (used.Add(id))
        {
            if (StoredLayers.Below(root, id) is not { } below)
            {
                return StoreDirectory.IsAbsent(root, StoredLayers.PathOf(id)); // a layer that is lost needs nothing
            }

            used.UnionWith(below);
        }

        return true;
    }

    /// <summary>Deletes the layers that no container refers to; none while somebody makes one, or it is not certain which are referred to.</summary>
    /// <returns>How many.</returns>
    internal static int Collect(StoreRoot store, StagingArea staging, ref long freed, Action<(string Name, Errno Error)?, string>? note = null)
    {
        var root = store.Open();
        if (!StoreDirectory.Exists(root, StoredLayers.Directory) || FileLock.TryAcquire(root, StoredLayers.LockPath, exclusive: true) is not { } held)
        {
            return 0;
        }

        var deleted = 0;
        using (held)
        {
            if (Used(root) is not { } used)
            {
                return 0;
            }

            foreach (var id in StoredLayers.All(root).Where(id => !used.Contains(id)))
            {
                using var staged = staging.Reserve();
                if (FileSystem.TryRename(root, PathZ.From(StoredLayers.PathOf(id)), root, PathZ.From(staged.Path)) == Errno.None)
                {
                    note?.Invoke(staged.TryDelete(ref freed), StoredLayers.PathOf(id));
                    deleted++;
                }
            }
        }

        return deleted;
    }
}
