namespace Orca.Sandbox.Seccomp;

/// <summary>Root without root: what one id cannot do is answered as done, so that package managers and the like go on.</summary>
/// <remarks>
/// Where a user namespace has one id, every other owner is no owner: chown(2), setuid(2) and mknod(2) of a device fail, and with them
/// dpkg, rpm, tar and useradd. What they would have changed cannot be there; of a container that stays, the init notes it for who makes an archive of it
/// (Child/Stub/remember.c). Who asks back (getuid, stat) hears the truth. Only root is answered so: another user would be refused in any container, but for a terminal of its own that is to have the group tty.
/// What a filter cannot see or remember it asks the init about (Child/Stub/answer.h): a device's place has to be there when its times are set
/// next, and what an attribute is called stands behind a pointer.
/// </remarks>
internal static class OneIdAnswers
{
    private const ulong NoChange = 0xffffffff, NoChange16 = 0xffff; // (uid_t)-1, and as the 16-bit calls of old ABIs have it
    private const ulong TypeBits = 0xF000, CharacterDevice = 0x2000, BlockDevice = 0x6000; // S_IFMT, S_IFCHR, S_IFBLK

    private const ulong TerminalGroup = 5;

    private const ulong NewUser = 0x10000000; // CLONE_NEWUSER
    private const ulong GetNoNewPrivileges = 39; // PR_GET_NO_NEW_PRIVS
    private const ulong SocketLevel = 1, PeerCredentials = 17; // SOL_SOCKET, SO_PEERCRED
    private const ulong Mark = 0x6163726f;    // ORCAS of Child/Stub/users.h

    private static readonly string[] s_changes =
    [
        "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
        "setuid32", "setgid32", "setreuid32", "setregid32", "setresuid32", "setresgid32", "setgroups32",
    ];

    // The init is one of these programs; x32 shares the numbers.
    private static readonly Abi[] s_initsAbis = [Abi.X64, Abi.Arm64];

    // What the init calls, or makes who gives up root call. A policy that refuses some of it may end a program for it, so nobody is asked then.
    private static readonly string[] s_injected =
    [
        "capset", "clock_gettime", "clone", "close", "fcntl", "getgid", "getpid", "getuid", "ioctl", "kill", "mmap", "munmap", "openat", "pipe2", "prctl", "process_vm_readv", "ppoll", "ptrace",
        "read", "readlinkat", "rt_sigprocmask", "seccomp", "signalfd4", "statx", "tkill", "wait4", "waitid", "write",
    ];

    // What it calls besides to say who a socket's peer is.
    private static readonly string[] s_calledForPeers = ["getsockopt", "pidfd_open", "pidfd_send_signal", "pread64", "pwrite64"];

    private static readonly string[] s_owners = ["chown", "fchown", "lchown", "fchownat", "chown32", "fchown32", "lchown32"];
    private static readonly string[] s_wide = ["setfsuid32", "setfsgid32"];
    private static readonly string[] s_plain = ["setfsuid", "setfsgid"];
    private static readonly Verdict s_place = Verdict.Ask(Verdict.Pretend);

    // What the init calls to note an owner.
    private static readonly string[] s_remembering = ["clock_gettime", "fchdir", "fchmodat", "ftruncate", "getxattr", "openat", "setxattr", "statx", "write"];

    private static readonly HashSet<string> s_attributes = ["setxattr", "lsetxattr", "fsetxattr", "setxattrat"];

    // Who keeps capabilities over a change of users is done with it when it gives up those by which it could change more.
    private static readonly HashSet<string> s_attributesAndCapabilities = [.. s_attributes, "capset"];

    /// <summary>The policy with these answers before its own.</summary>
    internal static FilterPolicy Over(FilterPolicy policy) =>
        s_injected.All(policy.Allows)
            ? policy.After([.. Remembering(policy), .. s_calledForPeers.All(policy.AlwaysAllows) ? Peers : [], .. policy.AlwaysAllows("prctl") ? Notes : [], .. Users, .. Rules]) with { Asked = s_attributesAndCapabilities }
            : policy.After([.. Remembering(policy), .. Rules]) with { Asked = s_attributes };

    /// <summary>The rule for the attribute in which the init keeps an owner: to be asked about that would have it wait for itself. The kernel does not look at the sixth argument.</summary>
    /// <remarks>Where a policy refuses one of the calls that it takes to remember, which may end who makes it, nothing is remembered.</remarks>
    private static FilterRule[] Remembering(FilterPolicy policy) => s_remembering.All(policy.AlwaysAllows)
        ? [new(["setxattr"], Verdict.AllowUnasked) { Tests = [MarkAt(5)] }]
        : [new(s_owners, Verdict.Pretend)];

    /// <summary>The rules for who a socket's peer is, which the kernel says wrongly between users that are one id of the host (Child/Stub/peer.c).</summary>
    /// <remarks>By its mark the init is not asked by itself. A descriptor of another process can be had by ptrace(2) too, which is allowed where anybody is asked.</remarks>
    internal static readonly IReadOnlyList<FilterRule> Peers =
    [
        new(["getsockopt"], Verdict.Ask(Verdict.Allow))
        {
            Tests =
            [
                new ArgumentTest(2, Comparison.Equal, PeerCredentials), new ArgumentTest(1, Comparison.Equal, SocketLevel),
                new ArgumentTest(5, Comparison.NotEqual, Mark),
            ],
        },
        new(["pidfd_getfd"], Verdict.Allow) { Abis = s_initsAbis, Tests = [MarkAt(3), MarkAt(4)] },
    ];

    /// <summary>The rules for changes of users: the init is asked, and makes the kernel's user of who gives up root for good (docs/identity.md).</summary>
    /// <remarks>What the init needs for that, a user namespace and entering it, is refused to all others; the marks tell it from what the policy decides.</remarks>
    internal static readonly IReadOnlyList<FilterRule> Users =
    [
        new(s_changes, Verdict.Ask(Verdict.Pretend)),
        new(["unshare"], Verdict.Ask(Verdict.Refuse)) { Abis = s_initsAbis, Tests = [new ArgumentTest(0, Comparison.Equal, NewUser), MarkAt(1), MarkAt(2)] },
        new(["setns"], Verdict.Ask(Verdict.Refuse)) { Tests = [new ArgumentTest(1, Comparison.Equal, NewUser), MarkAt(2), MarkAt(3)] },
    ];

    /// <summary>The rule by which su and sudo are noticed, who ask whether set-user-id files have an effect (Child/Stub/note.c).</summary>
    internal static readonly IReadOnlyList<FilterRule> Notes = [new(["prctl"], Verdict.Ask(Verdict.Allow)) { Tests = [new ArgumentTest(0, Comparison.Equal, GetNoNewPrivileges)] }];

    /// <summary>The rules for device nodes, which no user namespace can make, however many ids it has.</summary>
    internal static readonly IReadOnlyList<FilterRule> Devices =
    [
        // A character device 0:0 is an overlay's whiteout, which anybody may make where it can be made.
        new(["mknod"], s_place) { Tests = [TypeIs(1, CharacterDevice), new ArgumentTest(2, Comparison.NotEqual, 0)] },
        new(["mknod"], s_place) { Tests = [TypeIs(1, BlockDevice)] },
        new(["mknodat"], s_place) { Tests = [TypeIs(2, CharacterDevice), new ArgumentTest(3, Comparison.NotEqual, 0)] },
        new(["mknodat"], s_place) { Tests = [TypeIs(2, BlockDevice)] },
    ];

    /// <summary>The rules for another user than root: the init is asked whether it is a terminal that is to have the group tty (Planning/TerminalGroup).</summary>
    internal static readonly IReadOnlyList<FilterRule> Terminals =
    [
        new(["chown", "fchown", "lchown", "chown32", "fchown32", "lchown32"], Verdict.Ask(Verdict.Allow)) { Tests = [new ArgumentTest(2, Comparison.Equal, TerminalGroup)] },
        new(["fchownat"], Verdict.Ask(Verdict.Allow)) { Tests = [new ArgumentTest(3, Comparison.Equal, TerminalGroup)] },
    ];

    /// <summary>The rules; they go before a policy's own.</summary>
    internal static readonly IReadOnlyList<FilterRule> Rules =
    [
        new(s_owners, Verdict.Remember),
        new(s_changes, Verdict.Pretend),

        // With -1 these two are the only way to ask for what they set, and return it (setfsuid(2)).
        new(s_wide, Verdict.Allow) { Tests = [new ArgumentTest(0, Comparison.Equal, NoChange)] },
        new(s_plain, Verdict.Allow) { Tests = [new ArgumentTest(0, Comparison.Equal, NoChange)], Abis = [Abi.X64, Abi.X32, Abi.Arm64] },
        new(s_plain, Verdict.Allow) { Tests = [new ArgumentTest(0, Comparison.MaskedEqual, NoChange16) { Mask = NoChange16 }], Abis = [Abi.I386, Abi.Arm] },
        new([.. s_wide, .. s_plain], Verdict.Pretend),

        .. Devices,
    ];

    private static ArgumentTest MarkAt(int index) => new(index, Comparison.Equal, Mark);

    private static ArgumentTest TypeIs(int index, ulong type) => new(index, Comparison.MaskedEqual, type) { Mask = TypeBits };
}

/// <summary>What root in a container is answered as done, though it is not.</summary>
internal enum RootAnswers
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>What takes more than one id: owners, users, groups; and devices.</summary>
    OneId,

    /// <summary>Devices.</summary>
    Devices,

    /// <summary>The group of a terminal, for another user than root.</summary>
    Terminals,
}
