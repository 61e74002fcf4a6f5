using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Orca.Core.Containers;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;
using static Tmds.Linux.LibC;

namespace Orca.Sandbox.Launch;

/// <summary>Compiles a plan's steps to the child's operations. What a step means is all here; what it is for stands in <see cref="Step"/>.</summary>
internal sealed partial class PlanEncoder
{
    private const int Here = -100; // AT_FDCWD
    private const MountFlags ProcFlags = MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;
    private const int LastCapability = 63;
    private const MountFlags MaskFlags = ProcFlags | MountFlags.MS_RDONLY;
    private const string MaskOptions = "nr_blocks=1,nr_inodes=2";
    private const string MaskSource = "shm"; // in /dev; the container's own shm covers it later
    private const string NoModes = "-";
    private const string OwnersSlot = "/owners";
    private const string TerminalSlot = "/terminal";
    private const int RemoveDirectory = 0x200; // AT_REMOVEDIR: only when it is empty
    private const int DescriptorsRoom = 80; // six numbers, or four and a size
    private static readonly Errno[] s_missing = [Errno.ENOENT];
    private static readonly Errno[] s_exists = [Errno.EEXIST];
    private static readonly Errno[] s_noRoom =
        [Errno.EEXIST, Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EROFS, Errno.EACCES, Errno.EPERM, Errno.ENOSPC, Errno.EDQUOT, Errno.ENOTEMPTY, Errno.EISDIR, Errno.EBUSY];
    private static readonly Errno[] s_noTable = [Errno.ENOSPC, Errno.EDQUOT, Errno.EROFS, Errno.EACCES, Errno.EPERM, Errno.ELOOP, Errno.EISDIR, Errno.ENXIO];
    private static readonly Errno[] s_noPlace = [Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EACCES, Errno.EINVAL]; // EINVAL: no mount is there

    private readonly ProgramBuilder _program = new();
    private readonly DataReference _dot;
    private readonly DataReference _empty;
    private readonly Slot _root;
    private readonly Slot _scratch;
    private readonly Slot _directory;
    private string _callersModes = NoModes;
    private int _attachStep;
    private bool _inForeground = true;
    private uint _initStep;
    private InitRole _role;
    private int _withoutTable = -1;
    private int _descriptors;
    private string _user = string.Empty;

    private PlanEncoder()
    {
        _dot = _program.Text(".");
        _empty = _program.Text(string.Empty);
        _root = _program.SlotOf("/root");
        _scratch = _program.SlotOf("/scratch");
        _directory = _program.SlotOf("/directory");
    }

    /// <summary>The program of a plan; operation reports carry the step's index.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="pauses">True: once all namespaces are made the child says so, and waits.</param>
    internal static EncodedProgram Encode(SandboxPlan plan, bool pauses = false)
    {
        var first = new PlanEncoder();
        var encoder = first;
        for (var i = 0; i < plan.Steps.Count; i++)
        {
            encoder._program.Step = (uint)i;
            if (pauses && plan.Steps[i] is NewSession)
            {
                encoder.Special(OperationKind.AwaitParent, 1);
            }

            encoder.Encode(plan.Steps[i]);
            if (plan.Steps[i] is StartJoiner)
            {
                encoder = new PlanEncoder();
            }
        }

        if (encoder == first)
        {
            return first._program.Place();
        }

        var joining = encoder._program.PlaceForJoiner();
        first.BecomeJoiner(joining.Length);
        return first._program.Place(joining);
    }

    private void Encode(Step step)
    {
        switch (step)
        {
            case BlockSignals: Special(OperationKind.BlockSignals, 0); break;
            case ConnectStreams: Special(OperationKind.Connect, 0); break;
            case CloseDescriptors s: _program.Add(OperationKind.CloseDescriptors, 0, null, 0, [], [Terminal, s.Kept, Owners]); break;
            case MapIds s: MapIds(s); break;
            case MapRanges: Special(OperationKind.AwaitParent, 0); break; // the parent has them written: see SubIds/IdMapWriter
            case NewSession: _program.CallTolerating([Errno.EPERM], 0, SystemCall.Setsid); break; // EPERM: it leads one already
            case NewKeyring:
                _program.CallTolerating([Errno.ENOSYS, Errno.EPERM, Errno.EOPNOTSUPP, Errno.EDQUOT], 0, SystemCall.Keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, 0);
                break;
            case MakePrivate: Mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null); break;
            case SetUmask s: _program.Call(SystemCall.Umask, (int)s.Mask); break;
            case CloneTree s: CloneTree(s); break;
            case EnterStore s: _program.Call(SystemCall.Chdir, _program.Text(s.Path)); break;
            case HoldOwners s: HoldOwners(s); break;
            case NoteOwnersInFiles: _withoutTable = -2; break; // as Child/child.h has it
            case MountOverlay s: MountOverlay(s); break;
            case MountMemoryLayer s: MountMemoryLayer(s); break;
            case BindLower s: Mount(s.Source, s.Target, null, MountFlags.MS_BIND, null); break;
            case BindRoot s:
                Mount(s.Source, s.Target, null, MountFlags.MS_BIND | MountFlags.MS_REC, null);
                if (s.ReadOnly)
                {
                    SealMount(s.Target);
                }

                break;
            case EnterRoot s: EnterRoot(s); break;
            case EnterMountPoint s: EnterMountPoint(s); break;
            case MountHere s: Mount(s.Type, ".", s.Type, s.Flags, s.Options); break;
            case AttachHere s: // EBADF: there was nothing to clone
                _program.CallTolerating([Errno.EBADF], 0, SystemCall.MoveMount, _program.SlotOf(s.Key), _empty, Here, _dot, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
                break;
            case MountInDev s: MountInDev(s); break;
            case BindDevice s:
                _program.Call(SystemCall.MknodAt, Here, _program.Text(s.Name), 0x8000 | 0x1B6 /* S_IFREG, 0666 */, 0);
                Mount("/dev/" + s.Name, s.Name, null, MountFlags.MS_BIND, null);
                break;
            case LinkInDev s: _program.Call(SystemCall.SymlinkAt, _program.Text(s.Target), Here, _program.Text(s.Name)); break;
            case DirectoryInDev s: MakeDirectory(s.Name); break;
            case HoldFile s: HoldFile(s); break;
            case OpenTerminal s: OpenTerminal(s.Terminal); break;
            case PivotRoot: ExchangeRoot(); break;
            case AttachFile s: AttachFile(s); break;
            case AttachTree s: AttachTree(s); break;
            case MaskFile s: MountIfThere("/dev/null", s.Path, null, MountFlags.MS_BIND, null, 0); break;
            case MountMask: Mount("tmpfs", MaskSource, "tmpfs", MaskFlags, MaskOptions); break;
            case MaskDirectory { IsShared: true } s: MountIfThere("/dev/" + MaskSource, s.Path, null, MountFlags.MS_BIND, null, 0); break;
            case MaskDirectory s: // ENOTDIR: the caller's mount has a file there
                _program.CallTolerating(
                    [Errno.ENOENT, Errno.ENOTDIR], 0, SystemCall.Mount, _program.Text("tmpfs"), _program.Text(s.Path), _program.Text("tmpfs"), (ulong)MaskFlags, _program.Text(MaskOptions));
                break;
            case ReplaceMask s: ReplaceMask(s); break;
            case ReadOnlyPath s:
                MountIfThere(s.Path, s.Path, null, MountFlags.MS_BIND | MountFlags.MS_REC, null, 1);
                Mount(null, s.Path, null, MountFlags.MS_REMOUNT | MountFlags.MS_BIND | MountFlags.MS_RDONLY | ProcFlags, null);
                break;
            case SetHostname s:
                var name = NativeText.Encode(s.Name);
                _program.Call(SystemCall.Sethostname, _program.Bytes(name), name.Length);
                break;
            case MakeDirectories s: MakePlace(_program.Text(s.Path), PlaceKind.ToWork); break;
            case LimitCapabilities s: LimitCapabilities(s); break;
            case NoNewPrivileges: _program.Call(SystemCall.Prctl, 38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0, 0); break;
            case LoadFilter s: LoadFilter(s.Filter); break;
            case StartInit s:
                _initStep = _program.Step;
                _role = s.Role;
                _descriptors = s.Descriptors;
                _callersModes = s.CallersModes.IsEmpty ? NoModes : Convert.ToHexStringLower(s.CallersModes.Span);
                break;
            case AttachTerminal s: (_attachStep, _inForeground) = ((int)_program.Step, s.InForeground); break;
            case DiscardInput:
                _program.CallInto(_scratch, SystemCall.OpenAt, Here, _program.Text("/dev/null"), O_RDONLY | O_CLOEXEC);
                _program.Call(SystemCall.Dup3, _scratch, 0, 0);
                break;
            case ChangeDirectory s:
                _program.Call(SystemCall.Chdir, _program.Text(s.Path));
                Special(OperationKind.CheckDirectory, 0);
                break;
            case Execute s: Execute(s); break;
            case JoinGroup s:
                WriteFile(s.Path + "/cgroup.procs", "0");
                _program.Call(SystemCall.Unshare, (ulong)NamespaceKinds.Cgroup);
                break;
            case RaiseLoopback: StartLoopback(); break;
            case MountSys s: MountSys(s); break;
            case MountCgroups: AddCgroups(); break;
            case AttachInDev s: _program.Call(SystemCall.MoveMount, _program.SlotOf(s.Key), _empty, Here, _program.Text(s.Name), 4 /* MOVE_MOUNT_F_EMPTY_PATH */); break;
            case ReplaceFile s: ReplaceFile(s); break;
            case MountTemporary s: MountTemporary(s); break;
            case SealHeld s: SealHeld(s.Key); break;
            case ClearPlace s: ClearPlace(s); break;
            case SealMount s: SealMount(s.Path); break;
            case LimitResource s: LimitResource(s); break;
            case SetOomScore s: SetOomScore(s); break;
            case SetKernelParameter s: WriteFile(s.Path, s.Value); break;
            case RemoveSharedMemory: DropSharedMemory(); break;
            case ChooseProcessors s: ChooseProcessors(s); break;
            case Leave: _program.Call(SystemCall.ExitGroup, 0); break;
            case GiveStreams s: GiveStreams(s); break;
            case GiveTerminal s: GiveTerminal(s); break;
            case BecomeUser s: _user = Words(s); break;
            case DeleteTree s: DeleteTree(s); break;
            case BecomeProgram s: BecomeProgram(s); break;
            case EnterGroup s: WriteFile(s.Path + "/cgroup.procs", "0"); break;
            case Planning.DiscardStreams: DiscardStreams(); break;
            case StartJoiner: break; // encoded last, when it is known what the joiner is to do
            case JoinNamespaces s: JoinNamespaces(s); break;
            case MakeUserSpace s: MakeUserSpace(s); break;
            case EnterContainer: Special(OperationKind.Enter, 0); break;
            case Planning.EnterUserSpace: EnterUserSpace(); break;
            case OpenTerminalInside s: OpenTerminalInside(s.Terminal); break;
            case LoadOpenFilter s: LoadOpenFilter(s.Notification); break;
            default: throw new NotSupportedException(step.GetType().Name);
        }
    }

    /// <summary>The container's terminal, once it is open; -1 else.</summary>
    private Argument Terminal => SlotOrNone(TerminalSlot);

    /// <summary>Where the filter asks, if it does and could; negative else.</summary>
    private Argument Listener => SlotOrNone(ListenerSlot);

    /// <summary>Where owners are noted, if they are; negative else.</summary>
    private Argument Owners => _program.HasSlot(OwnersSlot) ? _program.SlotOf(OwnersSlot) : _withoutTable;

    private Argument SlotOrNone(string name) => _program.HasSlot(name) ? _program.SlotOf(name) : -1;

    private void Special(OperationKind kind, Argument argument) => _program.Add(kind, 0, null, 0, [], [argument]);

    private Argument TextOrNull(string? text) => text is null ? 0 : _program.Text(text);

    private void Mount(string? source, string target, string? type, MountFlags flags, string? options) =>
        _program.Call(SystemCall.Mount, TextOrNull(source), _program.Text(target), TextOrNull(type), (ulong)flags, TextOrNull(options));

    private void MountIfThere(string source, string target, string? type, MountFlags flags, string? options, int skip) => _program.CallTolerating(
        s_missing, skip, SystemCall.Mount, TextOrNull(source), _program.Text(target), TextOrNull(type), (ulong)flags, TextOrNull(options));

    private void MakeDirectory(string path) =>
        _program.CallTolerating(s_exists, 0, SystemCall.MkdirAt, Here, _program.Text(path), 0x1ED /* 0755 */);

    private void MapIds(MapIds step)
    {
        // setgroups must be denied before an unprivileged process may write a group map (user_namespaces(7)).
        WriteFile("/proc/self/setgroups", "deny");
        WriteFile("/proc/self/uid_map", string.Create(null, stackalloc char[40], $"{step.InsideUid} {step.OutsideUid} 1"));
        WriteFile("/proc/self/gid_map", string.Create(null, stackalloc char[40], $"{step.InsideGid} {step.OutsideGid} 1"));
    }

    private void WriteFile(string path, string content)
    {
        _program.CallInto(_scratch, SystemCall.OpenAt, Here, _program.Text(path), O_WRONLY | O_CLOEXEC);
        _program.Call(SystemCall.Write, _scratch, _program.Text(content), content.Length);
        _program.Call(SystemCall.Close, _scratch);
    }

    private void CloneTree(CloneTree step)
    {
        const int clone = 1, recursive = 0x8000, emptyPath = 0x1000; // OPEN_TREE_CLONE, AT_RECURSIVE, AT_EMPTY_PATH
        var slot = _program.SlotOf(step.Key);
        var restrict = step.ReadOnly || step.System || step.Flags != MountFlags.None;
        _program.Add(
            OperationKind.Call, SystemCall.OpenTree.Number(), slot, restrict ? 1 : 0, step.System ? s_missing : [],
            [Here, _program.Text(step.Source), clone | recursive | O_CLOEXEC]);
        if (restrict)
        {
            const ulong readOnly = 1, quiet = 2 | 4 | 8; // MOUNT_ATTR_RDONLY; NOSUID, NODEV, NOEXEC: the values of MS_ flags
            Span<byte> attributes = stackalloc byte[32]; // struct mount_attr: set, clear, propagation, userns
            attributes.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(attributes, (step.ReadOnly ? readOnly : 0) | (step.System ? quiet : 0) | (ulong)step.Flags);
            _program.Call(SystemCall.MountSetattr, slot, _empty, emptyPath | recursive, _program.Bytes(attributes), attributes.Length);
        }
    }

    private void MountMemoryLayer(MountMemoryLayer step)
    {
        var size = step.Size > 0 ? string.Create(CultureInfo.InvariantCulture, $",size={step.Size}") : string.Empty;
        Mount("tmpfs", step.Target, "tmpfs", MountFlags.MS_NOSUID | MountFlags.MS_NODEV, "mode=755" + size);
        _program.Call(SystemCall.MkdirAt, Here, _program.Text(step.Upper), (int)step.Permissions);
        _program.Call(SystemCall.MkdirAt, Here, _program.Text(step.Work), 0x1C0 /* 0700 */);

        // Without such attributes overlay mounts all the same, and fails later: a directory cannot be made where one of the image was deleted.
        _program.Call(SystemCall.Setxattr, _program.Text(step.Work), _program.Text("user.orca"), _program.Text("x"), 1, 0);
    }

    /// <summary>A disk that is full or read-only lets the container start, and what it is told is forgotten.</summary>
    private void HoldOwners(HoldOwners step) => _program.Add(
        OperationKind.Call, SystemCall.OpenAt.Number(), _program.SlotOf(OwnersSlot), 0, s_noTable,
        [Here, _program.Text(step.Path), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0x180 /* 0600 */]);

    private void MountOverlay(MountOverlay step)
    {
        var options = $"lowerdir={step.Lower},upperdir={step.Upper},workdir={step.Work},userxattr{(step.Volatile ? ",volatile" : string.Empty)}";

        if (step.IsAgain)
        {
            _program.CallTolerating(s_missing, 0, SystemCall.UnlinkAt, Here, _program.Text(step.Work + "/work/incompat/volatile/dirty"), 0);
            _program.CallTolerating(s_missing, 0, SystemCall.UnlinkAt, Here, _program.Text(step.Work + "/work/incompat/volatile"), RemoveDirectory);
        }

        // The kernel makes a directory of mode 0 in the work directory, on which an ordinary 'rm -rf' of the store would fail after a crash.
        // The mount covers its path, so the way to it is opened before.
        _program.CallInto(_scratch, SystemCall.OpenAt, Here, _program.Text(step.Work), O_PATH | O_DIRECTORY | O_CLOEXEC);
        Mount("overlay", step.Target, "overlay", MountFlags.None, options);
        _program.CallTolerating(s_missing, 0, SystemCall.Fchmodat, _scratch, _program.Text("work"), 0x1C0 /* 0700 */);
        _program.CallTolerating(s_missing, 0, SystemCall.Fchmodat, _scratch, _program.Text("work/incompat"), 0x1C0); // of a volatile overlay
        _program.CallTolerating(s_missing, 0, SystemCall.Fchmodat, _scratch, _program.Text("work/incompat/volatile"), 0x1C0);
        _program.Call(SystemCall.Close, _scratch);
    }

    private void EnterRoot(EnterRoot step)
    {
        _program.Call(SystemCall.Chdir, _program.Text(step.Target));
        _program.CallInto(_root, SystemCall.OpenAt, Here, _dot, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }

    private void EnterMountPoint(EnterMountPoint step)
    {
        var name = _program.Text(step.Name);
        _program.CallTolerating(s_exists, 0, SystemCall.MkdirAt, _root, name, 0x1ED /* 0755 */);
        _program.CallInto(_scratch, SystemCall.OpenAt, _root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _program.Call(SystemCall.Fchdir, _scratch);
        _program.Call(SystemCall.Close, _scratch);
    }

    private void MountInDev(MountInDev step)
    {
        ReadOnlySpan<Errno> lacking = step.MayLack ? [Errno.ENODEV, Errno.EPERM] : [];
        _program.CallTolerating(
            lacking, 0, SystemCall.Mount, _program.Text(step.Type), _program.Text(step.Name), _program.Text(step.Type), (ulong)step.Flags, _program.Text(step.Options));
    }

    private void HoldFile(HoldFile step)
    {
        const int clone = 1; // OPEN_TREE_CLONE
        var path = _program.Text("pts/" + step.Key);
        var content = Encoding.UTF8.GetBytes(step.Content);
        _program.CallInto(_scratch, SystemCall.OpenAt, Here, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0x1A4 /* 0644 */);
        _program.Call(SystemCall.Write, _scratch, _program.Bytes(content), content.Length);
        _program.Call(SystemCall.Close, _scratch);
        _program.CallInto(_program.SlotOf(step.Key), SystemCall.OpenTree, Here, path, clone | O_CLOEXEC);
        if (step.ReadOnly)
        {
            SealHeld(step.Key); // as long as it has no path that another mount may cover
        }
    }

    /// <summary>Struct winsize: rows, columns, and pixels, which are left zero.</summary>
    private DataReference WindowSize(TerminalFacts terminal)
    {
        Span<byte> size = stackalloc byte[8];
        size.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(size, terminal.Rows);
        BinaryPrimitives.WriteUInt16LittleEndian(size[2..], terminal.Columns);
        return _program.Bytes(size);
    }

    private void OpenTerminal(TerminalFacts terminal)
    {
        const int unlock = 0x40045431, setSize = 0x5414, setModes = 0x5402; // TIOCSPTLCK, TIOCSWINSZ, TCSETS
        var slave = _program.SlotOf(TerminalSlot);
        var name = _program.Text("pts/0");
        _program.CallInto(_scratch, SystemCall.OpenAt, Here, _program.Text("pts/ptmx"), O_RDWR | O_NOCTTY | O_CLOEXEC);
        _program.Call(SystemCall.Ioctl, _scratch, unlock, _program.Bytes(stackalloc byte[4]));
        _program.Call(SystemCall.Ioctl, _scratch, setSize, WindowSize(terminal));
        _program.CallInto(slave, SystemCall.OpenAt, Here, name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (!terminal.Modes.IsEmpty)
        {
            _program.Call(SystemCall.Ioctl, slave, setModes, _program.Bytes(TerminalModes.Cooked(terminal.Modes.Span)));
        }

        _program.Add(OperationKind.SendDescriptor, 0, null, 0, [], [_scratch]);
        _program.Call(SystemCall.Close, _scratch);
        _program.Call(SystemCall.MknodAt, Here, _program.Text("console"), 0x8000 | 0x190 /* S_IFREG, 0620 */, 0);
        Mount("pts/0", "console", null, MountFlags.MS_BIND, null);
    }

    private void ReplaceMask(ReplaceMask step)
    {
        const string path = "/dev/" + MaskSource;
        _program.Call(SystemCall.Umount, _program.Text(path), 2 /* MNT_DETACH */);
        if (step.Key is { } key)
        {
            _program.Call(SystemCall.MoveMount, _program.SlotOf(key), _empty, Here, _program.Text(path), 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
            return;
        }

        Mount("tmpfs", path, "tmpfs", step.Flags, step.Options);
    }

    private void ExchangeRoot()
    {
        // The old root lands on top of the new one at the same place; '.' is the old one, and detaching it leaves the new (pivot_root(2), NOTES).
        _program.Call(SystemCall.Fchdir, _root);
        _program.Call(SystemCall.PivotRoot, _dot, _dot);
        _program.Call(SystemCall.Umount, _dot, 2 /* MNT_DETACH */);
        _program.Call(SystemCall.Chdir, _program.Text("/"));
        _program.Call(SystemCall.Close, _root);
    }

    private void AttachFile(AttachFile step)
    {
        var name = HoldDirectory(step.Path, skip: 4, step.MayLack ? s_noRoom : []);
        _program.CallTolerating(s_noRoom, 0, SystemCall.UnlinkAt, _directory, name, RemoveDirectory); // of a mount that is gone
        _program.CallTolerating(step.MayLack ? s_noRoom : s_exists, 0, SystemCall.MknodAt, _directory, name, 0x8000 | 0x1A4 /* S_IFREG, 0644 */, 0);
        _program.CallTolerating(step.MayLack ? s_noPlace : [], 0, SystemCall.MoveMount, _program.SlotOf(step.Key), _empty, _directory, name, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
        _program.Call(SystemCall.Close, _directory);
    }

    private void AttachTree(AttachTree step)
    {
        const int emptyPath = 4, followTarget = 0x10; // MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_SYMLINKS
        var path = _program.Text(step.Path);
        MakePlace(path, MountPath.ReplaceableInProc.Contains(step.Path) ? PlaceKind.InProc : step.IsDirectory ? PlaceKind.Directory : PlaceKind.File);
        _program.Call(SystemCall.MoveMount, _program.SlotOf(step.Key), _empty, Here, path, emptyPath | followTarget);
    }

    /// <summary>Where the caller wants something: links that the image has on the way are followed as in Docker, those that lead into /proc refused.</summary>
    private void MakePlace(DataReference path, PlaceKind kind) => _program.Add(OperationKind.MakePlace, 0, null, 0, [], [path, (int)kind]);

    /// <summary>
    /// Opens the directory of a file of orca's, which is made when missing; the file itself is then made, replaced or covered below its descriptor, by its last name.
    /// The image may have any link there: none that leads through /proc is followed, for a descriptor found there can be the host's.
    /// </summary>
    /// <returns>The last name.</returns>
    private DataReference HoldDirectory(string path, int skip, params ReadOnlySpan<Errno> tolerated)
    {
        var slash = path.LastIndexOf('/');
        _program.Add(OperationKind.MakePlace, 0, _directory, skip, tolerated, [_program.Text(slash > 0 ? path[..slash] : "/"), (int)PlaceKind.Own]);
        return _program.Text(path[(slash + 1)..]);
    }

    private void LimitCapabilities(LimitCapabilities step)
    {
        if (step.Until.Bits != 0)
        {
            // What is not bounding any more cannot be made inheritable; and dropping from there takes a capability that may have to go, too.
            SetCapabilities(step.Set.Bits | step.Until.Bits | CapabilitySet.Of(Capability.Setpcap).Bits, step.Until.Bits);
        }

        var left = BitOperations.PopCount(~step.Set.Bits);
        for (var capability = 0; capability <= LastCapability; capability++)
        {
            if (!step.Set.Contains((Capability)capability))
            {
                // EINVAL: the kernel has no such capability, nor those behind it.
                _program.CallTolerating([Errno.EINVAL], --left, SystemCall.Prctl, 24 /* PR_CAPBSET_DROP */, capability);
            }
        }

        _program.CallTolerating([Errno.EINVAL], 0, SystemCall.Prctl, 47 /* PR_CAP_AMBIENT */, 4 /* PR_CAP_AMBIENT_CLEAR_ALL */, 0, 0, 0);
        SetCapabilities(step.Set.Bits | step.Until.Bits, step.Until.Bits);
    }

    private void SetCapabilities(ulong held, ulong inherited)
    {
        Span<uint> header = [0x20080522 /* _LINUX_CAPABILITY_VERSION_3 */, 0];
        var (low, high) = ((uint)held, (uint)(held >> 32));
        Span<uint> data = [low, low, (uint)inherited, high, high, (uint)(inherited >> 32)]; // effective, permitted, inheritable; twice 32 bits
        _program.Call(
            SystemCall.Capset, _program.Bytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(header)),
            _program.Bytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(data)));
    }

    /// <summary>The arguments of Child/Stub/init.c. What the steps from <see cref="StartInit"/> on say is done there.</summary>
    private void Execute(Execute step)
    {
        var room = _program.Bytes(stackalloc byte[DescriptorsRoom]);
        List<DataReference> arguments =
        [
            _program.Text("orca-init"),
            room,
            _program.Text(string.Create(CultureInfo.InvariantCulture, $"{_attachStep} {_program.Step} {_callersModes} {(int)_role} {(_inForeground ? 1 : 0)} {_descriptors}{_user}")),
            _program.Text(step.Candidates.Count.ToString(CultureInfo.InvariantCulture)),
        ];
        foreach (var text in step.Candidates.Concat(step.Arguments))
        {
            arguments.Add(_program.Text(text));
        }

        var vectors = _program.Addresses([room, _program.Addresses([.. arguments], terminate: true), _program.Vector(step.Env, _program.Text)], terminate: false);
        _program.Step = _initStep; // what fails here is the init's own start; the command's is reported by the init
        _program.Add(OperationKind.Init, 0, null, 0, [], [vectors, Terminal, Listener, Owners, _keepsTarget]);
    }
}
