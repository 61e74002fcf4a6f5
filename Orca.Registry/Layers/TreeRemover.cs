using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>Deletes what a name stands for, with all below it, and forgets what was remembered of it.</summary>
/// <remarks>
/// Works below descriptors and follows nothing. Trees may be deeper than there are descriptors or stack: what lies 32 levels down is moved
/// up into the directory that is being deleted and dealt with from there. Its new name has the hash of its path, and a part that no image can guess.
/// </remarks>
internal sealed class TreeRemover(FlatTree tree)
{
    private const int MaxDepth = 32;

    private readonly byte[] _prefix = Encoding.ASCII.GetBytes($".orca-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}-");

    internal void Remove(DirectoryNode parent, PathZ name)
    {
        var hash = PathHash.Child(parent.Hash, name.Bytes);
        var error = FileSystem.TryStatus(parent.Handle, name, out var status);
        if (error == Errno.ENOENT)
        {
            tree.Owners.Remove(hash); // a device is only in the table
            return;
        }

        Check(error, "stat", name);
        if (!status.IsDirectory)
        {
            Unlink(parent.Handle, name, status, hash);
            return;
        }

        tree.Invalidate();
        using (var top = FileSystem.OpenDirectory(parent.Handle, name))
        {
            Empty(top, top, hash, depth: 1);
        }

        RemoveEmpty(parent.Handle, name, hash);
    }

    private void Empty(Fd top, Fd directory, UInt128 hash, int depth)
    {
        // Until nothing is left: of what is moved up and of what stands beside the removed, a listing may have some or not.
        for (var isOver = false; !isOver; FileSystem.Seek(directory, 0))
        {
            isOver = true;
            foreach (var (childName, _) in DirectoryReader.Read(directory))
            {
                isOver &= !TryRemoveChild(top, directory, PathZ.From(childName), HashMovedFrom(childName) ?? PathHash.Child(hash, childName), depth);
            }
        }
    }

    private bool TryRemoveChild(Fd top, Fd directory, PathZ name, UInt128 hash, int depth)
    {
        var error = FileSystem.TryStatus(directory, name, out var status);
        if (error == Errno.ENOENT)
        {
            return false;
        }

        Check(error, "stat", name);
        if (!status.IsDirectory)
        {
            Unlink(directory, name, status, hash);
        }
        else if (depth >= MaxDepth)
        {
            Check(FileSystem.TryRename(directory, name, top, PathZ.From([.. _prefix, .. Encoding.ASCII.GetBytes(hash.ToString("x32", CultureInfo.InvariantCulture))])), "rename", name);
        }
        else
        {
            using (var child = FileSystem.OpenDirectory(directory, name))
            {
                Empty(top, child, hash, depth + 1);
            }

            RemoveEmpty(directory, name, hash);
        }

        return true;
    }

    private UInt128? HashMovedFrom(ReadOnlySpan<byte> name) =>
        name.StartsWith(_prefix) && UInt128.TryParse(name[_prefix.Length..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash) ? hash : null;

    private void Unlink(Fd parent, PathZ name, FileStatus status, UInt128 hash)
    {
        Check(FileSystem.TryUnlink(parent, name), "unlink", name);
        tree.Entries--;
        tree.Bytes -= tree.RemoveName(status.Inode) && status.Kind == FileKind.Regular ? status.Size : 0;
        tree.Owners.Remove(hash);
        if (status.Kind == FileKind.SymbolicLink)
        {
            tree.Invalidate();
        }
    }

    private void RemoveEmpty(Fd parent, PathZ name, UInt128 hash)
    {
        Check(FileSystem.TryUnlink(parent, name, directory: true), "rmdir", name);
        tree.Entries--;
        tree.Pending.Forget(hash);
        tree.Owners.Remove(hash);
        tree.Owners.RemoveDevicesIn(hash);
    }

    private static void Check(Errno error, string call, PathZ name)
    {
        if (error != Errno.None)
        {
            throw new LinuxException(call, name.ToString(), error);
        }
    }
}
