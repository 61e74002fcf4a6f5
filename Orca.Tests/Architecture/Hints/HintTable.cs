namespace Orca.Tests.Architecture.Hints;

/// <summary>Why the tests do not follow a hint as an ordinary user on any machine.</summary>
public enum HintReason
{
    /// <summary>It is only ever filled into another hint.</summary>
    Part,

    /// <summary>An administrator must do it.</summary>
    Administrator,

    /// <summary>It needs another kernel, one built in another way, or a filter that the kernel has from outside.</summary>
    Kernel,

    /// <summary>It needs another system around orca, other hardware, or another account.</summary>
    Host,

    /// <summary>It needs another file system, or quotas.</summary>
    Disk,

    /// <summary>It needs a server or network that answers in a certain way; tests of Registry/Remote script them.</summary>
    Server,

    /// <summary>It needs another program in the image; ProgramCheckTests and BoardChecks have them.</summary>
    Program,

    /// <summary>It needs a file that the programs of this machine do not write.</summary>
    Format,

    /// <summary>Only a program that uses the library can come there.</summary>
    Library,

    /// <summary>It takes a race, a bug, or what a killed process left.</summary>
    Chance,
}

/// <summary>The hints that EndToEnd/Hints does not follow, each with the reason.</summary>
internal static class HintTable
{
    /// <summary>Options of other programs that hints name.</summary>
    public static readonly string[] ForeignOptions =
        ["--user", "--scope", "--private-users", "--add-subuids", "--add-subgids", "--reinstall", "--long", "--host", "--system", "--help"];

    /// <summary>Hints of the program before its runtime runs; LimitTests and BuildTests provoke them.</summary>
    public static readonly IReadOnlyDictionary<string, string> BeforeTheRuntime = new Dictionary<string, string>
    {
        ["orca needs no rights of its own; take them away with 'chmod a-s' or 'setcap -r'"] = "chmod(1) and setcap(8)",
        ["raise it with 'ulimit -s 8192'"] = "MachineHintTests",
        ["raise it with 'ulimit -v unlimited'"] = "MachineHintTests",
        ["'ulimit -a' shows what you may have"] = "MachineHintTests",
    };

    /// <summary>What a hint must speak of for its reason to be right.</summary>
    public static readonly IReadOnlyDictionary<HintReason, string> Words = new Dictionary<HintReason, string>
    {
        [HintReason.Administrator] = "sudo |administrator|root can|/etc/subuid|newuidmap|another user's store|only for --userns=subids",
        [HintReason.Kernel] = "kernel|Linux [0-9]|systemd\\.unified_cgroup_hierarchy|policy of system calls",
        [HintReason.Host] = "container|systemd-run|--userns=host|graphics device|devices one by one",
        [HintReason.Disk] = "quota|need room|tmpfs does not|compressed layers|tells them apart|read-only|may not read that path",
        [HintReason.Program] = "image|kind of machine|--platform",
        [HintReason.Format] = "compress it|unpack it|Docker of version|orca load$",
    };

    /// <summary>The sources of hints whose reason no word shows.</summary>
    public static readonly IReadOnlyDictionary<HintReason, string> Files = new Dictionary<HintReason, string>
    {
        [HintReason.Server] = "^Orca.Registry/(Remote|Pushing)/",
        [HintReason.Library] = "^Orca.(Registry/Archives|Core/Sandbox)/",
        [HintReason.Chance] = "^Orca.(Core/Linux|Registry/Store|Sandbox/Diagnosis|Cli/Hello|Cli/Output)/",
    };

    /// <summary>By text, with <c>{}</c> for what is filled in.</summary>
    public static readonly IReadOnlyDictionary<string, HintReason> Stated = new Dictionary<string, HintReason>(
    [
        .. With(
            HintReason.Part,
            [
                " (at {} UTC)",
                " (on {})",
                ", or log in with 'orca login {}'",
                "-u {}",
                "-u {}:{}",
                "/etc/apparmor.d/orca",
                "/etc/nsswitch.conf",
                "/etc/subgid",
                "/etc/subuid",
                "; choose another place inside",
                "; choose another working directory with -w",
                "CONTAINERS_REGISTRIES_CONF",
                "a symbolic link of the image on that path leads nowhere",
                "cgroup_disable={}",
                "come back in {}{}",
                "come back later",
                "containers",
                "https://index.docker.io/v1/",
                "it allows {} pulls in {}: come back later",
                "orca run --name NAME IMAGE",
                "orca run --name NAME IMAGE COMMAND",
                "orca store ",
                "{} days",
                "{} hours",
                "{} minutes",
                "{} seconds",
            ]),
        .. With(
            HintReason.Administrator,
            [
                "'{}' comes from a directory service, so an administrator adds the line '{}:{}:{}' to {} and {}, or sets 'subid: sss' in {}",
                "echo {} | sudo tee /etc/sysctl.d/60-orca.conf && sudo sysctl --system",
                "if it belongs to sub-ids of yours, 'orca doctor' says what they lack; root can delete what is left in '{}' of the store",
                "in another user's store it is closed to others: pull the image into a store of your own",
                "install it: 'sudo apt-get install uidmap' (Debian, Ubuntu), 'sudo dnf install shadow-utils' (Fedora, RHEL)",
                "root can delete it: {}",
                "let an administrator give '{}' sub-ids there, or say 'subid: files'",
                "orca doctor --apparmor-profile | sudo tee {} && sudo apparmor_parser -r {}",
                "see newuidmap(1); without '--userns=subids' nothing of this is needed",
                "only for --userns=subids: {}",
                "set it: 'sudo timedatectl set-ntp true', or 'sudo date -s ...'",
                "start it in a group of your own: systemd-run --user --scope -p Delegate=yes orca run ...; else an administrator must delegate one",
                "the kernel lets groups of a range ping, and yours is not in it; an administrator can allow all: {}",
                "sudo modprobe fuse",
                "sudo modprobe overlay",
                "sudo usermod --add-subuids {}-{} --add-subgids {}-{} {}",
                "the host forbids programs in memory; an administrator can allow them: sysctl vm.memfd_noexec=0",
                "the program finds no such range for this user: /etc/subuid and /etc/subgid must name them, and the group be the one of /etc/passwd (a shell of 'newgrp' or 'sg' has another)",
                "the program has lost what lets it write maps, or something around orca takes it away: put it back with 'sudo apt-get install --reinstall uidmap' or 'sudo dnf reinstall shadow-utils'",
            ]),
        .. With(
            HintReason.Kernel,
            [
                "boot with systemd.unified_cgroup_hierarchy=1",
                "the kernel does not count swap",
                "the kernel has it switched off: add 'cgroup_enable=memory' to the one line of /boot/firmware/cmdline.txt (in older systems /boot/cmdline.txt), and reboot",
                "the kernel has it switched off: take '{}' off the kernel's command line, and reboot ('cgroup_enable' is known only to the kernel of the Raspberry Pi foundation)",
                "the kernel was built without it, or another hierarchy of control groups has it: see /proc/cgroups",
                "the policy of system calls must allow setgroups, setresuid, setresgid, prctl and capset, or the command cannot become its user",
            ]),
        .. With(
            HintReason.Host,
            [
                "another user than the container's own needs the /proc of this very system: start it outside of the container around orca",
                "another user than the container's own needs a user namespace inside another, which this host refuses; leave out '-u' in the container around orca",
                "the container is limited as a whole, and its group can be entered from the session that has started it; else: systemd-run --user --scope -p Delegate=yes orca exec ...",
                "join the container from where it was started",
                "only the user whose container it is, and root, can join it",
                "thaw the container: echo 0 > {}/cgroup.freeze",
                "around the whole run: 'systemd-run --user --scope -p NAME=VALUE orca run IMAGE', see systemd.resource-control(5)",
                "leave '--userns=host' out: in a user namespace of its own, the container can have them",
                "leave the option out: this machine has no graphics device (/dev/dri, /dev/kfd, /dev/nvidia0)",
                "pass the devices one by one: {}",
                "start orca in a scope of its own: systemd-run --user --scope -p Delegate=yes orca run ...",
                "an archive of the container has their owners: orca export {} | orca import - {}",
                "the container has no such id: it has 65536, and what sub-ids add",
            ]),
        .. With(
            HintReason.Disk,
            [
                "'orca pull --no-resume' writes no compressed layers to it, 'orca run --tmpfs-upper' no changes of a container",
                "the container's own files need room in /dev: give '--tmpfs /dev' more, or leave its size= and nr_inodes= out",
                "the size of '--tmpfs-upper' is one that tmpfs does not take",
                "place the store on a file system that tells them apart with --root or ORCA_ROOT",
                "the disk quota is used up; free some space, or write to another file system (--root or ORCA_ROOT says where the store is)",
                "the image lacks this place, and cannot be changed where it is run read-only: free some space for a copy of it",
                "this place is missing, and cannot be made in what is read-only or the kernel's own: choose one that is there, or make it first",
                "you may not read that path on the host",
            ]),
        .. With(
            HintReason.Server,
            [
                "the registry keeps what is whole: the same push goes on with the rest",
            ]),
        .. With(
            HintReason.Program,
            [
                "it was built for another kind of machine, or is a script without a '#!' line",
                "a symbolic link of the image leads from there into /proc, or in a circle; choose another place inside",
                "the image has a directory where a file must be",
                "use another tag or --platform, built for larger pages, or boot a kernel with pages of 4 KB",
                "use another tag or --platform, built for larger pages, or boot a kernel with pages of 4 KB: on a Raspberry Pi 5 'kernel=kernel8.img' in config.txt",
            ]),
        .. With(
            HintReason.Format,
            [
                "compress it again as one: bzip2 -dc FILE | bzip2 > NEW",
                "let {} write it: {} | orca load",
                "load it into a Docker of version 1.10 to 28, and save it there",
                "unpack it first with '{} -dc'",
            ]),
        .. With(
            HintReason.Library,
            [
                "'orca export' can; a program of one's own runs itself with ISubIdProgram",
                "give one after the image: 'orca run IMAGE COMMAND'",
            ]),
        .. With(
            HintReason.Chance,
            [
                "delete what is left in '{}' of the store by hand",
                "end its process by hand, then remove it with 'orca rm'",
                "nothing but this run's own files is in it; delete it by hand: {}",
                "run it again with --debug and report what it prints; this is a bug in orca",
                "run the command again",
            ]),
    ]);

    /// <summary>The rows as cases of a test.</summary>
    public static IEnumerable<object[]> Rows => Stated.Select(static row => (object[])[row.Key, row.Value]);

    private static IEnumerable<KeyValuePair<string, HintReason>> With(HintReason reason, IEnumerable<string> hints) => hints.Select(hint => KeyValuePair.Create(hint, reason));
}
