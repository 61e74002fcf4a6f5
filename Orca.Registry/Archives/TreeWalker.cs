using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>Goes through a tree, or through an overlay's two trees as the overlay would show them: directories before what is in them, names by their bytes.</summary>
/// <remarks>
/// By descriptor, following nothing, entering no mount, at any depth. The same tree gives the same items in the same order. It may change
/// meanwhile, as a running container's does: what is gone is left out.
/// </remarks>
internal sealed class TreeWalker : IDisposable
{
    private readonly TreeLevels _levels;
    private readonly TreeOwners _owners;
    private readonly Dictionary<(ulong Device, ulong Inode), byte[]> _linked = [];
    private readonly bool _isOurs;
    private bool _isStarted;
    private bool _isAtEnd;

    /// <param name="lower">The tree, or an overlay's lower one. The descriptors are the walker's now.</param>
    /// <param name="upper">The overlay's upper tree; null when there is none.</param>
    /// <param name="owners">Who owns what.</param>
    /// <param name="isOurs">True for trees of the store: what a container made unreadable is made readable for a moment.</param>
    internal TreeWalker(Fd lower, Fd? upper, TreeOwners owners, bool isOurs)
    {
        _levels = new TreeLevels(new TreeLevel([], [], upper, lower), isOurs);
        (_owners, _isOurs) = (owners, isOurs);
    }

    /// <summary>Sockets that were left out: an archive cannot hold them.</summary>
    internal long SkippedSockets { get; private set; }

    /// <summary>Goes to the next thing in the tree; false at its end.</summary>
    internal bool Next(TreeItem item)
    {
        item.Content?.Dispose();
        item.Content = null;
        item.Xattrs.Clear();
        item.Target = [];
        item.Device = default;
        item.Size = 0;
        item.Sparse = null;
        if (!_isStarted)
        {
            _isStarted = true;
            FillDirectory(item);
            return true;
        }

        while (!_isAtEnd)
        {
            if (!_levels.Top.TryTakeName(_owners, out var name))
            {
                _isAtEnd = !_levels.Pop();
            }
            else if (TryFill(item, _levels.Top, name))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _levels.Dispose();

    private bool TryFill(TreeItem item, TreeLevel level, byte[] name)
    {
        item.Path = level.Path.Length == 0 ? name : [.. level.Path, (byte)'/', .. name];
        var (upper, lower) = (StatusIn(level.Upper, name), StatusIn(level.Lower, name));
        if (MergedTree.IsWhiteout(upper))
        {
            return false;
        }

        if ((upper ?? lower) is not { } status)
        {
            return TryFillDevice(item);
        }

        if (status.IsDirectory)
        {
            return TryEnter(item, name, upper is not null, lower is { IsDirectory: true }, status);
        }

        if (status.Kind == FileKind.Socket)
        {
            SkippedSockets++;
            return false;
        }

        return TryFillLeaf(item, (upper is null ? level.Lower : level.Upper)!, PathZ.From(name), status, isChange: upper is not null);
    }

    private bool TryEnter(TreeItem item, byte[] name, bool inUpper, bool inLower, FileStatus status)
    {
        if (!_levels.TryPush(name, item.Path, inUpper, inLower))
        {
            return false;
        }

        FillDirectory(item);
        if (status.IsMountRoot)
        {
            _levels.Top.Skip(); // what is mounted there is not of this tree
        }

        return true;
    }

    private void FillDirectory(TreeItem item)
    {
        var level = _levels.Top;
        var own = level.Upper ?? level.Lower!;
        item.Path = level.Path;
        Fill(item, EntryKind.Directory, FileSystem.Status(own), level.InUpper);
        TreeXattrs.Read(own, item.Xattrs);
    }

    private bool TryFillLeaf(TreeItem item, Fd directory, PathZ name, FileStatus status, bool isChange)
    {
        if (status.Links > 1 && _linked.TryGetValue((status.Device, status.Inode), out var first))
        {
            Fill(item, EntryKind.HardLink, status, isChange);
            item.Target = first;
            return true;
        }

        if (status.Kind == FileKind.Regular)
        {
            if (!TryFillFile(item, directory, name, isChange))
            {
                return false;
            }
        }
        else
        {
            Fill(item, KindOf(status.Kind), status, isChange);
            item.Target = status.Kind == FileKind.SymbolicLink ? FileSystem.ReadLink(name, directory) : [];
            item.Device = status.DeviceNumber;
        }

        if (status.Links > 1)
        {
            _linked[(status.Device, status.Inode)] = item.Path;
        }

        return true;
    }

    private bool TryFillFile(TreeItem item, Fd directory, PathZ name, bool isChange)
    {
        item.Content = TreeLevels.OpenReadable(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, _isOurs, item.Path);
        if (item.Content is null)
        {
            return false;
        }

        var status = FileSystem.Status(item.Content);
        if (status.Kind != FileKind.Regular)
        {
            throw new StoreException($"cannot read '{Quoted.Name(item.Path)}': it changes while it is read");
        }

        Fill(item, EntryKind.File, status, isChange);
        item.Size = status.Size;
        TreeXattrs.Read(item.Content, item.Xattrs, isChange ? default : _owners.CapabilitiesOf(item.Path));
        return true;
    }

    private bool TryFillDevice(TreeItem item)
    {
        if (_owners.DeviceAt(item.Path) is not { } record)
        {
            return false; // gone since the directory was listed
        }

        (item.Kind, item.Mode, item.Uid, item.Gid) = (KindOf((FileKind)(record.Mode & 0xF000)), record.Mode & 0b111_111_111_111, record.Uid, record.Gid);
        (item.Device, item.Modified) = ((record.Major, record.Minor), default);
        return true;
    }

    private void Fill(TreeItem item, EntryKind kind, FileStatus status, bool isChange)
    {
        (item.Kind, item.Modified) = (kind, status.Modified);
        (item.Mode, item.Uid, item.Gid) = _owners.Of(item.Path, status, isChange);
    }

    private static EntryKind KindOf(FileKind kind) => kind switch
    {
        FileKind.CharDevice => EntryKind.CharDevice,
        FileKind.BlockDevice => EntryKind.BlockDevice,
        FileKind.SymbolicLink => EntryKind.SymbolicLink,
        _ => EntryKind.Fifo,
    };

    private static FileStatus? StatusIn(Fd? tree, byte[] name) =>
        tree is not null && FileSystem.TryStatus(tree, PathZ.From(name), out var status) == Errno.None ? status : null;
}
