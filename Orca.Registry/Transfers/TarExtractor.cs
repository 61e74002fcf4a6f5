using System.Text;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Transfers;

/// <summary>Unpacks a tar archive into a directory that has something in it already.</summary>
/// <remarks>
/// Directories that are there stay as they are, and take what is new. All else is made aside and takes its place by a rename, so that no file that is there is ever opened. On the
/// host no link is followed, as a container could have sent it in an earlier copy; in a container links lead where they lead inside.
/// </remarks>
internal sealed class TarExtractor : IDisposable
{
    private const uint OwnerAll = 0b111_000_000;    // u+rwx, until a directory's content is there
    private const uint AnyMode = 0b111_111_111;     // 0777
    private static readonly LayerLimits s_limits = new() { MaxBytes = long.MaxValue, MaxEntries = long.MaxValue };

    private readonly TarReader _tar;
    private readonly TargetDirectories _directories;
    private readonly TransferPlace _place;
    private readonly byte[]? _name;
    private readonly LayerPath _path = new();
    private readonly LayerPath _linked = new();
    private readonly List<(byte[] Path, uint Mode, (long, uint) Modified)> _made = [];
    private readonly byte[] _aside = Encoding.ASCII.GetBytes($".orca-cp.{Guid.NewGuid():N}"[..25]);
    private long _devices;

    /// <param name="archive">The archive.</param>
    /// <param name="target">Where it is unpacked.</param>
    /// <param name="inRoot">The path of the target in the container's root.</param>
    /// <param name="place">The place that the user has named.</param>
    /// <param name="name">The first name of each path becomes this one; null for the archive's own.</param>
    internal TarExtractor(Stream archive, Fd target, byte[] inRoot, TransferPlace place, byte[]? name)
    {
        _tar = new TarReader(archive, new LayerBudget(s_limits), layer: 0);
        (_directories, _place, _name) = (new TargetDirectories(target, inRoot, place.Root), place, name);
    }

    /// <summary>Unpacks all. Returns what was left out, one line for each kind.</summary>
    internal IReadOnlyList<string> Run(CancellationToken cancellationToken)
    {
        while (_tar.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            SetPath(_path, _tar.Entry.Name);
            try
            {
                if (!_path.IsRoot)
                {
                    Make(_tar.Entry, _directories.OpenParent(_path), PathZ.OfTerminated(_path.NameZ), cancellationToken);
                }
            }
            catch (LinuxException e)
            {
                throw Failure(_path.Bytes, e);
            }
        }

        _tar.Drain(); // whoever sends it may have more behind the end
        FinishDirectories();
        return _devices == 0 ? [] : [$"left out {_devices} devices: only root can make them"];
    }

    public void Dispose()
    {
        _tar.Dispose();
        _directories.Dispose();
    }

    private void SetPath(LayerPath path, ReadOnlySpan<byte> name)
    {
        path.Set(name);
        if (_name is not null && !path.IsRoot)
        {
            var slash = path.Bytes.IndexOf((byte)'/');
            path.Set([.. _name, .. slash < 0 ? default : path.Bytes[slash..]]);
        }
    }

    private void Make(LayerEntry entry, Fd parent, PathZ name, CancellationToken cancellationToken)
    {
        switch (entry.Kind)
        {
            case EntryKind.Directory:
                MakeDirectory(entry, parent, name);
                break;
            case EntryKind.CharDevice or EntryKind.BlockDevice:
                _devices++;
                break;
            default:
                var aside = PathZ.From(_aside);
                try
                {
                    MakeAside(entry, parent, aside, cancellationToken);
                    Replace(entry, parent, aside, name);
                }
                catch
                {
                    FileSystem.TryUnlink(parent, aside);
                    throw;
                }

                break;
        }
    }

    private void MakeDirectory(LayerEntry entry, Fd parent, PathZ name)
    {
        var error = FileSystem.TryMakeDirectory(parent, name, OwnerAll);
        if (error == Errno.None)
        {
            _made.Add((_path.Bytes.ToArray(), ModeOf(entry), entry.Modified));
            return;
        }

        using var there = error == Errno.EEXIST ? _directories.TryOpen(_path.Bytes, out error) : null;
        Check(error, "mkdir", name);
    }

    private void MakeAside(LayerEntry entry, Fd parent, PathZ aside, CancellationToken cancellationToken)
    {
        switch (entry.Kind)
        {
            case EntryKind.SymbolicLink:
                Check(FileSystem.TrySymbolicLink(PathZ.From(entry.Target), parent, aside), "symlink", aside);
                _ = FileSystem.TrySetTime(parent, aside, entry.Modified);
                break;
            case EntryKind.HardLink:
                SetPath(_linked, entry.Target);
                using (var from = _directories.Open(_linked.Parent))
                {
                    Check(FileSystem.TryHardLink(from, PathZ.OfTerminated(_linked.NameZ), parent, aside), "link", aside);
                }

                break;
            case EntryKind.Fifo:
                Check(FileSystem.TryMakeFifo(parent, aside, ModeOf(entry)), "mkfifo", aside);
                break;
            default:
                using (var file = FileSystem.Open(parent, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, OwnerAll))
                {
                    Fill(entry, file, cancellationToken);
                }

                break;
        }
    }

    private void Fill(LayerEntry entry, Fd file, CancellationToken cancellationToken)
    {
        var holes = new HoleWriter(file);
        if (entry.IsSparse)
        {
            foreach (var region in entry.Regions)
            {
                holes.Skip(region.Offset - holes.Length);
                Fill(ref holes, region.Length, cancellationToken);
            }

            holes.Skip(entry.Size - holes.Length);
        }
        else
        {
            Fill(ref holes, entry.Size, cancellationToken);
        }

        holes.Finish();
        for (var i = 0; i < entry.Xattrs.Count; i++)
        {
            if (entry.Xattrs.NameZ(i).StartsWith("user."u8) && !entry.Xattrs.NameZ(i).StartsWith("user.overlay."u8))
            {
                _ = FileSystem.TrySetXattr(file, PathZ.OfTerminated(entry.Xattrs.NameZ(i)), entry.Xattrs.Value(i)); // not every file system has them
            }
        }

        FileSystem.SetMode(file, ModeOf(entry));
        _ = FileSystem.TrySetTime(file, entry.Modified);
    }

    private void Fill(ref HoleWriter holes, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var data = _tar.ReadData(length);
            holes.Write(data);
            length -= data.Length;
        }
    }

    /// <summary>Gives what was made its name. A file that something is mounted on, such as a container's /etc/hosts, can only be written as it is.</summary>
    private static void Replace(LayerEntry entry, Fd parent, PathZ aside, PathZ name)
    {
        var error = FileSystem.TryRename(parent, aside, parent, name);
        if (error == Errno.EBUSY && entry.Kind == EntryKind.File)
        {
            using var made = FileSystem.Open(parent, aside, O_RDONLY | O_NOFOLLOW);
            using var mounted = FileSystem.Open(parent, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
            if (FileSystem.Status(mounted).Kind == FileKind.Regular)
            {
                FileSystem.SetLength(mounted, 0);
                FileCopy.Fill(made, mounted);
                error = FileSystem.TryUnlink(parent, aside);
            }
        }

        Check(error, "rename", name);
        FileSystem.TryUnlink(parent, aside); // rename(2) leaves two names of one file both
    }

    /// <summary>Set-id bits that a container chose would be the caller's own on the host.</summary>
    private uint ModeOf(LayerEntry entry) => _place.Root is null ? entry.Mode & AnyMode : entry.Mode;

    private void FinishDirectories()
    {
        for (var i = _made.Count - 1; i >= 0; i--)
        {
            var (path, mode, modified) = _made[i];
            using var directory = _directories.TryOpen(path, out _);
            if (directory is not null)
            {
                FileSystem.SetMode(directory, mode);
                _ = FileSystem.TrySetTime(directory, modified);
            }
        }
    }

    private static void Check(Errno error, string call, PathZ name)
    {
        if (error != Errno.None)
        {
            throw new LinuxException(call, name.ToString(), error);
        }
    }

    private StoreException Failure(ReadOnlySpan<byte> path, LinuxException e)
    {
        var (cause, hint) = e.Errno switch
        {
            Errno.EISDIR or Errno.ENOTEMPTY or Errno.EEXIST => ("there is a directory of that name", "remove it first, or copy to another place"),
            Errno.ENOTDIR or Errno.ELOOP => ("there is a file or a link where a directory must be", "remove it first, or copy to another place"),
            Errno.EROFS => (e.Errno.Describe(), null),
            _ => (e.Errno.Describe(), e.Hint),
        };
        return new StoreException($"cannot copy to '{Quoted.Text(_place.Shown)}': write '{Quoted.Name(path)}': {cause}", hint, e);
    }
}
