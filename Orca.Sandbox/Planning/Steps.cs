using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;

namespace Orca.Sandbox.Planning;

/// <summary>One thing the kernel will be asked for. Its text is the plan's line, the golden file's, and the words of an error.</summary>
internal abstract record Step
{
    /// <summary>The step in one line: a verb, then the object.</summary>
    public abstract override string ToString();

    /// <summary>A foreign string, quoted for the line.</summary>
    protected static string Q(string text) => "'" + Quoted.Text(text) + "'";

    /// <summary>A mode in octal.</summary>
    protected static string Octal(uint mode) => "0" + Convert.ToString(mode, 8);
}

/// <summary>Writes the one-id maps of the new user namespace (user_namespaces(7)).</summary>
internal sealed record MapIds(uint InsideUid, uint OutsideUid, uint InsideGid, uint OutsideGid) : Step
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"map user {InsideUid} to the host's {OutsideUid}, group {InsideGid} to {OutsideGid}, deny setgroups");
}

/// <summary>Closes all inherited descriptors above standard error, and above those that the command is to have.</summary>
internal sealed record CloseDescriptors(int Kept) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"close all descriptors above {2 + Kept}");
}

/// <summary>Puts pipes in the place of standard streams that cannot be the command's own (<see cref="HostFacts.StreamsToRelay"/>); bytes are carried to and fro.</summary>
/// <param name="Streams">Which.</param>
/// <param name="ErrorIsOutput">True: standard output and error are one pipe.</param>
internal sealed record ConnectStreams(IReadOnlyList<int> Streams, bool ErrorIsOutput) : Step
{
    private static readonly string[] s_names = ["standard input", "standard output", "standard error"];

    public override string ToString() =>
        $"connect {string.Join(", ", Streams.Select(static stream => s_names[stream]))} by pipe{(ErrorIsOutput ? ", the last two by one" : string.Empty)}";
}

/// <summary>Default actions for all signals, and none is delivered: PID 1 reads them. The .NET runtime ignores SIGPIPE, which would survive exec.</summary>
internal sealed record BlockSignals : Step
{
    public override string ToString() => "reset all signals and block them";
}

/// <summary>Leaves the caller's session, so that its terminal is nobody's here (setsid(2)).</summary>
internal sealed record NewSession : Step
{
    public override string ToString() => "start a new session";
}

/// <summary>Joins an empty session keyring, so that the caller's keys are not there (keyctl(2)); hosts without keyrings need nothing.</summary>
internal sealed record NewKeyring : Step
{
    public override string ToString() => "join a new session keyring";
}

/// <summary>Cuts the mount namespace off from the host's.</summary>
internal sealed record MakePrivate : Step
{
    public override string ToString() => "make all mounts private, flags MS_REC|MS_PRIVATE";
}

/// <summary>Takes a detached copy of a host mount, to be attached when the host's paths are gone (open_tree(2), mount_setattr(2)).</summary>
internal sealed record CloneTree(string Key, string Source, bool ReadOnly, bool System) : Step
{
    /// <summary>What it may not offer besides, of MS_NOSUID, MS_NODEV and MS_NOEXEC.</summary>
    public MountFlags Flags { get; init; }

    public override string ToString() =>
        $"clone mount {Q(Source)} with all below it{(ReadOnly ? ", read-only" : string.Empty)}{(System ? ", nosuid, nodev, noexec" : string.Empty)}{Flags.Describe()}";
}

/// <summary>Enters a host directory, so that paths in it can be relative.</summary>
internal sealed record EnterStore(string Path) : Step
{
    public override string ToString() => $"enter store {Q(Path)}";
}

/// <summary>Opens the table where the init notes the owners of files that can have no attribute. Without it nothing is remembered.</summary>
/// <param name="Path">The file, relative to the store.</param>
internal sealed record HoldOwners(string Path) : Step
{
    public override string ToString() => $"open {Q(Path)}, where owners of links and nodes are noted";
}

/// <summary>Mounts the root: the image's tree (and what shows through it) below, the container's changes above. Paths are relative to the store. After an earlier try the mark of a volatile overlay is deleted first, for which the kernel refuses the work directory.</summary>
internal sealed record MountOverlay(string Target, string Lower, string Upper, string Work, bool Volatile, bool IsAgain = false) : Step
{
    public override string ToString() => $"mount overlay on {Q(Target)}, lower {Q(Lower)}, upper {Q(Upper)}{(Volatile ? ", volatile" : string.Empty)}";
}

/// <summary>Mounts a file system in memory for the container's changes, with the two directories that overlay takes, on a directory of the store. Needs one that keeps extended attributes of users.</summary>
internal sealed record MountMemoryLayer(string Target, long Size, uint Permissions) : Step
{
    internal string Upper => Target + "/upper";

    internal string Work => Target + "/work";

    public override string ToString() => $"mount tmpfs on {Q(Target)} for the changes{(Size > 0 ? string.Create(CultureInfo.InvariantCulture, $", size={Size}") : string.Empty)}";
}

/// <summary>Shows a tree of another store below this one, where overlay is told of it by a path without any character that means something to it.</summary>
internal sealed record BindLower(string Target, string Source) : Step
{
    public override string ToString() => $"bind {Q(Source)} on {Q(Target)}, flags MS_BIND";
}

/// <summary>Mounts a private copy of the tree as root; or the image's own tree, which nothing may change.</summary>
internal sealed record BindRoot(string Target, string Source, bool ReadOnly) : Step
{
    public override string ToString() => $"bind {Q(Source)} on {Q(Target)}, flags MS_BIND|MS_REC{(ReadOnly ? ", read-only" : string.Empty)}";
}

/// <summary>Enters the new root and holds on to it.</summary>
internal sealed record EnterRoot(string Target) : Step
{
    public override string ToString() => $"enter the new root {Q(Target)}";
}

/// <summary>Enters a directory directly below the new root, made when missing; a link or file of that name is refused (CVE-2019-19921, CVE-2023-27561).</summary>
internal sealed record EnterMountPoint(string Name) : Step
{
    public override string ToString() => $"enter '/{Name}', a directory and no link";
}

/// <summary>Mounts a new file system on the current directory.</summary>
internal sealed record MountHere(string Type, string Path, MountFlags Flags, string Options) : Step
{
    public override string ToString() => $"mount {Type} on {Path}{Flags.Describe()}{(Options.Length > 0 ? ", options " + Options : string.Empty)}";
}

/// <summary>Attaches a cloned tree to the current directory.</summary>
internal sealed record AttachHere(string Key, string Path) : Step
{
    public override string ToString() => $"attach {Q(Key)} on {Path}";
}

/// <summary>Writes a small file where devpts will cover it, and holds a detached mount of it.</summary>
internal sealed record HoldFile(string Key, string Content, bool ReadOnly) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"write {Q(Key)} ({System.Text.Encoding.UTF8.GetByteCount(Content)} bytes) aside{(ReadOnly ? ", read-only" : string.Empty)}");
}

/// <summary>Opens a pseudo-terminal of the container's own devpts, sets it up, and hands its master to the parent.</summary>
internal sealed record OpenTerminal(TerminalFacts Terminal) : Step
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"open a terminal of {Terminal.Columns}x{Terminal.Rows} on /dev/pts/0, also as /dev/console");
}

/// <summary>Makes the new root the root, and lets the old one go (pivot_root(2)).</summary>
internal sealed record PivotRoot : Step
{
    public override string ToString() => "pivot to the new root, detach the old one";
}

/// <summary>Mounts a held file over a path of the new root, made when missing; a link there is covered, not followed.</summary>
internal sealed record AttachFile(string Key, string Path, bool MayLack) : Step
{
    public override string ToString() => $"mount {Q(Key)} on {Q(Path)}{(MayLack ? ", if there is room" : string.Empty)}";
}

/// <summary>Mounts a cloned tree on a path of the new root, made when missing; links are followed inside the root only.</summary>
internal sealed record AttachTree(string Key, string Path, bool IsDirectory) : Step
{
    public override string ToString() => $"mount {Q(Key)} on {Q(Path)}";
}

/// <summary>Hides a file of /proc or /sys behind the container's /dev/null; a missing one needs no hiding.</summary>
internal sealed record MaskFile(string Path) : Step
{
    public override string ToString() => $"mask file {Path}";
}

/// <summary>Mounts one empty read-only directory where /dev/shm will be, for <see cref="MaskDirectory"/> to bind: a file system for each mask costs its making and its end.</summary>
internal sealed record MountMask : Step
{
    public override string ToString() => "mount an empty read-only tmpfs on /dev/shm, for the masks";
}

/// <summary>Mounts /dev/shm in the place of the masks' source, which goes: the host's, held under a key, or one of the container's own.</summary>
internal sealed record ReplaceMask(string? Key, MountFlags Flags, string Options) : Step
{
    public override string ToString() => Key is null ? $"mount tmpfs on /dev/shm in its place{Flags.Describe()}, options {Options}" : $"attach {Q(Key)} on /dev/shm in its place";
}

/// <summary>Hides a directory of /proc or /sys behind an empty one; a missing one needs no hiding.</summary>
internal sealed record MaskDirectory(string Path, bool IsShared) : Step
{
    public override string ToString() => $"mask directory {Path}{(IsShared ? string.Empty : " by an empty tmpfs")}";
}

/// <summary>Makes a path of /proc read-only; a missing one needs nothing.</summary>
internal sealed record ReadOnlyPath(string Path) : Step
{
    public override string ToString() => $"make {Path} read-only";
}

/// <summary>Sets the container's host name.</summary>
internal sealed record SetHostname(string Name) : Step
{
    public override string ToString() => $"set host name {Q(Name)}";
}

/// <summary>Sets the file mode mask.</summary>
internal sealed record SetUmask(uint Mask) : Step
{
    public override string ToString() => $"set umask {Octal(Mask)}";
}

/// <summary>Makes a directory and its parents in the new root.</summary>
internal sealed record MakeDirectories(string Path) : Step
{
    public override string ToString() => $"make directory {Q(Path)} if missing";
}

/// <summary>Drops capabilities for good: bounding, permitted and effective become the set, inheritable and ambient empty.</summary>
internal sealed record LimitCapabilities(CapabilitySet Set) : Step
{
    /// <summary>What stays beside the set until <see cref="BecomeUser"/>: inheritable, for so it gets past the init's exec whatever the bounding set is.</summary>
    public CapabilitySet Until { get; init; }

    public override string ToString() => $"limit capabilities to {Set}, {(Until.Bits == 0 ? "none" : $"{Until}")} inheritable{(Until.Bits == 0 ? string.Empty : " until the user is set")}, none ambient";
}

/// <summary>No exec can gain privileges any more (PR_SET_NO_NEW_PRIVS).</summary>
internal sealed record NoNewPrivileges : Step
{
    public override string ToString() => "set no_new_privs";
}

/// <summary>Restricts the system calls for good (seccomp(2)).</summary>
internal sealed record LoadFilter(SeccompFilter Filter) : Step
{
    public override string ToString() => "load a filter of system calls: " + Filter.Description;
}

/// <summary>Becomes the init, a program of a few pages: it starts the command's process, stays as PID 1, reaps and passes signals on.</summary>
/// <param name="CallersModes">struct termios that the caller's terminal gets back if orca is killed; empty when it was left alone.</param>
/// <param name="Role">What it is besides.</param>
/// <param name="Descriptors">How many descriptors from 3 on are the command's alone.</param>
internal sealed record StartInit(ReadOnlyMemory<byte> CallersModes, InitRole Role, int Descriptors) : Step
{
    public override string ToString() => Role switch
    {
        InitRole.Command => "go on without an init: the command is the first process, in a session of its own, and dies with orca",
        InitRole.Joined => "be to the command what the init is to its own; start its process in a group of its own, and stay for what it leaves behind",
        InitRole.Reaper => "become the init, which gets all orphans; start the command's process in a group of its own, and kill what it leaves behind",
        _ => "become the init, PID 1; start the command's process in a group of its own",
    };
}

/// <summary>What the stub is in a container; the values are those that Child/Stub/init.c reads.</summary>
internal enum InitRole
{
    /// <summary>PID 1: with it everything ends.</summary>
    First = 0,

    /// <summary>Only the way to the command, which takes its place.</summary>
    Command = 1,

    /// <summary>A process among the host's: nothing ends by itself.</summary>
    Reaper = 2,

    /// <summary>In a container that has an init already.</summary>
    Joined = 3,
}

/// <summary>Makes the container's terminal the controlling one, and standard input, output and error.</summary>
/// <param name="InForeground">False: reading it stops the command, until the caller's job is in the foreground.</param>
internal sealed record AttachTerminal(bool InForeground) : Step
{
    public override string ToString() => $"attach the terminal to 0, 1 and 2{(InForeground ? string.Empty : ", the command in its background")}";
}

/// <summary>Standard input reads nothing.</summary>
internal sealed record DiscardInput : Step
{
    public override string ToString() => "open /dev/null as standard input";
}

/// <summary>Goes where the command starts, and refuses if that is outside the root (CVE-2024-21626).</summary>
internal sealed record ChangeDirectory(string Path) : Step
{
    public override string ToString() => $"change directory to {Q(Path)}, inside the root";
}

/// <summary>Becomes the command: the first of the candidates that exists and may be run.</summary>
internal sealed record Execute(IReadOnlyList<string> Candidates, IReadOnlyList<string> Arguments, IReadOnlyList<string> Env) : Step
{
    public override string ToString() => $"execute {string.Join(' ', Arguments.Select(Q))}, looked up as {string.Join(", ", Candidates.Select(Q))}";
}
