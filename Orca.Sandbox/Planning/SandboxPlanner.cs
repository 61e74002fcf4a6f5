using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>Turns what a sandbox is to be into the steps that make it. Pure: the same spec and facts give the same plan.</summary>
/// <remarks>
/// The order is the safety: host paths are resolved while the host is still there (CloneTree, BindDevice), then the root is
/// exchanged and the old one is gone, and only then are paths that the image controls resolved - by the kernel, inside the new root,
/// where every link and every '..' ends. In between, /dev, /proc and /sys of the image are entered as directories, never through links.
/// </remarks>
internal static class SandboxPlanner
{
    private const MountFlags Quiet = MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;

    /// <summary>Plans a sandbox.</summary>
    /// <exception cref="SandboxException">The spec asks for what cannot be: a mount on <c>/</c>, a command with no name.</exception>
    internal static SandboxPlan Plan(SandboxSpec spec, HostFacts host)
    {
        const NamespaceKinds namespaces = NamespaceKinds.User | NamespaceKinds.Mount | NamespaceKinds.Pid | NamespaceKinds.Uts
            | NamespaceKinds.Ipc | NamespaceKinds.Cgroup;
        var steps = new List<Step>(80);
        Isolate(steps, spec, host);
        HoldHostTrees(steps, spec);
        EnterRoot(steps, spec.Root);
        MakeDev(steps, spec, host);
        steps.Add(new EnterMountPoint("proc"));
        steps.Add(new MountHere("proc", "/proc", Quiet, string.Empty));
        steps.Add(new EnterMountPoint("sys"));
        steps.Add(new AttachHere("sys", "/sys"));
        steps.Add(new PivotRoot());
        Furnish(steps, spec, host);
        Restrict(steps, spec, host);
        Start(steps, spec);
        return new SandboxPlan(namespaces, steps);
    }

    private static void Isolate(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        steps.Add(new BlockSignals());
        steps.Add(new CloseDescriptors(KeepParent: true));
        steps.Add(new MapIds(spec.Uid, host.Uid, spec.Gid, host.Gid));
        steps.Add(new HideProcess());
        steps.Add(new NewSession());
        steps.Add(new NewKeyring());
        steps.Add(new MakePrivate());
        steps.Add(new SetUmask(0)); // the modes below are meant as they stand, whatever the caller's mask
    }

    private static void HoldHostTrees(List<Step> steps, SandboxSpec spec)
    {
        steps.Add(new CloneTree("sys", "/sys", ReadOnly: true, System: true));
        for (var i = 0; i < spec.Mounts.Count; i++)
        {
            steps.Add(new CloneTree(KeyOf(i), spec.Mounts[i].Source, spec.Mounts[i].ReadOnly, System: false));
        }
    }

    private static void EnterRoot(List<Step> steps, RootFileSystem root)
    {
        steps.Add(new EnterStore(root.Store));
        steps.Add(root.Copy is { } copy
            ? new BindRoot(root.Directory, copy)
            : new MountOverlay(root.Directory, root.MountPoints is { } below ? $"{root.Lower}:{below}" : root.Lower!, root.Upper!, root.Work!, root.Volatile));
        steps.Add(new EnterRoot(root.Directory));
    }

    private static void MakeDev(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        const string tmpfs = "tmpfs";
        steps.Add(new EnterMountPoint("dev"));
        steps.Add(new MountHere(tmpfs, "/dev", MountFlags.MS_NOSUID | MountFlags.MS_STRICTATIME, "mode=755,size=65536k"));
        steps.Add(new EnterMountPoint("dev"));
        foreach (var device in host.Devices)
        {
            steps.Add(new BindDevice(device));
        }

        foreach (var (name, target) in DefaultSandbox.DeviceLinks)
        {
            steps.Add(new LinkInDev(name, target));
        }

        // The files lie in /dev/pts, where devpts covers them: nobody can list, open or remove them there.
        steps.Add(new DirectoryInDev("pts"));
        foreach (var file in spec.Files)
        {
            steps.Add(new HoldFile(KeyOf(file), file.Content));
        }

        steps.Add(new MountInDev("devpts", "pts", MountFlags.MS_NOSUID | MountFlags.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620", MayLack: false));
        steps.Add(new DirectoryInDev("shm"));
        steps.Add(new MountInDev(tmpfs, "shm", Quiet, "mode=1777,size=65536k", MayLack: false));
        steps.Add(new DirectoryInDev("mqueue"));
        steps.Add(new MountInDev("mqueue", "mqueue", Quiet, string.Empty, MayLack: true));
        if (spec.Terminal)
        {
            steps.Add(new OpenTerminal(host.Terminal ?? new TerminalFacts(24, 80, default)));
        }
    }

    private static void Furnish(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        foreach (var file in spec.Files)
        {
            steps.Add(new AttachFile(KeyOf(file), file.Path));
        }

        for (var i = 0; i < spec.Mounts.Count; i++)
        {
            steps.Add(new AttachTree(KeyOf(i), MountTarget(spec.Mounts[i].Destination), host.SourceIsDirectory[i]));
        }

        steps.Add(new SetUmask(0b000_010_010)); // 0022
        if (spec.WorkingDirectory != "/")
        {
            steps.Add(new MakeDirectories(spec.WorkingDirectory));
        }
    }

    private static void Restrict(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        foreach (var path in DefaultSandbox.ReadOnlyPaths)
        {
            steps.Add(new ReadOnlyPath(path));
        }

        foreach (var path in DefaultSandbox.MaskedFiles)
        {
            steps.Add(new MaskFile(path));
        }

        foreach (var path in DefaultSandbox.MaskedDirectories)
        {
            steps.Add(new MaskDirectory(path));
        }

        foreach (var path in host.ThermalThrottle)
        {
            steps.Add(new MaskDirectory(path));
        }

        steps.Add(new SetHostname(spec.Hostname));
        steps.Add(new LimitCapabilities(spec.Uid == 0 ? CapabilitySet.Default : default));
        steps.Add(new NoNewPrivileges());
    }

    private static void Start(List<Step> steps, SandboxSpec spec)
    {
        steps.Add(new StartCommand());
        steps.Add(new NewSession());
        if (spec.Terminal)
        {
            steps.Add(new AttachTerminal());
        }
        else if (!spec.PassInput)
        {
            steps.Add(new DiscardInput());
        }

        steps.Add(new CloseDescriptors(KeepParent: false));
        steps.Add(new ChangeDirectory(spec.WorkingDirectory));
        steps.Add(new UnblockSignals());
        steps.Add(new Execute(CommandLookup.Candidates(spec.Arguments, spec.Env), spec.Arguments, spec.Env));
    }

    private static string KeyOf(int mount) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"volume {mount + 1}");

    private static string KeyOf(GeneratedFile file) => file.Path[(file.Path.LastIndexOf('/') + 1)..];

    /// <summary>The path with '.', '..' and doubled slashes gone, as Docker cleans it; links in it are resolved later, inside the root.</summary>
    /// <exception cref="SandboxException">It is relative, <c>/</c>, or lies in /proc.</exception>
    private static string MountTarget(string destination)
    {
        if (!destination.StartsWith('/'))
        {
            throw new SandboxException($"cannot mount on '{Quoted.Text(destination)}': it is not an absolute path");
        }

        var clean = CleanPath.Of(destination);
        if (clean == "/")
        {
            throw new SandboxException("cannot mount on '/': that is the container's root");
        }

        if ((clean == "/proc" || clean.StartsWith("/proc/", StringComparison.Ordinal)) && !DefaultSandbox.MountableInProc.Contains(clean))
        {
            throw new SandboxException($"cannot mount on '{Quoted.Text(clean)}': nothing may cover /proc");
        }

        return clean;
    }
}
