using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>Deletes what a name stands for, with all below it, and forgets what was remembered of it.</summary>
/// <remarks>
/// Works below descriptors and follows nothing. Trees may be deeper than there are descriptors or stack: what lies 32 levels down is moved
/// up into the directory that is being deleted and dealt with from there.
/// </remarks>
internal sealed class TreeRemover(FlatTree tree)
{
    private const int MaxDepth = 32;

    private readonly Stack<(string Name, byte[] Path, ulong Hash)> _moved = new();
    private long _moves;

    internal void Remove(DirectoryNode parent, PathZ name)
    {
        var error = FileSystem.TryStatus(parent.Handle, name, out var status);
        if (error == Errno.ENOENT)
        {
            if (tree.Owners.Count > 0)
            {
                tree.Owners.Remove(parent.Join(name.Bytes)); // a device is only in the table
            }

            return;
        }

        Check(error, "stat", name);
        RemoveAt(parent.Handle, name, status, parent.Join(name.Bytes), PathHash.Child(parent.Hash, name.Bytes));
    }

    private void RemoveAt(Fd parent, PathZ name, FileStatus status, byte[] path, ulong hash)
    {
        if (!status.IsDirectory)
        {
            Unlink(parent, name, status, path);
            return;
        }

        tree.Invalidate();
        using (var top = FileSystem.OpenDirectory(parent, name))
        {
            Empty(top, top, path, hash, depth: 1);
            while (_moved.TryPop(out var moved))
            {
                var movedName = PathZ.From(moved.Name);
                using (var directory = FileSystem.OpenDirectory(top, movedName))
                {
                    Empty(top, directory, moved.Path, moved.Hash, depth: 1);
                }

                Check(FileSystem.TryUnlink(top, movedName, directory: true), "rmdir", movedName);
            }
        }

        RemoveEmpty(parent, name, path, hash);
    }

    private void Empty(Fd top, Fd directory, byte[] path, ulong hash, int depth)
    {
        foreach (var (childName, _) in DirectoryReader.ReadAll(directory))
        {
            var name = PathZ.From(childName);
            byte[] childPath = [.. path, (byte)'/', .. childName];
            var childHash = PathHash.Child(hash, childName);
            var error = FileSystem.TryStatus(directory, name, out var status);
            if (error == Errno.ENOENT)
            {
                continue;
            }

            Check(error, "stat", name);
            if (!status.IsDirectory)
            {
                Unlink(directory, name, status, childPath);
            }
            else if (depth >= MaxDepth)
            {
                MoveUp(top, directory, name, childPath, childHash);
            }
            else
            {
                using (var child = FileSystem.OpenDirectory(directory, name))
                {
                    Empty(top, child, childPath, childHash, depth + 1);
                }

                RemoveEmpty(directory, name, childPath, childHash);
            }
        }
    }

    private void MoveUp(Fd top, Fd directory, PathZ name, byte[] path, ulong hash)
    {
        while (true)
        {
            var aside = $".orca-deleted-{_moves++}";
            if (FileSystem.TryStatus(top, PathZ.From(aside), out _) != Errno.ENOENT)
            {
                continue; // the image has such a name
            }

            Check(FileSystem.TryRename(directory, name, top, PathZ.From(aside)), "rename", name);
            Forget(path, hash);
            _moved.Push((aside, path, hash));
            return;
        }
    }

    private void Unlink(Fd parent, PathZ name, FileStatus status, byte[] path)
    {
        Check(FileSystem.TryUnlink(parent, name), "unlink", name);
        tree.Entries--;
        tree.Bytes -= tree.RemoveName(status.Inode) && status.Kind == FileKind.Regular ? status.Size : 0;
        if (tree.Owners.Count > 0)
        {
            tree.Owners.Remove(path);
        }

        if (status.Kind == FileKind.SymbolicLink)
        {
            tree.Invalidate();
        }
    }

    private void RemoveEmpty(Fd parent, PathZ name, byte[] path, ulong hash)
    {
        Check(FileSystem.TryUnlink(parent, name, directory: true), "rmdir", name);
        Forget(path, hash);
    }

    private void Forget(byte[] path, ulong hash)
    {
        tree.Entries--;
        tree.Pending.Forget(hash);
        if (tree.Owners.Count > 0)
        {
            tree.Owners.Remove(path);
            tree.Owners.RemoveDevicesIn(path);
        }
    }

    private static void Check(Errno error, string call, PathZ name)
    {
        if (error != Errno.None)
        {
            throw new LinuxException(call, name.ToString(), error);
        }
    }
}
