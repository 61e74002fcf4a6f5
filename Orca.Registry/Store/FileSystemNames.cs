using System.Globalization;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>What the file systems that a store may lie on are called, by statfs(2) f_type (linux/magic.h).</summary>
internal static class FileSystemNames
{
    internal const long Nfs = 0x6969;
    internal const long Overlay = 0x794C7630;
    internal const long Tmpfs = 0x01021994;

    /// <summary>True for those of a network or of another process, which overlay takes as a lower layer only.</summary>
    internal static bool IsRemote(long type) => Of(type) is "NFS" or "SMB" or "9p" or "Ceph" or "Lustre" or "GPFS" or "BeeGFS" or "AFS" or "FUSE";

    private const long Fuse = 0x65735546;

    /// <summary>Whether the times of symbolic links can be set on the file system of a directory.</summary>
    /// <remarks>sshfs has the server set those of the file that the link leads to: SFTP's SETSTAT follows links. Nothing tells it from other programs behind FUSE.</remarks>
    internal static bool KeepsLinkTimes(Fd directory) => (FileSystem.StateOf(directory).Type & 0xFFFFFFFF) != Fuse;

    /// <summary>The usual name, or the number in hexadecimal.</summary>
    internal static string Of(long type) => (type & 0xFFFFFFFF) switch
    {
        0xEF53 => "ext4",
        0x58465342 => "xfs",
        0x9123683E => "btrfs",
        0x2FC12FC1 => "zfs",
        0xF2F52010 => "f2fs",
        0xCA451A4E => "bcachefs",
        Tmpfs => "tmpfs",
        0x858458F6 => "ramfs",
        Overlay => "overlay",
        Fuse => "FUSE",
        Nfs => "NFS",
        0xFF534D42 or 0xFE534D42 or 0x517B => "SMB",
        0x01021997 => "9p",
        0x00C36400 => "Ceph",
        0x0BD00BD0 => "Lustre",
        0x47504653 => "GPFS",
        0x19830326 => "BeeGFS",
        0x5346414F => "AFS",
        0xF15F => "eCryptfs",
        0x4D44 => "FAT",
        0x2011BAB0 => "exFAT",
        0x5346544E or 0x7366746E => "NTFS",
        0x73717368 => "squashfs",
        0xE0F5E1E2 => "erofs",
        var other => string.Create(CultureInfo.InvariantCulture, $"file system 0x{other:x}"),
    };
}
