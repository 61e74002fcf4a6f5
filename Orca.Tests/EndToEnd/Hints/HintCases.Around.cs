namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Hints about what is around orca: another container, limits of namespaces, settings of the kernel, a chroot.</summary>
/// <remarks>
/// A user namespace of the account stands for the machine: it may set limits there, cover files of /proc and enter another root. A filter of system calls
/// (Fixtures/refuse.c) stands for the restriction; to lift it is to leave the filter out.
/// </remarks>
internal static partial class HintCases
{
    private const string Restricted = "refuse clone3=ENOSYS clone-user=EPERM unshare=EPERM --";

    /// <summary>Makes the tree /mnt/tree of all that the root has, but for what marks a container.</summary>
    private const string Tree = "mount -t tmpfs none /mnt && mkdir /mnt/tree && for name in /*; do case $name in /mnt|/run) continue;; esac; "
        + "if [ -L $name ]; then cp -P $name /mnt/tree; elif [ -d $name ]; then mkdir /mnt/tree$name && mount --rbind $name /mnt/tree$name; fi; done; mkdir /mnt/tree/run /mnt/tree/mnt";

    /// <summary>A person types the line in a shell where he is root: there is no sudo.</summary>
    private const string Administrator = "sudo() { \"$@\"; }; mount -t tmpfs none /etc/sysctl.d; eval \"${hint##*: }\" > /dev/null 2>&1; cat /etc/sysctl.d/60-orca.conf";

    private static IEnumerable<HintCase> OuterContainers() =>
    [
        Contained("the {} container around orca forbids it, most likely by its seccomp filter; {}", "touch .dockerenv"),
        Contained("start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined", "touch .dockerenv"),
        Contained("start it with --security-opt seccomp=unconfined --security-opt unmask=ALL", "touch run/.containerenv"),
        Contained("a flatpak may not make namespaces; run orca outside of it: flatpak-spawn --host orca", "touch .flatpak-info"),
        Contained("allow nesting in it: security.nesting=true", Marked("lxc")),
        Contained("start it with --private-users=pick and SYSTEMD_SECCOMP=0", Marked("systemd-nspawn")),
        Contained("give it fewer restrictions", Marked("jail")),
        Contained("something around orca forbids user namespaces: a seccomp filter, systemd's RestrictNamespaces=, or a security module", "true"),
        new("this is a chroot, and the kernel makes no user namespaces in one; run orca outside, or enter the tree with pivot_root (as 'unshare -m', 'bwrap' or 'systemd-nspawn' do)",
            $"unshare -Urm sh -c '{Tree}; exec chroot /mnt/tree orca run $busybox true'") { Follow = Pivoted("true", "orca run $busybox true"), After = "true" },
        MaskedProc("the host masks part of /proc, as an unprivileged container does; "),
        MaskedProc("give the outer container an unmasked /proc"),
        new("say where to keep images with --root or ORCA_ROOT", Outer("mount -t tmpfs none /etc; unset HOME; orca images"))
            { Follow = Outer("mount -t tmpfs none /etc; unset HOME; ORCA_ROOT=$PWD/e12 orca images && orca --root ./e12 images"), After = "true" },
        new("the container has something else in the place of its terminals: leave out '-t'", "orca exec -t covered true")
            { Before = "orca run -d --name covered --tmpfs /dev/pts $busybox sleep 100", Follow = "orca exec covered true", After = "orca rm -f covered" },
    ];

    private static IEnumerable<HintCase> Settings() =>
    [
        Limited("max_user_namespaces"),
        Limited("max_mnt_namespaces"),
        new("the limit of namespaces is reached, or they are nested too deep (32 levels at most): see /proc/sys/user", Outer(Full("max_user_namespaces", "-U")))
            { Follow = $"test -d ${{hint##* }} && {Outer("echo 100 > /proc/sys/user/max_user_namespaces; orca run $busybox true")}", After = "true" },
        new("a limit of this kind of namespace or mount is reached: see /proc/sys/user", Outer("echo 2 > /proc/sys/user/max_mnt_namespaces; orca run $busybox true"))
            { Follow = $"test -d ${{hint##* }} && {Outer("echo 100 > /proc/sys/user/max_mnt_namespaces; orca run $busybox true")}", After = "true" },
        new("user namespaces are switched off; an administrator can allow them: {}", Outer($"{Kernel("unprivileged_userns_clone", 0)}; {Restricted} orca run $busybox true"))
            { Follow = $"{Outer($"{Kernel("unprivileged_userns_clone", 0)}; {Administrator}")} | grep kernel.unprivileged_userns_clone=1", After = Outer($"{Kernel("unprivileged_userns_clone", 1)}; orca run $busybox true") },
        new("AppArmor lets only programs with a profile use user namespaces; an administrator can give orca one: ", Outer($"{Kernel("apparmor_restrict_unprivileged_userns", 1)}; {Restricted} orca run $busybox true"))
        {
            // What loads the profile is not on every machine; what it is given is looked at.
            Follow = Outer("sudo() { \"$@\"; }; apparmor_parser() { grep -q userns $2; }; mount -t tmpfs none /etc; mkdir /etc/apparmor.d; eval \"${hint##*: }\""),
            After = Outer($"{Kernel("apparmor_restrict_unprivileged_userns", 1)}; orca run $busybox true"),
        },
    ];

    private static IEnumerable<HintCase> Spaces() =>
    [
        new("free some space or files ('df -h' and 'df -i' show how many there are, 'orca prune' deletes what nothing refers to), or place the store elsewhere with --root or ORCA_ROOT",
            Mounted("-t tmpfs -o size=50m none", "orca --root /mnt/s doctor | grep -A1 \"fallback *space:\"; false")) { Follow = "eval \"$2\" && eval \"$3\" && orca prune && orca --root ./e9 images", After = "true" },
        new("free some space ('quota -s' tells how much), or place the store elsewhere with --root or ORCA_ROOT; what was fetched from a registry is kept", $"{Failing("pwrite64", "EDQUOT")} orca --root ./quota pull -q $busybox")
            { Follow = "orca --root ./e10 pull -q $busybox && orca --root ./quota pull -q $busybox", After = "orca --root ./quota run $busybox true" },
        new("place the store on a local disk with --root or ORCA_ROOT", $"{Failing("flock", "ENOLCK")} orca --root ./far pull -q $busybox") { Before = "orca --root ./far pull -q $busybox", Follow = "orca --root ./e11 pull -q $busybox", After = "orca --root ./e11 run $busybox true" },
        new("the file system there is full: give it more room (size=, nr_inodes=), or make the place first", "orca run --tmpfs /t:nr_inodes=2 -v .:/t/a/b/c/d $busybox true")
            { Follow = "orca run --tmpfs /t:nr_inodes=20 -v .:/t/a/b/c/d $busybox true", After = "true" },
    ];

    private static HintCase Contained(string hint, string mark) => new(hint, Pivoted(mark, $"{Restricted} orca run $busybox true")) { Follow = Pivoted(mark, "orca run $busybox true"), After = "true" };

    private static HintCase MaskedProc(string hint) => new(hint, Pivoted("true", "sh -c \"mount -t tmpfs none /proc/fs; orca doctor | grep -A1 proc:; false\""))
    { Follow = Pivoted("true", "sh -c \"orca doctor | grep works.*proc:\""), After = "true" };

    private static HintCase Limited(string limit) => new("new {} namespaces are switched off; an administrator can allow them: {}", Outer($"echo 0 > /proc/sys/user/{limit}; orca run $busybox true"))
    { Follow = Outer($"echo 0 > /proc/sys/user/{limit}; {Administrator}; orca run $busybox true"), After = "true" };

    private static string Marked(string container) => $"mkdir run/systemd && echo {container} > run/systemd/container";

    /// <summary>Enters the tree as its root, with a mark in it.</summary>
    private static string Pivoted(string mark, string line) =>
        $"unshare -Urm sh -c '{Tree}; mount --rbind /mnt/tree /mnt/tree && cd /mnt/tree && mkdir old && {mark}; pivot_root . old && umount -l old && cd ~ && exec {line}'";

    private static string Outer(string line) => $"hint=\"$hint\" unshare -Urm sh -c '{line}'";

    /// <summary>Lets one more namespace be made than there are, and makes it.</summary>
    private static string Full(string limit, string kind) => $"echo 1 > /proc/sys/user/{limit}; unshare {kind} sleep 3 & sleep 1; orca run $busybox true";

    /// <summary>Shows a setting that this kernel may not have.</summary>
    private static string Kernel(string name, int value) => $"mount -t tmpfs none /proc/sys/kernel && echo {value} > /proc/sys/kernel/{name}";

    private static string Failing(string call, string error) => $"strace -f -qq -o /dev/null -e trace={call} -e inject={call}:error={error}";
}
