using NUnit.Framework;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>Docker's default policy and orca's differences from it, on every ABI.</summary>
internal sealed class DefaultPolicyTests
{
    private const uint X32 = 0x40000000;

    /// <summary>What Docker's default policy refuses on x86-64 with its default capabilities, listed independently of default-policy.txt.</summary>
    private const string DeniedOnX64 = """
        syslog uselib ustat sysfs vhangup pivot_root _sysctl acct settimeofday mount umount2 swapon swapoff reboot sethostname setdomainname iopl ioperm
        create_module init_module delete_module get_kernel_syms query_module quotactl nfsservctl getpmsg putpmsg afs_syscall tuxcall security
        lookup_dcookie clock_settime vserver mbind set_mempolicy get_mempolicy kexec_load add_key request_key keyctl migrate_pages unshare move_pages
        perf_event_open fanotify_init open_by_handle_at setns kcmp finit_module kexec_file_load bpf userfaultfd io_uring_setup io_uring_enter
        io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick clone3 pidfd_getfd process_madvise mount_setattr quotactl_fd
        set_mempolicy_home_node lsm_get_self_attr lsm_set_self_attr lsm_list_modules
        """;

    private static readonly string[] s_absent = ["clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"];
    private static readonly string[] s_newer = ["open_tree_attr", "file_getattr", "file_setattr", "listns", "uprobe"];
    private static readonly SystemCallTable s_table = SystemCallTable.Read();
    private static readonly FilterMachine s_x86 = new(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default), Machine.X64, s_table));
    private static readonly FilterMachine s_arm = new(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default), Machine.Arm64, s_table));

    [Test]
    public void Calls_RefusedOnX64_AreThoseThatDockerRefuses()
    {
        var denied = s_table.Of(Abi.X64).Where(call => s_x86.Run(0xC000003E, call.Value) != Verdict.Allow).Select(call => call.Key);
        Assert.That(denied, Is.EquivalentTo([.. DeniedOnX64.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries), .. s_newer]));
    }

    [TestCaseSource(nameof(Abis))]
    public void Answer_OfEveryAbi_IsTheSame(Abi abi)
    {
        foreach (var (name, number) in s_table.Of(abi))
        {
            var expected = s_absent.Contains(name) || s_newer.Contains(name) ? Verdict.Absent
                : s_table.Of(Abi.X64).TryGetValue(name, out var x64) ? s_x86.Run(0xC000003E, x64) : (Verdict?)null;
            if (expected is { } verdict)
            {
                Assert.That(Run(abi, number), Is.EqualTo(verdict), name);
            }
        }
    }

    [TestCaseSource(nameof(Abis))]
    public void Number_ThatNobodyKnows_IsAbsent(Abi abi)
    {
        foreach (var number in new uint[] { 600, 9999, 0x3fffffff, 500 })
        {
            Assert.That(Run(abi, number), Is.EqualTo(Verdict.Absent));
        }
    }

    [TestCase(Abi.X64)]
    [TestCase(Abi.I386)]
    [TestCase(Abi.Arm64)]
    [TestCase(Abi.Arm)]
    public void Call_AllowedWhateverItsArguments_IsSeenByTheKernelToBeSo(Abi abi)
    {
        string[] decided = ["ioctl", "clone", "socket", "personality"];
        foreach (var (name, number) in s_table.Of(abi).Where(call => Run(abi, call.Value) == Verdict.Allow && !decided.Contains(call.Key)))
        {
            Assert.That((abi is Abi.X64 or Abi.I386 ? s_x86 : s_arm).IsAllowedUnseen(ArchitectureOf(abi), number), Is.True, name);
        }
    }

    [TestCaseSource(nameof(Abis))]
    public void Path_ToAnAnswer_IsShort(Abi abi)
    {
        foreach (var (name, number) in s_table.Of(abi))
        {
            Run(abi, number);
            Assert.That((abi is Abi.Arm64 or Abi.Arm ? s_arm : s_x86).Steps, Is.LessThanOrEqualTo(18), name);
        }
    }

    [Test]
    public void Programs_AreShort() => Assert.That(new[] { s_x86.Length, s_arm.Length }, Is.All.LessThan(450));

    [TestCaseSource(nameof(Abis))]
    public void Ioctl_ThatTypesIntoATerminal_IsRefused_HighBitsOrNot(Abi abi)
    {
        var ioctl = s_table.Of(abi)["ioctl"];
        foreach (var request in new ulong[] { 0x5412, 0x541C, 0x5412 | 1UL << 32, 0x541C | 0xffffffffUL << 32 })
        {
            Assert.That(Run(abi, ioctl, 0, request), Is.EqualTo(Verdict.Refuse));
        }

        Assert.That(Run(abi, ioctl, 0, 0x5401), Is.EqualTo(Verdict.Allow), "TCGETS");
    }

    [TestCaseSource(nameof(Abis))]
    public void Socket_OfCryptoOrVirtualMachines_IsRefused_HighBitsOrNot(Abi abi)
    {
        var socket = s_table.Of(abi)["socket"];
        foreach (var family in new ulong[] { 38, 40, 38 | 1UL << 32, 40 | 1UL << 63 })
        {
            Assert.That(Run(abi, socket, family), Is.EqualTo(Verdict.Refuse));
        }

        foreach (var family in new ulong[] { 0, 1, 2, 10, 16, 37, 39, 41, 45 })
        {
            Assert.That(Run(abi, socket, family), Is.EqualTo(Verdict.Allow));
        }
    }

    [TestCaseSource(nameof(Abis))]
    public void Clone_WithNewNamespaces_IsRefused_WithoutThemAllowed(Abi abi)
    {
        var clone = s_table.Of(abi)["clone"];
        foreach (var flag in new ulong[] { 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000 })
        {
            Assert.That(Run(abi, clone, flag | 17), Is.EqualTo(Verdict.Refuse));
        }

        Assert.That(Run(abi, clone, 0x3d0f00), Is.EqualTo(Verdict.Allow), "a thread");
        Assert.That(Run(abi, clone, 17), Is.EqualTo(Verdict.Allow), "a process");
    }

    [Test]
    public void Personality_IsOneOfFive()
    {
        var personality = s_table.Of(Abi.X64)["personality"];
        Assert.That(new ulong[] { 0, 8, 0x20000, 0x20008, 0xffffffff }.Select(value => Run(Abi.X64, personality, value)), Is.All.EqualTo(Verdict.Allow));
        Assert.That(Run(Abi.X64, personality, 0x40000), Is.EqualTo(Verdict.Refuse), "no address randomisation");
    }

    [Test]
    public void Capability_InTheBoundingSet_OpensItsCalls()
    {
        var more = new FilterMachine(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default.With(["SYS_ADMIN", "SYS_TIME"], [])), Machine.X64, s_table));
        foreach (var name in new[] { "mount", "unshare", "setns", "clone3", "bpf", "clock_settime" })
        {
            Assert.That(more.Run(0xC000003E, s_table.Of(Abi.X64)[name]), Is.EqualTo(Verdict.Allow), name);
        }

        Assert.That(more.Run(0xC000003E, s_table.Of(Abi.X64)["clone"], 0x10000000), Is.EqualTo(Verdict.Allow));
        Assert.That(more.Run(0xC000003E, s_table.Of(Abi.X64)["io_uring_setup"]), Is.EqualTo(Verdict.Absent));
        var fewer = new FilterMachine(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default.With([], ["SYS_CHROOT"])), Machine.X64, s_table));
        Assert.That(fewer.Run(0xC000003E, s_table.Of(Abi.X64)["chroot"]), Is.EqualTo(Verdict.Refuse));
    }

    private static Abi[] Abis() => Enum.GetValues<Abi>();

    private static uint ArchitectureOf(Abi abi) => abi switch { Abi.I386 => 0x40000003, Abi.Arm64 => 0xC00000B7, Abi.Arm => 0x40000028, _ => 0xC000003E };

    private static Verdict Run(Abi abi, uint number, params ReadOnlySpan<ulong> arguments) =>
        (abi is Abi.Arm64 or Abi.Arm ? s_arm : s_x86).Run(ArchitectureOf(abi), abi == Abi.X32 ? number | X32 : number, arguments);
}
