using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Writes symbolic links, verbatim, and hard links, whose targets are found inside the tree.</summary>
internal sealed class LinkWriter(FlatTree tree)
{
    private const int MaxTarget = 4095; // PATH_MAX without the NUL
    private const uint LinkMode = 0b111_111_111; // what lstat tells of every symbolic link

    private readonly LayerPath _target = new();

    internal void WriteSymbolic(LayerEntry entry, DirectoryNode parent, PathZ name)
    {
        if (entry.Target.IsEmpty || entry.Target.Length > MaxTarget)
        {
            throw LayerFault.In(entry, entry.Target.IsEmpty ? "its link target is empty" : $"its link target of {entry.Target.Length} bytes exceeds limit of {MaxTarget}");
        }

        var target = PathZ.From(entry.Target);
        var error = FileSystem.TrySymbolicLink(target, parent.Handle, name);
        if (error == Errno.EEXIST)
        {
            tree.Remove(parent, name);
            error = FileSystem.TrySymbolicLink(target, parent.Handle, name);
        }

        Check(error, "symlink", name);
        XattrWriter.Skip(entry, tree.Warnings);
        SetTime(parent, name, entry.Modified);
        tree.Entries++;
        entry.Mode = LinkMode;
        tree.AfterEntry(parent, name.Bytes, entry, FileKind.SymbolicLink, LinkMode);
    }

    internal void WriteHard(LayerEntry entry, DirectoryNode parent, PathZ name)
    {
        _target.Set(entry.Target);
        if (_target.IsRoot)
        {
            throw LayerFault.In(entry, entry.Target.IsEmpty ? "its link target is empty" : "its link target is a directory");
        }

        var from = tree.Aside.Open(_target.Parent, create: false) ?? throw Missing(entry);
        var fromName = PathZ.OfTerminated(_target.NameZ);
        if (from.Hash == parent.Hash && fromName.Bytes.SequenceEqual(name.Bytes))
        {
            throw LayerFault.In(entry, "it links to itself");
        }

        var target = PathHash.Child(from.Hash, fromName.Bytes);
        var error = FileSystem.TryStatus(from.Handle, fromName, out var status);
        if (error == Errno.ENOENT)
        {
            LinkDevice(entry, target, parent, name);
            return;
        }

        Check(error, "stat", fromName);
        if (status.IsDirectory)
        {
            throw LayerFault.In(entry, "its link target is a directory");
        }

        Link(entry, from, fromName, status, parent, name);
        tree.Entries++;
        tree.Touch(PathHash.Child(parent.Hash, name.Bytes));
        CopyRecord(target, parent, name);
    }

    private void Link(LayerEntry entry, DirectoryNode from, PathZ fromName, FileStatus status, DirectoryNode parent, PathZ name)
    {
        var error = FileSystem.TryHardLink(from.Handle, fromName, parent.Handle, name);
        if (error == Errno.EEXIST)
        {
            tree.Remove(parent, name);
            error = FileSystem.TryHardLink(from.Handle, fromName, parent.Handle, name);
        }

        switch (error)
        {
            case Errno.None:
                tree.AddName(status.Inode);
                break;
            case Errno.ENOENT:
                throw Missing(entry); // it lay in what the link replaces
            case Errno.EMLINK or Errno.EPERM or Errno.EXDEV or Errno.EOPNOTSUPP:
                Copy(from, fromName, status, parent, name);
                tree.Warnings.Add("links", $"copied '{Quoted.Name(entry.Name)}' and perhaps others instead of linking: {error.Describe()}");
                break;
            default:
                throw new LinuxException("link", name.ToString(), error);
        }
    }

    /// <summary>A hard link to a device that was skipped: one more record.</summary>
    private void LinkDevice(LayerEntry entry, UInt128 target, DirectoryNode parent, PathZ name)
    {
        if (!tree.Owners.TryGet(target, out var record) || !record.IsDevice)
        {
            throw Missing(entry);
        }

        tree.Remove(parent, name);
        tree.Touch(PathHash.Child(parent.Hash, name.Bytes));
        tree.Owners.Set(parent, name.Bytes, record);
    }

    private void CopyRecord(UInt128 target, DirectoryNode parent, PathZ name)
    {
        if (tree.Owners.TryGet(target, out var record))
        {
            tree.Owners.Set(parent, name.Bytes, record);
        }
        else
        {
            tree.Owners.Remove(PathHash.Child(parent.Hash, name.Bytes));
        }
    }

    private void SetTime(DirectoryNode parent, PathZ name, (long Seconds, uint Nanoseconds) time)
    {
        if (tree.KeepsLinkTimes)
        {
            _ = FileSystem.TrySetTime(parent.Handle, name, time);
        }
    }

    private void Copy(DirectoryNode from, PathZ fromName, FileStatus status, DirectoryNode parent, PathZ name)
    {
        if (status.Kind == FileKind.SymbolicLink)
        {
            Check(FileSystem.TrySymbolicLink(PathZ.From(FileSystem.ReadLink(fromName, from.Handle)), parent.Handle, name), "symlink", name);
            SetTime(parent, name, status.Modified);
            return;
        }

        if (status.Kind != FileKind.Regular)
        {
            Check(FileSystem.TryMakeFifo(parent.Handle, name, status.Permissions & ~tree.Umask), "mkfifo", name);
            return;
        }

        using var source = FileSystem.Open(from.Handle, fromName, O_RDONLY | O_NOFOLLOW);
        using var copy = FileWriter.Create(tree, parent, name, 0x180 /* 0600 */);
        FileCopy.Fill(source, copy);
        tree.Bytes += status.Size;
    }

    private static LayerException Missing(LayerEntry entry) =>
        LayerFault.In(entry, $"its link target '{Quoted.Name(entry.Target)}' does not exist");

    private static void Check(Errno error, string call, PathZ name)
    {
        if (error != Errno.None)
        {
            throw new LinuxException(call, name.ToString(), error);
        }
    }
}
