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
    private const string SharedMemory = "shm";
    private const string Proc = "proc";
    private const string Resolver = "resolve"; // the last name of SandboxSpec.ResolverMount

    /// <summary>Plans a sandbox.</summary>
    /// <exception cref="SandboxException">The spec asks for what cannot be: a mount on <c>/</c>, a command with no name.</exception>
    internal static SandboxPlan Plan(SandboxSpec spec, HostFacts host)
    {
        var steps = new List<Step>(80);
        var layout = new MountLayout(spec.Mounts, spec.TemporaryMounts, spec.Places);
        var files = new FileSteps(spec, host, layout);
        Isolate(steps, spec, host);
        HoldHostTrees(steps, spec);
        EnterRoot(steps, spec.Root, CommandSteps.Remembers(spec), isAgain: spec.HostProc);
        MakeDev(steps, spec, host, layout, files);
        steps.Add(new EnterMountPoint(Proc));
        steps.Add(spec.HostProc ? new AttachHere(Proc, "/proc") : new MountHere(Proc, "/proc", Quiet, string.Empty));
        steps.Add(new EnterMountPoint("sys"));
        MakeSys(steps, spec);
        steps.Add(new PivotRoot());
        if (!spec.Terminal && !spec.PassInput)
        {
            steps.Add(new DiscardInput()); // while /dev/null is orca's: a mount, or a link of the image under it, may put something else there
        }

        foreach (var parameter in spec.Requested.Limits.KernelParameters)
        {
            steps.Add(new SetKernelParameter(parameter)); // before /proc/sys is made read-only
        }

        var masks = new MaskSteps(spec, host, layout);
        steps.AddRange(masks.Files());
        if (masks.AreShared)
        {
            steps.AddRange(masks.Shared());
            steps.Add(new ReplaceMask(spec.Ipc == NamespaceMode.Host ? SharedMemory : null, Quiet, SharedMemoryOptions(spec)));
        }

        if (spec.Requested.Network.NoSharedMemory == true)
        {
            steps.Add(new RemoveSharedMemory());
        }

        Furnish(steps, spec, host, layout, files, masks);
        Restrict(steps, spec, masks);
        CommandSteps.Start(steps, spec, host);
        return new SandboxPlan(Namespaces(spec, host), steps);
    }

    private static NamespaceKinds Namespaces(SandboxSpec spec, HostFacts host) =>
        NamespaceKinds.Mount
        | (spec.UserNamespace == UserNamespaceMode.Host ? NamespaceKinds.None : NamespaceKinds.User)
        | (spec.Pid == NamespaceMode.Own ? NamespaceKinds.Pid : NamespaceKinds.None)
        | (host.Group is null ? NamespaceKinds.Cgroup : NamespaceKinds.None) // with a group of its own, made once that is entered
        | (spec.Uts == NamespaceMode.Own ? NamespaceKinds.Uts : NamespaceKinds.None)
        | (spec.Ipc == NamespaceMode.Own ? NamespaceKinds.Ipc : NamespaceKinds.None)
        | (spec.Network == NamespaceMode.Own ? NamespaceKinds.Network : NamespaceKinds.None);

    private static void Isolate(List<Step> steps, SandboxSpec spec, HostFacts host)
    {
        steps.Add(new BlockSignals());
        CommandSteps.Connect(steps, spec, host);
        steps.Add(new CloseDescriptors(spec.Descriptors));
        if (spec.Requested.Limits.OomScore is { } score)
        {
            steps.Add(new SetOomScore(score)); // while /proc is the host's
        }

        if (host.Group is { } group)
        {
            steps.Add(new JoinGroup(group));
        }

        if (spec.UserNamespace.HasOneId())
        {
            steps.Add(new MapIds(spec.Uid, host.Uid, spec.Gid, host.Gid));
        }
        else if (spec.UserNamespace == UserNamespaceMode.SubIds)
        {
            steps.Add(new MapRanges(host.Uid, host.Gid, host.SubIds!));
        }

        CommandSteps.GivePipes(steps, spec, host);
        steps.Add(new NewSession());
        steps.Add(new NewKeyring());
        steps.Add(new MakePrivate());
        steps.Add(new SetUmask(0)); // the modes below are meant as they stand, whatever the caller's mask
        if (spec.Network == NamespaceMode.Own)
        {
            steps.Add(new RaiseLoopback());
        }
    }

    private static void HoldHostTrees(List<Step> steps, SandboxSpec spec)
    {
        steps.Add(new CloneTree("sys", "/sys", ReadOnly: true, System: true));
        if (spec.HostProc)
        {
            steps.Add(new CloneTree(Proc, "/proc", ReadOnly: false, System: true));
        }

        if (spec.ResolverDirectory is { } resolver)
        {
            steps.Add(new CloneTree(Resolver, resolver, ReadOnly: true, System: true));
        }

        if (spec.Ipc == NamespaceMode.Host)
        {
            steps.Add(new CloneTree(SharedMemory, "/dev/shm", ReadOnly: false, System: true));
        }

        for (var i = 0; i < spec.Mounts.Count; i++)
        {
            steps.Add(new CloneTree(MountOrder.KeyOf(i), spec.Mounts[i].Source, spec.Mounts[i].ReadOnly, System: false) { Flags = MountOrder.Restrictions(spec.Mounts[i]) });
        }
    }

    private static void EnterRoot(List<Step> steps, RootFileSystem root, bool remembers, bool isAgain)
    {
        steps.Add(new EnterStore(root.Store));
        if (remembers)
        {
            steps.Add(new HoldOwners($"{root.OwnersDirectory ?? root.Directory}/{RootFileSystem.OwnersName}"));
        }

        if (root.Copy is { } copy)
        {
            steps.Add(new BindRoot(root.Directory, copy, root.IsShared));
        }
        else
        {
            var lower = root.Lower!;
            if (root.LowerStore is { } store)
            {
                steps.Add(new BindLower(lower = $"{root.Directory}/lower", $"{store}/{root.Lower}"));
            }

            var (upper, work) = (root.Upper!, root.Work!);
            if (root.Memory is { } memory)
            {
                var layer = new MountMemoryLayer(work, memory.Size, memory.Permissions);
                steps.Add(layer);
                (upper, work) = (layer.Upper, layer.Work);
            }

            steps.Add(new MountOverlay(root.Directory, string.Join(':', new[] { root.Layers.Count == 0 ? null : string.Join(':', root.Layers), root.Frame, lower, root.MountPoints }.OfType<string>()), upper, work, root.Volatile, isAgain));
        }

        steps.Add(new EnterRoot(root.Directory));
    }

    private static void MakeDev(List<Step> steps, SandboxSpec spec, HostFacts host, MountLayout layout, FileSteps files)
    {
        const string tmpfs = "tmpfs";
        steps.Add(new EnterMountPoint("dev"));
        steps.Add(new MountHere(tmpfs, "/dev", MountFlags.MS_NOSUID | MountFlags.MS_STRICTATIME, MountOrder.DevOptions(spec, layout)));
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
        steps.AddRange(files.Hold());
        steps.Add(new MountInDev("devpts", "pts", MountFlags.MS_NOSUID | MountFlags.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620" + TerminalGroup.Option(spec, host), MayLack: false));
        steps.Add(new DirectoryInDev(SharedMemory));
        steps.Add(MaskSteps.ShareOne(spec, layout) ? new MountMask() : SharedMemoryIn(spec));
        if (spec.ResolverDirectory is not null)
        {
            steps.Add(new DirectoryInDev(Resolver));
            steps.Add(new AttachInDev(Resolver, Resolver));
        }

        steps.Add(new DirectoryInDev("mqueue"));
        steps.Add(new MountInDev("mqueue", "mqueue", Quiet, string.Empty, MayLack: true));
        if (spec.Terminal)
        {
            steps.Add(new OpenTerminal(host.Terminal ?? TerminalFacts.Default));
            if (CommandSteps.IsAnotherUser(spec))
            {
                steps.Add(new GiveTerminal(spec.Uid));
            }
        }
    }

    private static string Size(long bytes) => bytes % 1024 == 0 ? Text(bytes / 1024) + "k" : Text(bytes);

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void MakeSys(List<Step> steps, SandboxSpec spec)
    {
        if (spec.Network == NamespaceMode.Host) // a sysfs of one's own needs a network of one's own
        {
            steps.Add(new AttachHere("sys", "/sys"));
            return;
        }

        steps.Add(new MountSys("sys"));
        steps.Add(new EnterMountPoint("sys"));
        steps.Add(new MountCgroups());
    }

    private static Step SharedMemoryIn(SandboxSpec spec) => spec.Ipc == NamespaceMode.Host
        ? new AttachInDev(SharedMemory, SharedMemory)
        : new MountInDev("tmpfs", SharedMemory, Quiet, SharedMemoryOptions(spec), MayLack: false);

    private static string SharedMemoryOptions(SandboxSpec spec) => $"mode=1777,size={Size(spec.Requested.Limits.SharedMemory ?? SandboxSpec.DefaultSharedMemory)}";

    private static void Furnish(List<Step> steps, SandboxSpec spec, HostFacts host, MountLayout layout, FileSteps files, MaskSteps masks)
    {
        steps.AddRange(files.InRoot());
        steps.AddRange(masks.BeforeMounts());
        steps.AddRange(MountOrder.Steps(spec, host, layout, files));
        steps.Add(new SetUmask(0b000_010_010)); // 0022
        if (spec.WorkingDirectory != "/")
        {
            steps.Add(new MakeDirectories(spec.WorkingDirectory));
        }

        steps.AddRange(masks.Seals());
        steps.AddRange(MountOrder.Seals(spec, layout));
        if (spec.ReadOnly)
        {
            steps.Add(new SealMount("/"));
        }
    }

    private static void Restrict(List<Step> steps, SandboxSpec spec, MaskSteps masks)
    {
        steps.AddRange(masks.AfterMounts());
        if (spec.Uts == NamespaceMode.Own)
        {
            steps.Add(new SetHostname(spec.Hostname));
        }

        CommandSteps.LimitFirst(steps, spec);
    }
}
