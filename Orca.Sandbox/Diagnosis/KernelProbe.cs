using System.Net.Sockets;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Sandbox.Launch;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Diagnosis;

/// <summary>Tries what containers ask the kernel for, each thing in namespaces of its own.</summary>
internal sealed class KernelProbe : IHostProbe
{
    private const MountFlags Quiet = MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;
    private const string Dev = "/dev"; // a directory that every system has, to mount on; only the trial sees it
    private static readonly MakePrivate s_private = new();
    private static readonly Step[] s_scratch = [s_private, new EnterStore(Dev), new MountHere("tmpfs", Dev, Quiet, "mode=755"), new EnterStore(Dev)];

    /// <inheritdoc/>
    public IEnumerable<HostFinding> Examine(CancellationToken cancellationToken)
    {
        var user = KernelTrial.Run(NamespaceKinds.User);
        yield return Finding("user namespaces", user, "made without root");
        if (!user.Works)
        {
            yield break; // all else stands on them
        }

        yield return Finding(
            "capabilities in them", KernelTrial.Run(NamespaceKinds.Mount | NamespaceKinds.Uts, s_private, new SetHostname("orca")), "may mount and set the host name");
        foreach (var finding in OtherNamespaces())
        {
            yield return finding;
        }

        yield return Finding("mounts", KernelTrial.Run(NamespaceKinds.Mount, [.. s_scratch, new CloneTree("sys", "/sys", ReadOnly: true, System: true)]), "tmpfs, and copies of mounts");
        yield return Overlay();
        yield return Proc();
        yield return Finding(
            "terminals", KernelTrial.Run(NamespaceKinds.Mount, [.. s_scratch, new DirectoryInDev("pts"), new MountInDev("devpts", "pts", MountFlags.MS_NOSUID | MountFlags.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620", MayLack: false)]),
            HostTerminal.IsTerminal(0) ? "devpts, and standard input is one" : "devpts; standard input is none here");
        yield return Finding("seccomp", KernelTrial.Run(NamespaceKinds.User, new NoNewPrivileges(), new LoadOpenFilter(Notification: false)), "filters can be loaded");
        yield return Finding(
            "seccomp notification", KernelTrial.Run(NamespaceKinds.User, new NoNewPrivileges(), new LoadOpenFilter(Notification: true)), "filters can ask",
            "calls that a filter alone cannot decide are decided by it alone");
        yield return SubIdProbe.Examine();
        yield return CgroupProbe.Examine();
        yield return Fuse();
        yield return Ping();
    }

    private static HostFinding Finding(string subject, TrialResult trial, string detail, string? otherwise = null) => trial.Works
        ? new HostFinding(subject, HostVerdict.Works, detail)
        : new HostFinding(subject, otherwise is null ? HostVerdict.Fails : HostVerdict.Fallback, otherwise is null ? trial.Cause : $"{trial.Cause}; {otherwise}") { Cure = trial.Cure };

    /// <summary>One by one, so that the one that is refused has a name.</summary>
    private static IEnumerable<HostFinding> OtherNamespaces()
    {
        NamespaceKinds[] needed = [NamespaceKinds.Mount, NamespaceKinds.Pid, NamespaceKinds.Uts, NamespaceKinds.Ipc, NamespaceKinds.Cgroup];
        var works = new List<string>();
        foreach (var kind in needed)
        {
            var name = kind.ToString().ToLowerInvariant();
            var trial = KernelTrial.Run(kind);
            if (trial.Works)
            {
                works.Add(name);
            }
            else
            {
                yield return Finding($"{name} namespaces", trial, string.Empty);
            }
        }

        yield return new HostFinding("other namespaces", HostVerdict.Works, string.Join(", ", works));
        yield return Finding("network namespaces", KernelTrial.Run(NamespaceKinds.Network), "for --network none", "'--network none' cannot be had");
    }

    private static HostFinding Overlay()
    {
        var trial = KernelTrial.Run(
            NamespaceKinds.Mount,
            [.. s_scratch, new DirectoryInDev("lower"), new DirectoryInDev("upper"), new DirectoryInDev("work"), new DirectoryInDev("root"), new MountOverlay("root", "lower", "upper", "work", Volatile: true)]);
        return trial.Works ? new HostFinding("overlay", HostVerdict.Works, "mounted with userxattr")
            : new HostFinding("overlay", HostVerdict.Fallback, $"{trial.Cause}; each container runs on a copy of its image")
            {
                Cure = trial.Errno == Errno.ENODEV ? "sudo modprobe overlay" : trial.Cure ?? "a kernel of version 5.11 or later lets ordinary users mount overlays",
            };
    }

    private static HostFinding Proc()
    {
        const NamespaceKinds kinds = NamespaceKinds.Mount | NamespaceKinds.Pid;
        var trial = KernelTrial.Run(kinds, s_private, new EnterStore("/proc"), new MountHere("proc", "/proc", Quiet, string.Empty));
        if (trial.Works)
        {
            return new HostFinding("proc", HostVerdict.Works, "mounted anew");
        }

        var bound = KernelTrial.Run(kinds, s_private, new CloneTree("proc", "/proc", ReadOnly: false, System: true));
        return bound.Works
            ? new HostFinding("proc", HostVerdict.Fallback, $"{trial.Cause}; containers see the /proc around orca") { Cure = trial.Cure }
            : Finding("proc", trial, string.Empty);
    }

    /// <summary>A container has the caller's group, and ping(8) the socket that the kernel gives to groups of a range (icmp(7), ping_group_range).</summary>
    private static HostFinding Ping()
    {
        const string subject = "ping";
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Icmp);
            return new HostFinding(subject, HostVerdict.Works, "without capabilities, where ping takes such sockets");
        }
        catch (SocketException refusal)
        {
            return new HostFinding(subject, HostVerdict.Fallback, $"socket for ICMP: {refusal.SocketErrorCode}; 'ping' in a container on the host's network cannot work") { Cure = HostHints.OfPing() };
        }
    }

    private static HostFinding Fuse()
    {
        const string subject = "fuse";
        var error = FileSystem.TryOpen(null, PathZ.OfTerminated("/dev/fuse\0"u8), Tmds.Linux.LibC.O_RDWR, out var device);
        using (device)
        {
            return error == Errno.None
                ? new HostFinding(subject, HostVerdict.Works, "/dev/fuse opens; orca needs it for nothing, programs in containers may ('--device /dev/fuse')")
                : new HostFinding(subject, HostVerdict.Fallback, $"open /dev/fuse: {error.Describe()}; orca does not need it")
                {
                    Cure = error == Errno.ENOENT ? "sudo modprobe fuse" : null,
                };
        }
    }
}
