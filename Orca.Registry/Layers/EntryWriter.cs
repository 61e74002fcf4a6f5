using Orca.Core.Linux;
using Orca.Registry.Layers.Reuse;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Puts one entry on disk, in place of whatever had its name.</summary>
internal sealed class EntryWriter(FlatTree tree)
{
    private readonly LinkWriter _links = new(tree);

    /// <summary>Puts an entry on disk.</summary>
    /// <returns>The <see cref="ContentSum"/> of a file; 0 for all else, and where it is not known.</returns>
    internal ulong Write(LayerEntry entry, LayerPath path, IFileSource files, CancellationToken cancellationToken)
    {
        var parent = OpenParent(path);
        var name = PathZ.OfTerminated(path.NameZ);
        switch (entry.Kind)
        {
            case EntryKind.File:
                return files.Write(tree, entry, parent, name, cancellationToken);
            case EntryKind.Directory:
                WriteDirectory(entry, parent, name);
                break;
            case EntryKind.SymbolicLink:
                _links.WriteSymbolic(entry, parent, name);
                break;
            case EntryKind.HardLink:
                _links.WriteHard(entry, parent, name);
                break;
            case EntryKind.Fifo:
                WriteFifo(entry, parent, name);
                break;
            default:
                SkipDevice(entry, parent, name);
                break;
        }

        return 0;
    }

    /// <summary>A hard link by itself, when its archive is behind.</summary>
    internal void WriteHardLink(LayerEntry entry, LayerPath path) =>
        _links.WriteHard(entry, OpenParent(path), PathZ.OfTerminated(path.NameZ));

    /// <summary>The root's own entry: it has attributes, and is a directory whatever the archive says (CVE-2021-29136).</summary>
    internal void WriteRoot(LayerEntry entry)
    {
        if (entry.Kind != EntryKind.Directory)
        {
            throw LayerFault.In(entry, "it would replace the root, which only a directory may name");
        }

        var root = tree.Root;
        root.NotedIn = tree.Layer;
        ReplaceXattrs(entry, root.Handle);
        Record(entry, root.Path, root.Hash);
    }

    private DirectoryNode OpenParent(LayerPath path)
    {
        var parent = tree.Chain.Open(path.Parent, create: true)!;
        tree.BeforeEntry(parent);
        return parent;
    }

    private void WriteDirectory(LayerEntry entry, DirectoryNode parent, PathZ name)
    {
        var error = tree.TryMakeDirectory(parent, name);
        var isNew = error == Errno.None;
        if (error == Errno.EEXIST && !FileSystem.Status(parent.Handle, name).IsDirectory)
        {
            tree.Remove(parent, name);
            error = tree.TryMakeDirectory(parent, name);
            isNew = true;
        }

        if (error is not (Errno.None or Errno.EEXIST))
        {
            throw new LinuxException("mkdir", name.ToString(), error);
        }

        if (!isNew || entry.Xattrs.Count > 0)
        {
            using var directory = FileSystem.OpenDirectory(parent.Handle, name);
            ReplaceXattrs(entry, directory);
        }

        tree.Entries += isNew ? 1 : 0;
        Record(entry, parent.Join(name.Bytes), PathHash.Child(parent.Hash, name.Bytes));
    }

    private void ReplaceXattrs(LayerEntry entry, Fd directory)
    {
        XattrWriter.Clear(directory);
        XattrWriter.Set(directory, entry, tree.Warnings);
    }

    private void Record(LayerEntry entry, byte[] path, UInt128 hash)
    {
        tree.Touch(hash);
        tree.Pending.Set(path, hash, entry.Mode, entry.Modified);
        if (entry.Uid != 0 || entry.Gid != 0 || (entry.Mode | OwnerMode.Directory) != entry.Mode)
        {
            tree.Owners.SetDirectory(path, hash, new OwnerRecord((uint)FileKind.Directory | entry.Mode, entry.Uid, entry.Gid));
        }
        else
        {
            tree.Owners.Remove(hash);
        }
    }

    private void WriteFifo(LayerEntry entry, DirectoryNode parent, PathZ name)
    {
        var error = FileSystem.TryMakeFifo(parent.Handle, name, entry.Mode);
        if (error == Errno.EEXIST)
        {
            tree.Remove(parent, name);
            error = FileSystem.TryMakeFifo(parent.Handle, name, entry.Mode);
        }

        if (error != Errno.None)
        {
            throw new LinuxException("mkfifo", name.ToString(), error);
        }

        if ((entry.Mode & (tree.Umask | 0b111_000_000_000)) != 0)
        {
            // Opening a FIFO blocks or wakes somebody, and a chmod by name could follow a link: O_PATH does neither.
            using var fifo = FileSystem.Open(parent.Handle, name, O_PATH | O_NOFOLLOW);
            _ = FileSystem.TrySetMode(fifo, PathZ.From($"/proc/self/fd/{fifo.Number}"), entry.Mode);
        }

        XattrWriter.Skip(entry, tree.Warnings);
        _ = FileSystem.TrySetTime(parent.Handle, name, entry.Modified);
        tree.Entries++;
        tree.AfterEntry(parent, name.Bytes, entry, FileKind.Fifo, entry.Mode);
    }

    /// <summary>Whether a directory is /dev or below it, where each container has devices of its own: nobody misses those of an image, and debian's has eight.</summary>
    private static bool IsBelowDev(DirectoryNode directory) => directory.Path is [(byte)'d', (byte)'e', (byte)'v'] or [(byte)'d', (byte)'e', (byte)'v', (byte)'/', ..];

    /// <summary>A user cannot make devices: the table remembers them. Character device 0:0 is overlay's whiteout, and not even remembered.</summary>
    private void SkipDevice(LayerEntry entry, DirectoryNode parent, PathZ name)
    {
        tree.Remove(parent, name);
        tree.Touch(PathHash.Child(parent.Hash, name.Bytes));
        if (!IsBelowDev(parent))
        {
            tree.Warnings.SkippedDevices++;
        }

        var (major, minor) = entry.Device;
        if (entry.Kind == EntryKind.CharDevice && major == 0 && minor == 0)
        {
            return;
        }

        var kind = entry.Kind == EntryKind.CharDevice ? FileKind.CharDevice : FileKind.BlockDevice;
        tree.Owners.Set(parent, name.Bytes, new OwnerRecord((uint)kind | entry.Mode, entry.Uid, entry.Gid, major, minor));
    }
}
