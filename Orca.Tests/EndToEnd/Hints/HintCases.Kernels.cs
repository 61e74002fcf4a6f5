namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Hints about kernels that refuse calls (Fixtures/refuse.c), about limits, about what killed processes and failing disks leave, and about races.</summary>
internal static partial class HintCases
{
    private const string Invalid = "22", Unsupported = "95"; // EINVAL, EOPNOTSUPP

    /// <summary>The limit of processes counts those of the account in this user namespace alone.</summary>
    private const string Counted = "unshare -U --map-current-user bash -c";

    private static IEnumerable<HintCase> OldKernels() =>
    [
        Refused("the kernel is older than Linux 5.12, or a seccomp filter around orca refuses the call", "open_tree=ENOSYS", "run $busybox true"),
        Refused("the kernel was built without seccomp filters, or something around orca refuses them", $"seccomp=ENOSYS prctl-seccomp={Invalid}", "run $busybox true"),
        Refused("the kernel was built without user namespaces", $"clone3=ENOSYS clone-user={Invalid} unshare={Invalid}", "run $busybox true"),
        Refused("the kernel does not take that limit", $"prlimit64={Invalid}", "run --ulimit nofile=64 $busybox true"),
        Refused("'--tmpfs-upper' needs Linux 6.6 or later, whose tmpfs keeps extended attributes; leave it out, and the changes go to the disk", $"setxattr={Unsupported}", "run --tmpfs-upper=8m $busybox true")
            with { Follow = $"refuse setxattr={Unsupported} -- orca run $busybox true" },
        new("a kernel of version 5.11 or later lets ordinary users mount overlays", "refuse mount-plain=EPERM -- orca doctor | grep -A1 '^fallback *overlay'; false")
            { Follow = "orca doctor | grep '^works *overlay' && refuse mount-plain=EPERM -- orca run $busybox true", After = "true" },
    ];

    private static IEnumerable<HintCase> Narrow() =>
    [
        new("you may have no more processes; end some, or raise the limit as far as you may: ulimit -u hard", $"{Counted} 'ulimit -Su 2; exec orca run $busybox true'")
            { Follow = $"{Counted} \"ulimit -Su 2; $1; exec orca run $busybox true\"", After = "true" },
        new("you may have no more processes, or no memory for them: end some, or raise the limits that 'ulimit -a' shows: ulimit -u hard && ulimit -v hard && ulimit -d hard", $"{Counted} 'ulimit -Su 6; exec orca --root ./s pull -q localhost:5000/busybox:none'")
            { Follow = $"{Counted} \"ulimit -Su 6; $1; exec orca --root ./n1 pull -q $busybox\"", After = "true" },
        new("raise it as far as you may: ulimit -v hard", "bash -c 'ulimit -Sv 1000000; exec orca --root ./n2 pull -q $busybox'")
            { Follow = "bash -c \"ulimit -Sv 1000000; $1; exec orca --root ./n2 pull -q $busybox\"", After = "true" },
        new("raise the limit as far as you may: ulimit -f $(ulimit -Hf)", "ulimit -Sf 10; orca --root ./n3 pull -q $busybox")
            { Follow = "ulimit -Sf 10; eval \"$1\"; orca --root ./n3 pull -q $busybox", After = "true" },
        new("raise the limit as far as you may: ulimit -f $(ulimit -Hf)", "ulimit -Sf 5; orca run $busybox true")
            { Follow = "ulimit -Sf 5; eval \"$1\"; orca run $busybox true", After = "true" },
        new("a name has at most 255 bytes, and a path 4095: choose another place with -w, -v or --tmpfs", "orca run narrow:1 true")
        {
            Before = "mkdir -p narrow/bin && cp /bin/busybox narrow/bin/true && orca import -q --change \"WORKDIR /$(printf %300s | tr ' ' n)\" narrow narrow:1 --replace", Follow = "orca run -w / narrow:1 true", After = "true",
        },
        new("for example '--{} NET_ADMIN', or ALL", "orca run --cap-add '' $busybox true") { Follow = "orca run $2 $busybox true", After = "true" },
    ];

    private static IEnumerable<HintCase> Remains() =>
    [
        new("'orca rm {}' deletes what is left of it", "orca run --name lost $busybox true") { Before = "orca run --name lost $busybox true && rm -rf .local/share/orca/containers/lost/upper", After = "orca run --name lost $busybox true && orca rm lost" },
        new("orca rm {} # deletes what is left of it", "orca --root ./w1 system check") { Before = "orca --root ./w1 run --name lost $busybox true && rm -rf w1/containers/lost/upper" },
        new("orca snapshot rm {} {} # forgets it", "orca --root ./wu system check")
            { Before = "orca --root ./wu create --name lost $busybox true && orca --root ./wu snapshot lost && orca --root ./wu restore lost 0; rm -rf wu/layers/$(sed -n 's/^snapshot 1 .* \\([0-9a-f]*\\) $/\\1/p' wu/containers/lost/layers)" },
        new("orca rm {} # deletes it with its changes", "orca --root ./w2 system check") { Before = "orca --root ./w2 run --name lost $busybox true && echo x > w2/containers/lost/record.json" },
        new("orca rm {} # deletes what is in its place", "orca --root ./w3 system check") { Before = "orca --root ./w3 pull -q $busybox && echo x > w3/containers/lost" },
        new("orca system prune", "orca --root ./w4 system check") { Before = "orca --root ./w4 run $busybox true && rm -rf w4/spares/0 && touch w4/spares/0" },
        new("orca system prune # makes it again, and keeps all images", "orca --root ./w5 system check")
            { Before = "orca --root ./w5 pull -q $busybox && rm -r w5/refs", After = "orca --root ./w5 images -q | grep sha256 && orca --root ./w5 pull -q $busybox" },
        new("'orca system check' says what is damaged, and what repairs it", "orca --root ./w6 rmi $(cat digest)")
            { Before = "orca --root ./w6 pull -q $busybox > digest && chmod 0 w6/refs", Follow = "eval \"$(eval \"$2\" | sed -n 's/^repair: //p' | head -n 1)\"" },
        new("enter it with 'orca run --name {}', or choose another name", """
            for round in $(seq 100); do
              orca rm race 2>/dev/null
              for i in 1 2 3 4 5 6; do orca run --name race $busybox true 2>race.$i & done
              wait
              ! grep -h 'hint: enter' race.? || exit 1
            done
            """) { Follow = "eval \"$1 < /dev/null\"", After = "orca run --name race $busybox true && orca rm race" },
    ];

    /// <summary>What another kernel, or fewer restrictions, let pass.</summary>
    private static HintCase Refused(string hint, string calls, string line) => new(hint, $"refuse {calls} -- orca {line}") { Follow = $"orca {line}", After = "true" };
}
