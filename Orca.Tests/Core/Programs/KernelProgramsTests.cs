using NUnit.Framework;
using Orca.Core.Programs;
using Orca.Core.References;

namespace Orca.Tests.Core.Programs;

/// <summary>The trials of what the kernel runs.</summary>
public sealed class KernelProgramsTests
{
    private static readonly Platform s_arm = new("linux", "arm", "v8"), s_386 = new("linux", "386"), s_x32 = new("linux", "x32");

    /// <summary>The same as the kernel says of a program that does nothing, run by hand.</summary>
    [TestCase((ushort)3, "386", "b801000000bb2a000000cd80")]
    [TestCase((ushort)62, "x32", "b83c000040bf2a0000000f05")]
    public void Trial_SaysWhatTheKernelRuns(int machine, string architecture, string code)
    {
        if (Platform.Current.Architecture != "amd64")
        {
            Assert.Ignore("the programs are of x86");
        }

        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"trial-{Guid.NewGuid():N}");
        File.WriteAllBytes(path, KernelPrograms.Program((ushort)machine, 0, Convert.FromHexString(code)));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        bool runs;
        try
        {
            using var process = System.Diagnostics.Process.Start(path);
            process.WaitForExit();
            runs = process.ExitCode == 42;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            runs = false;
        }

        File.Delete(path);
        Assert.That(KernelPrograms.Runs.Select(static platform => platform.Architecture).Contains(architecture), Is.EqualTo(runs));
    }

    [Test]
    public void ImagesAreNotOffered_ForX32_NorFor32BitArmOnLargePages()
    {
        Assert.That(KernelPrograms.OfKernel([s_386, s_x32], 4096), Is.EqualTo([s_386]));
        Assert.That(KernelPrograms.OfKernel([s_arm], 4096), Is.EqualTo([s_arm]));
        Assert.That(KernelPrograms.OfKernel([s_arm], 16384), Is.Empty);
    }

    [Test]
    public void TrialProgram_HasHeadersThatFitEveryPageSize()
    {
        var header = ElfHeader.Read(KernelPrograms.Program(40, 0x05000400, [1, 2, 3, 4]))!;
        Assert.That(header.FitsPages(65536) && header.Alignment == 65536 && header.Loads.Count == 1 && header.Machine == 40 && header.Flags == 0x05000400);
    }
}
