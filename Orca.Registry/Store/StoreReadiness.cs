using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Says before the first byte is fetched what would fail after the last: a store that cannot be written, or where nothing fits any more.</summary>
internal static class StoreReadiness
{
    /// <exception cref="StoreException">The store is read-only, or can hold no more files.</exception>
    internal static void Require(StoreRoot store, LockNotice notice)
    {
        var root = store.Open();
        var state = FileSystem.StateOf(root);
        if (state.IsReadOnly)
        {
            throw new StoreException(
                $"cannot store the image: the store '{Quoted.Text(store.Path)}' lies on a read-only file system ({FileSystemNames.Of(state.Type)})",
                $"place the store elsewhere with ORCA_ROOT; what this one has can still be used with ORCA_STORES={Quoted.Text(store.Path)}");
        }

        if (state is { TotalInodes: > 0, FreeInodes: 0 })
        {
            throw StoreFaults.NoInodes(store.Path, state, null);
        }

        if (FileSystemNames.IsRemote(state.Type))
        {
            notice.Say(
                $"the store '{Quoted.Text(store.Path)}' lies on {FileSystemNames.Of(state.Type)}, where overlay can write nothing: each container runs on a copy of its image; a store on a local disk (ORCA_ROOT) starts faster");
        }
    }
}
