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
    private static readonly byte[] s_opaqueName = ".wh..wh..opq"u8.ToArray();

    private readonly TreeLevels _levels;
    private readonly TreeOwners _owners;
    private readonly RememberedOwners? _remembered;
    private readonly Dictionary<(ulong Device, ulong Inode), (byte[] Path, uint Uid, uint Gid)> _linked = [];
    private readonly bool _isOurs;
    private bool _entersMounts;
    private readonly bool _onlyChanges;
    private byte[]? _opaque;
    private bool _isStarted;
    private bool _isAtEnd;

    /// <param name="lower">The tree, or an overlay's lower one. The descriptors are the walker's now.</param>
    /// <param name="upper">The overlay's upper tree; null when there is none.</param>
    /// <param name="owners">Who owns what.</param>
    /// <param name="isOurs">True for trees of the store: what a container made unreadable is made readable while it is read.</param>
    /// <param name="remembered">What a container was told it had set; null where nothing was remembered.</param>
    /// <param name="isCopy">True: the upper tree is no overlay's but a whole copy of the lower one, with the container's changes.</param>
    /// <param name="onlyChanges">True: what the lower tree has is left out, and what the upper tree hides of it is written as whiteouts, as in a layer. A whole copy is written whole.</param>
    internal TreeWalker(Fd lower, Fd? upper, TreeOwners owners, bool isOurs, RememberedOwners? remembered = null, bool isCopy = false, bool onlyChanges = false)
    {
        _levels = new TreeLevels(new TreeLevel([], [], upper, lower, isCopy, onlyChanges), isOurs);
        (_owners, _isOurs, _remembered, _onlyChanges) = (owners, isOurs, remembered, onlyChanges);
    }

    /// <summary>Goes through one thing of a directory of a live tree, as a process sees it, with all that is mounted below but the kernel's own file systems.</summary>
    /// <param name="directory">Where it lies. The descriptor is the walker's now.</param>
    /// <param name="name">What it is called there; null for the directory itself, which then has an empty path.</param>
    /// <param name="isOurs">True: what is this user's and closed to it is made readable while it is read.</param>
    internal static TreeWalker OfLive(Fd directory, byte[]? name, bool isOurs)
    {
        var walker = new TreeWalker(directory, upper: null, TreeOwners.OfHost, isOurs) { _entersMounts = true, _isStarted = name is not null };
        if (name is not null)
        {
            walker._levels.Top.TakeOnly(name);
        }

        return walker;
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
        item.IsWhiteout = false;
        if (_opaque is { } directory)
        {
            _opaque = null;
            return FillWhiteout(item, MergedTree.Below(directory, s_opaqueName));
        }

        if (!_isStarted)
        {
            _isStarted = true;
            FillDirectory(item, _levels.Top.Lower is { } lower ? TreeLevels.StatusOf(lower) : null);
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
            return TryFillWhiteout(item, level, name, lower);
        }

        if ((upper ?? (level.IsCopy ? null : lower)) is not { } status)
        {
            return _onlyChanges ? TryFillWhiteout(item, level, name, lower) : TryFillDevice(item);
        }

        if (status.IsDirectory)
        {
            return TryEnter(item, name, upper is not null, lower, status);
        }

        if (status.Kind == FileKind.Socket)
        {
            SkippedSockets++;
            return TryFillWhiteout(item, level, name, lower);
        }

        return TryFillLeaf(item, (upper is null ? level.Lower : level.Upper)!, PathZ.From(name), status, new Origin(upper is not null, lower));
    }

    private bool TryEnter(TreeItem item, byte[] name, bool inUpper, FileStatus? lower, FileStatus status)
    {
        if (!_levels.TryPush(name, item.Path, inUpper, lower is { IsDirectory: true }))
        {
            return false;
        }

        FillDirectory(item, lower);
        _opaque = _onlyChanges && lower is { IsDirectory: true } && !_levels.Top.InLower ? item.Path : null;
        if (status.IsMountRoot && !(_entersMounts && !IsKernels(_levels.Top.Lower!)))
        {
            _levels.Top.Skip(); // what is mounted there is not of this tree
        }

        return true;
    }

    private void FillDirectory(TreeItem item, FileStatus? lower)
    {
        var level = _levels.Top;
        var own = level.Upper ?? level.Lower!;
        item.Path = level.Path;
        var (owner, _) = Fill(item, EntryKind.Directory, TreeLevels.StatusOf(own), new Origin(level.InUpper, lower), own, _levels.OwnerAbove);
        level.Owner = owner;
        TreeXattrs.Read(own, item.Xattrs);
    }

    private bool TryFillLeaf(TreeItem item, Fd directory, PathZ name, FileStatus status, Origin origin)
    {
        if (status.Links > 1 && _linked.TryGetValue((status.Device, status.Inode), out var first))
        {
            Fill(item, EntryKind.HardLink, status, origin, null, _levels.Top.Owner);
            (item.Target, item.Uid, item.Gid) = first;
            return true;
        }

        if (status.Kind == FileKind.Regular)
        {
            if (!TryFillFile(item, directory, name, origin))
            {
                return false;
            }
        }
        else
        {
            Fill(item, KindOf(status.Kind), status, origin, null, _levels.Top.Owner);
            item.Target = status.Kind == FileKind.SymbolicLink ? FileSystem.ReadLink(name, directory) : [];
            item.Device = status.DeviceNumber;
        }

        if (status.Links > 1)
        {
            _linked[(status.Device, status.Inode)] = (item.Path, item.Uid, item.Gid);
        }

        return true;
    }

    private bool TryFillFile(TreeItem item, Fd directory, PathZ name, Origin origin)
    {
        item.Content = TreeLevels.OpenReadable(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, _isOurs, item.Path);
        if (item.Content is null)
        {
            return false;
        }

        var status = TreeLevels.StatusOf(item.Content);
        if (status.Kind != FileKind.Regular)
        {
            throw new StoreException($"cannot read '{Quoted.Name(item.Path)}': it changes while it is read");
        }

        var (_, note) = Fill(item, EntryKind.File, status, origin, item.Content, _levels.Top.Owner);
        if (note?.Device is { } device && status.Size == 0)
        {
            (item.Kind, item.Device) = (KindOf(device.Kind), (device.Major, device.Minor));
            item.Content.Dispose();
            item.Content = null;
            return true;
        }

        item.Size = status.Size;
        TreeXattrs.Read(item.Content, item.Xattrs, IsImages(status, origin, note) ? _owners.CapabilitiesOf(item.Path) : default);
        return true;
    }

    /// <summary>Fills in that a name of the lower tree is gone; false where there was none, or the archive is no layer.</summary>
    private bool TryFillWhiteout(TreeItem item, TreeLevel level, byte[] name, FileStatus? lower) =>
        _onlyChanges && lower is not null && FillWhiteout(item, MergedTree.Below(level.Path, [.. ".wh."u8, .. name]));

    private static bool FillWhiteout(TreeItem item, byte[] path)
    {
        (item.Path, item.Kind, item.IsWhiteout) = (path, EntryKind.File, true);
        (item.Mode, item.Uid, item.Gid, item.Modified) = (0, 0, 0, default);
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

    /// <summary>Whether a file has what the image gave it: capabilities go with the content and the owner, not with mode and attributes, for which an overlay copies it, too.</summary>
    private static bool IsImages(FileStatus status, Origin origin, OwnerNote? note) =>
        !origin.InUpper || (note is null && origin.Lower is { } lower && lower.Modified == status.Modified && lower.Size == status.Size);

    private (FileOwner Owner, OwnerNote? Note) Fill(TreeItem item, EntryKind kind, FileStatus status, Origin origin, Fd? file, FileOwner above)
    {
        (item.Kind, item.Modified) = (kind, status.Modified);
        (item.Mode, item.Uid, item.Gid) = _owners.Of(item.Path, status, origin.InUpper && !_levels.Top.IsCopy);
        if (_remembered is null)
        {
            return default;
        }

        var note = _remembered.Find(file, status, origin.Lower);
        if (_owners.AreOnDisk)
        {
            return (default, note);
        }

        var isNew = origin.InUpper && origin.Lower is null && !_owners.Knows(item.Path, status.Kind);
        var isOfImage = note is { IsPresumed: true } && file is not null && FileSystem.GetXattr(file, PathZ.OfTerminated("user.overlay.origin\0"u8)) is not null; // the overlay has copied it up
        var owner = RememberedOwners.Resolve(note, isNew ? above : new FileOwner(item.Uid, item.Gid, 0), isOfImage);
        (item.Uid, item.Gid) = (owner.Uid, owner.Gid);
        return (owner, note);
    }

    private static EntryKind KindOf(FileKind kind) => kind switch
    {
        FileKind.CharDevice => EntryKind.CharDevice,
        FileKind.BlockDevice => EntryKind.BlockDevice,
        FileKind.SymbolicLink => EntryKind.SymbolicLink,
        _ => EntryKind.Fifo,
    };

    /// <summary>Where a thing comes from.</summary>
    /// <param name="InUpper">True: it is in the container's tree.</param>
    /// <param name="Lower">What the image has at this path.</param>
    private readonly record struct Origin(bool InUpper, FileStatus? Lower);

    /// <summary>Whether a directory shows the kernel and not files: /proc, /sys, control groups, terminals.</summary>
    internal static bool IsKernels(Fd directory) =>
        FileSystem.StateOf(directory).Type is 0x9fa0 or 0x62656572 or 0x27e0eb or 0x63677270 or 0x1cd1 or 0x64626720 or 0x74726163 or 0x19800202; // magic.h: PROC, SYSFS, CGROUP, CGROUP2, DEVPTS, DEBUGFS, TRACEFS, mqueue

    private static FileStatus? StatusIn(Fd? tree, byte[] name) =>
        tree is not null && FileSystem.TryStatus(tree, PathZ.From(name), out var status) == Errno.None ? status : null;
}
