using System.Runtime.InteropServices;

namespace Orca.Core.Linux;

/// <summary>What kind of thing a path names (the S_IFMT bits of a mode, inode(7)).</summary>
public enum FileKind
{
#pragma warning disable CS1591
    Fifo = 0x1000, CharDevice = 0x2000, Directory = 0x4000, BlockDevice = 0x6000, Regular = 0x8000, SymbolicLink = 0xA000, Socket = 0xC000,
#pragma warning restore CS1591
}

/// <summary>The status of one inode, as statx(2) gives it.</summary>
public readonly record struct FileStatus
{
    /// <summary>Kind and permission bits together, as in <c>st_mode</c>.</summary>
    public required uint Mode { get; init; }

    /// <summary>Owner.</summary>
    public required uint Uid { get; init; }

    /// <summary>Group.</summary>
    public required uint Gid { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes allocated on disk.</summary>
    public required long Allocated { get; init; }

    /// <summary>Number of names.</summary>
    public required uint Links { get; init; }

    /// <summary>Inode number; unique together with <see cref="Device"/>.</summary>
    public required ulong Inode { get; init; }

    /// <summary>Number of the file system the inode lies on.</summary>
    public required ulong Device { get; init; }

    /// <summary>Major and minor number when the inode is a device.</summary>
    public required (uint Major, uint Minor) DeviceNumber { get; init; }

    /// <summary>Modification time: seconds since 1970 and nanoseconds.</summary>
    public required (long Seconds, uint Nanoseconds) Modified { get; init; }

    /// <summary>When the inode was made, in nanoseconds since 1970; 0 where the file system does not tell.</summary>
    public ulong Born { get; init; }

    /// <summary>True where a file system, or a part of one, is mounted on the inode; false on kernels before 5.8, which do not tell.</summary>
    public bool IsMountRoot { get; init; }

    /// <summary>The kind alone.</summary>
    public FileKind Kind => (FileKind)(Mode & 0xF000);

    /// <summary>The permission bits alone, with set-id and sticky: 0-07777.</summary>
    public uint Permissions => Mode & 0xFFF;

    /// <summary>True for a directory.</summary>
    public bool IsDirectory => Kind == FileKind.Directory;
}

/// <summary>struct statx of linux/stat.h: 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct StatxBuffer
{
    public uint Mask;
    public uint BlockSize;
    public ulong Attributes;
    public uint Links;
    public uint Uid;
    public uint Gid;
    public ushort Mode;
    public ushort Spare;
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong AttributesMask;
    public StatxTime Accessed;
    public StatxTime Born;
    public StatxTime Changed;
    public StatxTime Modified;
    public uint RdevMajor;
    public uint RdevMinor;
    public uint DevMajor;
    public uint DevMinor;
}

/// <summary>struct statx_timestamp of linux/stat.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatxTime
{
    public long Seconds;
    public uint Nanoseconds;
    public int Spare;
}

/// <summary>struct pollfd of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollFd
{
    /// <summary>The descriptor; negative entries are ignored.</summary>
    public int Fd;

    /// <summary>What to wait for: POLLIN 1, POLLOUT 4.</summary>
    public short Events;

    /// <summary>What happened.</summary>
    public short Returned;
}
