using System.Buffers.Binary;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;
using static Tmds.Linux.LibC;

namespace Orca.Sandbox.Launch;

/// <content>The steps that only options ask for.</content>
internal sealed partial class PlanEncoder
{
    private void StartLoopback()
    {
        const int setFlags = 0x8914, up = 0x1; // SIOCSIFFLAGS, IFF_UP
        Span<byte> request = stackalloc byte[40]; // struct ifreq: a name of 16 bytes, the flags
        request.Clear();
        "lo"u8.CopyTo(request);
        BinaryPrimitives.WriteInt16LittleEndian(request[16..], up);
        _program.CallInto(_scratch, SystemCall.Socket, (int)AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        _program.Call(SystemCall.Ioctl, _scratch, setFlags, _program.Bytes(request));
        _program.Call(SystemCall.Close, _scratch);
    }

    private void MountSys(MountSys step)
    {
        // Once the new sysfs is there the host's tree is let go, and with no tree there is nothing to attach (EBADF).
        var tree = _program.SlotOf(step.Key);
        _program.CallTolerating(
            [Errno.EPERM], 1, SystemCall.Mount, _program.Text("sysfs"), _dot, _program.Text("sysfs"), (ulong)DefaultSandbox.SysFlags, 0);
        _program.CallTolerating([Errno.EBADF], 0, SystemCall.Close, tree);
        _program.CallTolerating([Errno.EBADF], 0, SystemCall.MoveMount, tree, _empty, Here, _dot, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
    }

    /// <summary>The host's tree has them already (EBUSY, ENOENT); without a hierarchy of version 2 there is nothing to show.</summary>
    private void AddCgroups() => _program.CallTolerating(
        [Errno.ENOENT, Errno.EPERM, Errno.ENODEV, Errno.EBUSY, Errno.EINVAL], 0, SystemCall.Mount, _program.Text("cgroup2"), _program.Text("fs/cgroup"), _program.Text("cgroup2"),
        (ulong)DefaultSandbox.SysFlags, 0);

    /// <summary>The file is made beside its place and renamed: where there is no room for it, what was there stays.</summary>
    private void ReplaceFile(ReplaceFile step)
    {
        ReadOnlySpan<Errno> left = step.File.MayLack ? s_noRoom : [];
        var made = _program.Text(".orca-new");
        var name = HoldDirectory(step.File.Path, skip: step.File.Target is null ? 8 : 6, left);
        _program.CallTolerating(s_noRoom, 0, SystemCall.UnlinkAt, _directory, made, 0);
        _program.CallTolerating(s_noRoom, 0, SystemCall.UnlinkAt, _directory, name, RemoveDirectory); // of a mount that is gone
        if (step.File.Target is { } target)
        {
            _program.CallTolerating(left, 1, SystemCall.SymlinkAt, _program.Text(target), _directory, made);
            _program.CallTolerating(left, 0, SystemCall.RenameAt2, _directory, made, _directory, name, 0);
        }
        else
        {
            var content = step.File.Content.Span;
            _program.Add(
                OperationKind.Call, SystemCall.OpenAt.Number(), _scratch, 3, left,
                [_directory, made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0x1A4 /* 0644 */]);
            _program.CallTolerating(left, 1, SystemCall.Write, _scratch, _program.Bytes(content), content.Length);
            _program.CallTolerating(left, 0, SystemCall.RenameAt2, _directory, made, _directory, name, 0);
            _program.Call(SystemCall.Close, _scratch);
        }

        _program.CallTolerating(s_noRoom, 0, SystemCall.UnlinkAt, _directory, made, 0); // what could not be written or renamed
        _program.Call(SystemCall.Close, _directory);
    }

    private void MountTemporary(MountTemporary step)
    {
        var path = _program.Text(step.Path);
        MakePlace(path, PlaceKind.Directory);
        Mount("tmpfs", step.Path, "tmpfs", step.Flags, step.Options);
        if (step.Held is { } key)
        {
            _program.CallInto(_program.SlotOf(key), SystemCall.OpenAt, Here, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        }
    }

    private void SealMount(string path)
    {
        const int noFollow = 0x100; // AT_SYMLINK_NOFOLLOW: a file may be mounted over a link
        Seal(Here, _program.Text(path), noFollow);
    }

    private void SealHeld(string key)
    {
        const int emptyPath = 0x1000; // AT_EMPTY_PATH
        Seal(_program.SlotOf(key), _empty, emptyPath);
    }

    private void Seal(Argument directory, DataReference path, int flags)
    {
        Span<byte> attributes = stackalloc byte[32]; // struct mount_attr
        attributes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(attributes, 1 /* MOUNT_ATTR_RDONLY */);
        _program.Call(SystemCall.MountSetattr, directory, path, flags, _program.Bytes(attributes), attributes.Length);
    }

    /// <summary>What cannot go is for the mount to refuse.</summary>
    private void ClearPlace(ClearPlace step)
    {
        ReadOnlySpan<Errno> left = [Errno.ENOENT, Errno.EISDIR, Errno.ENOTDIR, Errno.ENOTEMPTY, Errno.EROFS, Errno.EBUSY, Errno.ELOOP, Errno.EACCES, Errno.EPERM];
        var name = HoldDirectory(step.Path, skip: 2, left);
        _program.CallTolerating(left, 0, SystemCall.UnlinkAt, _directory, name, step.IsFile ? 0 : RemoveDirectory);
        _program.Call(SystemCall.Close, _directory);
    }

    private void SetOomScore(SetOomScore step)
    {
        var text = step.Score.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _program.CallInto(_scratch, SystemCall.OpenAt, Here, _program.Text("/proc/self/oom_score_adj"), O_WRONLY | O_CLOEXEC);
        _program.CallTolerating([Errno.EACCES, Errno.EPERM], 0, SystemCall.Write, _scratch, _program.Text(text), text.Length);
        _program.Call(SystemCall.Close, _scratch);
    }

    private void DropSharedMemory()
    {
        var path = _program.Text("/dev/shm");
        _program.Call(SystemCall.Umount, path, 2 /* MNT_DETACH */);
        _program.Call(SystemCall.UnlinkAt, Here, path, RemoveDirectory);
    }

    private void ChooseProcessors(ChooseProcessors step)
    {
        Span<byte> set = stackalloc byte[ProcessorList.Most / 8];
        set.Clear();
        ProcessorList.Fill(step.Processors, set);
        _program.Call(SystemCall.SetAffinity, 0, set.Length, _program.Bytes(set));
    }

    private void LimitResource(LimitResource step)
    {
        Span<byte> limits = stackalloc byte[16]; // struct rlimit64: soft, hard
        BinaryPrimitives.WriteUInt64LittleEndian(limits, step.Limit.Soft);
        BinaryPrimitives.WriteUInt64LittleEndian(limits[8..], step.Limit.Hard);
        _program.Call(SystemCall.Prlimit, 0, (int)step.Limit.Resource, _program.Bytes(limits), 0);
    }
}
