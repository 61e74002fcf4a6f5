using NUnit.Framework;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>Holes that a filter of system calls closes, tried on the filter itself, on every ABI; <c>SystemCallTests</c> tries them in the kernel.</summary>
internal sealed class PublishedHoleFilterTests
{
    private const ulong TypeIntoTerminal = 0x5412, PasteOnConsole = 0x541C; // TIOCSTI, TIOCLINUX
    private static readonly SystemCallTable s_table = SystemCallTable.Read();
    private static readonly (uint Audit, Abi Abi, FilterMachine Machine)[] s_abis =
    [
        (0xC000003E, Abi.X64, Compile(Machine.X64)), (0x40000003, Abi.I386, Compile(Machine.X64)), (0xC00000B7, Abi.Arm64, Compile(Machine.Arm64)),
    ];

    [TestCase(TypeIntoTerminal, TestName = "Cve_2017_5226_TypingIntoTheTerminal_IsRefused")]
    [TestCase(TypeIntoTerminal | (1UL << 32), TestName = "Cve_2019_10063_TypingWithAHighBit_IsRefused")]
    [TestCase(TypeIntoTerminal | 0xFFFFFFFF_00000000, TestName = "Cve_2019_10063_TypingWithAllHighBits_IsRefused")]
    [TestCase(PasteOnConsole, TestName = "Cve_2023_28100_PastingOnAConsole_IsRefused")]
    [TestCase(PasteOnConsole | (1UL << 63), TestName = "Cve_2023_28100_PastingWithAHighBit_IsRefused")]
    public void Ioctl_IsRefused(ulong request)
    {
        foreach (var (audit, abi, machine) in s_abis)
        {
            Assert.That(machine.Run(audit, s_table.Of(abi)["ioctl"], 0, request), Is.Not.EqualTo(Verdict.Allow), abi.ToString());
            Assert.That(machine.Run(audit, s_table.Of(abi)["ioctl"], 0, 0x5413 /* TIOCGWINSZ */), Is.EqualTo(Verdict.Allow), abi.ToString());
        }
    }

    [TestCase("clone3")]
    [TestCase("fsopen")]
    [TestCase("fsconfig")]
    [TestCase("fsmount")]
    [TestCase("fspick")]
    [TestCase("open_tree")]
    [TestCase("move_mount")]
    [TestCase("mount_setattr")]
    public void Cve_2021_41133_NewWaysToMountAndClone_AreRefused(string name)
    {
        foreach (var (audit, abi, machine) in s_abis)
        {
            Assert.That(machine.Run(audit, s_table.Of(abi)[name]), Is.Not.EqualTo(Verdict.Allow), abi.ToString());
        }
    }

    [TestCase(38UL, TestName = "Cve_2026_31431_CryptoSockets_AreRefused")]
    [TestCase(38UL | (1UL << 40), TestName = "Cve_2026_31431_CryptoSocketsWithAHighBit_AreRefused")]
    [TestCase(40UL, TestName = "Cve_2026_31431_SocketsOfVirtualMachines_AreRefused")]
    public void Socket_IsRefused(ulong family)
    {
        foreach (var (audit, abi, machine) in s_abis)
        {
            Assert.That(machine.Run(audit, s_table.Of(abi)["socket"], family), Is.Not.EqualTo(Verdict.Allow), abi.ToString());
            Assert.That(machine.Run(audit, s_table.Of(abi)["socket"], 2), Is.EqualTo(Verdict.Allow), abi.ToString());
        }
    }

    private static FilterMachine Compile(Machine machine) => new(FilterCompiler.Compile(DefaultPolicy.For(CapabilitySet.Default), machine, s_table));
}
