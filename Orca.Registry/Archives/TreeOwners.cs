using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Who owns what in a tree that becomes an archive, and with which mode: the disk knows only a part of it.</summary>
internal sealed class TreeOwners
{
    private readonly OwnerLookup _table;
    private readonly bool _isForeign;
    private readonly bool _hasManyIds;

    private TreeOwners(OwnerLookup table, bool isForeign, bool hasManyIds = false) => (_table, _isForeign, _hasManyIds) = (table, isForeign, hasManyIds);

    /// <summary>A directory of the host: what is the caller's becomes root's, all else keeps its number.</summary>
    internal static TreeOwners OfHost { get; } = new(OwnerLookup.Empty, isForeign: true);

    /// <summary>A tree of the store, with the side table of its image.</summary>
    internal static TreeOwners OfStore(OwnerLookup table) => new(table, isForeign: false);

    /// <summary>A container's tree in which files have owners of their own, as this process sees them; with the side table of its image.</summary>
    internal static TreeOwners OfManyIds(OwnerLookup table) => new(table, isForeign: false, hasManyIds: true);

    /// <summary>True where files have owners of their own on the disk.</summary>
    internal bool AreOnDisk => _isForeign || _hasManyIds;

    /// <summary>Whether the image says something about a path that is of this kind.</summary>
    internal bool Knows(ReadOnlySpan<byte> path, FileKind kind) => _table.Find(path) is { } record && (FileKind)(record.Mode & 0xF000) == kind;

    /// <summary>Mode and owners of one thing.</summary>
    /// <remarks>
    /// The table counts where the disk still shows what the table made of it: a container that changed a mode changed it. Owners are those
    /// of the path, for a file that was replaced is its old owner's in nearly all cases (a package that is upgraded). Where a container has many
    /// ids, what it has made or changed is whose the disk says, and so is what it gave away in a copy of the image.
    /// </remarks>
    /// <param name="path">Relative to the root.</param>
    /// <param name="status">What the disk says.</param>
    /// <param name="isChange">True: it is the container's, not the image's.</param>
    internal (uint Mode, uint Uid, uint Gid) Of(ReadOnlySpan<byte> path, FileStatus status, bool isChange)
    {
        var known = OfTable(path, status);
        return _hasManyIds && (isChange || (status.Uid, status.Gid) != (0, 0)) ? (known.Mode, status.Uid, status.Gid) : known;
    }

    private (uint Mode, uint Uid, uint Gid) OfTable(ReadOnlySpan<byte> path, FileStatus status)
    {
        if (_isForeign)
        {
            return (status.Permissions, status.Uid == CurrentUser.EffectiveUid ? 0 : status.Uid, status.Gid == CurrentUser.Gid ? 0 : status.Gid);
        }

        if (_table.Find(path) is not { } record || (FileKind)(record.Mode & 0xF000) != status.Kind)
        {
            return (status.Permissions, 0, 0);
        }

        var mode = record.Mode & 0b111_111_111_111;
        var onDisk = mode | (status.Kind == FileKind.Directory ? OwnerMode.Directory : status.Kind == FileKind.Regular ? OwnerMode.File : 0);
        return (status.Permissions == onDisk || status.Kind == FileKind.SymbolicLink ? mode : status.Permissions, record.Uid, record.Gid);
    }

    /// <summary>The file capabilities that the image gave a file, which the disk has not where a user wrote it.</summary>
    internal ReadOnlyMemory<byte> CapabilitiesOf(ReadOnlySpan<byte> path) =>
        _table.Find(path) is { } record && (FileKind)(record.Mode & 0xF000) == FileKind.Regular ? record.Capabilities : default;

    /// <summary>The names of devices in a directory, which the disk does not have.</summary>
    internal List<byte[]> DevicesIn(ReadOnlySpan<byte> directory) => _table.DevicesIn(directory);

    /// <summary>The device of a path; null when it is none.</summary>
    internal OwnerRecord? DeviceAt(ReadOnlySpan<byte> path) => _table.Find(path) is { IsDevice: true } record ? record : null;
}
