using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Gives a kept container another name: its directory's, and then the one in its record.</summary>
/// <remarks>The directory's name alone counts, so that a rename which is cut short between the two has happened. An orca from before this rule takes such a container for damaged, and loses nothing of it.</remarks>
internal static class ContainerRenamer
{
    internal static void Rename(StoreRoot store, string from, string to)
    {
        StoreException Refuse(string cause, string? hint = null) => new($"cannot rename container '{Quoted.Text(from)}' to '{Quoted.Text(to)}': {cause}", hint);

        if (!ContainerNames.IsValid(to) || ContainerNames.IsRandom(to))
        {
            throw Refuse(ContainerNames.IsValid(to) ? "names of this form are orca's own" : ContainerNames.Rule);
        }

        if (!ContainerNames.IsValid(from) || store.TryOpen() is not { } root || ContainerCatalog.Read(root, from) is not { IsKept: true })
        {
            throw Refuse("no such container", "'orca ps -a' lists what is there");
        }

        if (!StoreDirectory.IsAbsent(root, StorePaths.Container(to)))
        {
            throw Refuse("the name is in use");
        }

        using var held = Hold(store, from) ?? throw Refuse("it runs", $"stop it first: orca stop {from}");
        if (ContainerCatalog.Read(root, from) is not { IsKept: true } entry)
        {
            throw Refuse("no such container", "'orca ps -a' lists what is there");
        }

        // A directory of that name that somebody makes meanwhile has a lock in it, and so is not replaced.
        if (FileSystem.TryRename(root, PathZ.From(StorePaths.Container(from)), root, PathZ.From(StorePaths.Container(to))) is not Errno.None and var error)
        {
            throw Refuse(error is Errno.ENOTEMPTY or Errno.EEXIST ? "the name is in use" : error.Describe());
        }

        DurableFile.Write(root, StorePaths.Container(to), ContainerCatalog.RecordName, ContainerRecordWriter.Write(entry.Record with { Name = to }, isKept: true));
        StoreDirectory.Sync(root, StorePaths.Containers);
    }

    private static ContainerDirectory? Hold(StoreRoot store, string name)
    {
        try
        {
            return ContainerDirectory.TryHold(store, name);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
    }
}
