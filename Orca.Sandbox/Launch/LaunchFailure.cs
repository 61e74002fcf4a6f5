using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Diagnosis;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>Turns what the kernel refused into the error a user can act on: the one table of (step, errno) and hints.</summary>
internal static class LaunchFailure
{
    private const int NotFound = 127;
    private const int NotRunnable = 126;

    /// <summary>The clone itself failed: no namespaces for this user.</summary>
    internal static SandboxException OfClone(SandboxSpec spec, Errno errno) =>
        spec.Joins is null ? new($"cannot start {Command(spec)}: new user namespace: {errno.Describe()}", HostHints.OfNamespaces(errno))
        : new($"cannot start {Command(spec)}: new process: {errno.Describe()}", errno == Errno.EAGAIN ? HostHints.TooFewProcesses : null);

    /// <summary>What was to join a container has ended, and said nothing.</summary>
    internal static SandboxException OfJoiner() => new("cannot join the container: the process that was to join it was killed");

    /// <summary>A step failed.</summary>
    internal static SandboxException OfStep(SandboxSpec spec, SandboxPlan plan, int index, Errno errno)
    {
        var step = plan.Steps[index];
        if (step is StartInit && errno == Errno.E2BIG)
        {
            step = plan.Steps[^1]; // the init takes the command's arguments and variables with it
        }

        if (step is JoinNamespaces or EnterContainer && errno is Errno.ESRCH or Errno.ENOMEM)
        {
            return JoinTarget.Ended(); // ENOMEM: a process namespace whose first process is gone takes no other (pid_namespaces(7))
        }

        if (step is Execute execute)
        {
            return OfExecute(execute, errno);
        }

        var cause = step is EnterMountPoint point && errno is Errno.ENOTDIR or Errno.ELOOP
            ? $"the image's '/{((EnterMountPoint)step).Name}' is not a directory"
            : errno.Describe();
        return new SandboxException(
            string.Create(CultureInfo.InvariantCulture, $"cannot start {Command(spec)}: step {index + 1} of {plan.Steps.Count}: {step}: {cause}"),
            StepHint(step, errno))
        {
            ProcRefused = step is MountHere { Type: "proc" } && errno == Errno.EPERM,
            OverlayRefused = step is MountOverlay && errno is Errno.EPERM or Errno.EINVAL or Errno.ENODEV or Errno.EOPNOTSUPP or Errno.EACCES or Errno.ENOSYS,
        };
    }

    /// <summary>The programs that write maps have refused.</summary>
    internal static SandboxException OfMap(SandboxSpec spec, SandboxPlan plan, int index, string refusal) => new(
        string.Create(CultureInfo.InvariantCulture, $"cannot start {Command(spec)}: step {index + 1} of {plan.Steps.Count}: {plan.Steps[index]}: {Quoted.Text(refusal)}"),
        MapHint(refusal));

    internal static string MapHint(string refusal) =>
        refusal.Contains("not allowed", StringComparison.Ordinal) || refusal.Contains("different user", StringComparison.Ordinal)
            ? "the program finds no such range for this user: /etc/subuid and /etc/subgid must name them, and the group be the one of /etc/passwd (a shell of 'newgrp' or 'sg' has another)"
        : refusal.Contains("not permitted", StringComparison.Ordinal)
            ? "the program has lost what lets it write maps, or something around orca takes it away: put it back with 'sudo apt-get install --reinstall uidmap' or 'sudo dnf reinstall shadow-utils'"
        : "see newuidmap(1); without '--userns=subids' nothing of this is needed";

    private static SandboxException OfExecute(Execute step, Errno errno)
    {
        var name = step.Arguments[0];
        var searched = !name.Contains('/', StringComparison.Ordinal);
        var (cause, hint) = errno switch
        {
            Errno.ENOENT or Errno.ENOTDIR when searched => ("not found in PATH", (string?)null),
            Errno.ENOENT => (errno.Describe(), "the file is missing in the image, or the interpreter or loader that it names is"),
            Errno.EACCES => (errno.Describe(), "it is a directory, has no permission to be executed, or lies on a file system that is mounted with noexec"),
            Errno.ENOEXEC => (errno.Describe(), "it was built for another kind of machine, or is a script without a '#!' line"),
            Errno.EAGAIN => (errno.Describe(), HostHints.TooFewProcesses),
            Errno.E2BIG => (errno.Describe(), "the arguments and variables together are too long"),
            _ => (errno.Describe(), null),
        };
        return new SandboxException($"cannot start '{Quoted.Text(name)}': {cause}", hint)
        {
            ExitCode = errno is Errno.ENOENT or Errno.ENOTDIR ? NotFound : NotRunnable,
            CommandRefused = errno,
        };
    }

    private static string Command(SandboxSpec spec) => "'" + Quoted.Text(spec.Arguments[0]) + "'";

    /// <summary>What helps when a step is refused; null when nothing is known.</summary>
    internal static string? StepHint(Step step, Errno errno) => step switch
    {
        BecomeUser when errno is Errno.EINVAL => "the container has no such id: it has 65536, and what sub-ids add",
        BecomeUser or LimitCapabilities when errno is Errno.EPERM or Errno.ENOSYS => "the policy of system calls must allow setgroups, setresuid, setresgid, prctl and capset, or the command cannot become its user",
        MakeUserSpace or EnterUserSpace when errno is Errno.EPERM or Errno.ENOSPC or Errno.EUSERS => "another user than the container's own needs a user namespace inside another, which this host refuses; leave out '-u' in the container around orca",
        MakeUserSpace when errno is Errno.ESRCH or Errno.ENOENT => "another user than the container's own needs the /proc of this very system: start it outside of the container around orca",
        EnterGroup when errno is Errno.EACCES or Errno.EPERM or Errno.ENOENT => "the container is limited as a whole, and its group can be entered from the session that has started it; else: systemd-run --user --scope -p Delegate=yes orca exec ...",
        OpenTerminalInside when errno is not (Errno.EMFILE or Errno.ENOSPC) => "the container has something else in the place of its terminals: leave out '-t'",
        MapIds or MakePrivate when errno is Errno.EPERM or Errno.EACCES => HostHints.OfRestriction(),
        MountHere { Type: "proc" } when errno == Errno.EPERM => HostHints.OfProc(),
        MountMemoryLayer when errno is Errno.EOPNOTSUPP => "'--tmpfs-upper' needs Linux 6.6 or later, whose tmpfs keeps extended attributes; leave it out, and the changes go to the disk",
        MountMemoryLayer when errno is Errno.EINVAL => "the size of '--tmpfs-upper' is one that tmpfs does not take",
        CloneTree { System: false } when errno is Errno.EACCES => "you may not read that path on the host",
        CloneTree when errno == Errno.ENOSYS => "the kernel is older than Linux 5.12, or a seccomp filter around orca refuses the call",
        EnterMountPoint when errno == Errno.EROFS => "the image lacks this place, and cannot be changed where it is run read-only: free some space for a copy of it",
        AttachTree or MountTemporary when errno is Errno.EROFS or Errno.EPERM or Errno.EACCES =>
            "this place is missing, and cannot be made in what is read-only or the kernel's own: choose one that is there, or make it first",
        MakeDirectories when errno is Errno.EROFS or Errno.EACCES => "this place is missing, and cannot be made in what is read-only: make it first, or choose another working directory with -w",
        AttachFile { Path: var path } when errno == Errno.ENOTDIR => $"the image has something else where the directory '{path[..path.LastIndexOf('/')]}' must be",
        AttachFile or ReplaceFile when errno is Errno.EINVAL or Errno.EISDIR => "the image has a directory where a file must be",
        AttachFile or MakeDirectories or AttachTree when errno == Errno.ENOENT => DanglingHint(step),
        AttachTree or MountTemporary when errno is Errno.ENOTDIR or Errno.EISDIR => "a directory can only be mounted on a directory, a file only on a file",
        AttachTree when errno == Errno.EINVAL => "a directory can only be mounted on a directory, a file only on a file",
        BindDevice or LinkInDev or DirectoryInDev or HoldFile when errno == Errno.ENOSPC => "the container's own files need room in /dev: give '--tmpfs /dev' more, or leave its size= and nr_inodes= out",
        AttachTree or MountTemporary or MakeDirectories when errno is Errno.ENOSPC or Errno.EDQUOT => "the file system there is full: give it more room (size=, nr_inodes=), or make the place first",
        AttachTree or MountTemporary or MakeDirectories when errno == Errno.ELOOP => "a symbolic link of the image leads from there into /proc, or in a circle; choose another place inside",
        MountTemporary when errno == Errno.EINVAL => "tmpfs does not know one of the options, or uid= or gid= is an id that the container does not have",
        JoinGroup when errno is Errno.EACCES or Errno.EPERM or Errno.ENOENT or Errno.EBUSY => ControlGroup.Hint,
        LimitResource when errno == Errno.EPERM => "a limit cannot be raised above your own hard limit; see it with 'ulimit -aH'",
        LimitResource when errno == Errno.EINVAL => "the kernel does not take that limit",
        ChangeDirectory or MakeDirectories when errno is Errno.ENOTDIR or Errno.EEXIST => "choose another working directory with -w",
        ChangeDirectory when errno == Errno.ENOENT => "it is not there, or leads out of the container's root; choose another with -w",
        LoadFilter when errno is Errno.EINVAL or Errno.ENOSYS => "the kernel was built without seccomp filters, or something around orca refuses them",
        _ when errno == Errno.ENAMETOOLONG => "a name has at most 255 bytes, and a path 4095: choose another place with -w, -v or --tmpfs",
        _ when errno == Errno.EMFILE => HostHints.TooFewFiles,
        _ when errno == Errno.EAGAIN => HostHints.TooFewProcesses,
        _ when errno == Errno.ENOSPC => "a limit of this kind of namespace or mount is reached: see /proc/sys/user",
        _ => null,
    };

    private static string DanglingHint(Step step) => "a symbolic link of the image on that path leads nowhere" + step switch
    {
        AttachTree => "; choose another place inside",
        MakeDirectories => "; choose another working directory with -w",
        _ => string.Empty,
    };
}
