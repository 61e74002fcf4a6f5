using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Core.References;
using Process = System.Runtime.InteropServices.Architecture;

namespace Orca.Tests.Core.References;

[TestFixture]
public sealed class PlatformTests
{
    [TestCase(Process.X64, "x86_64", "linux/amd64")]
    [TestCase(Process.Arm64, "aarch64", "linux/arm64/v8")]
    [TestCase(Process.Arm, "armv6l", "linux/arm/v6")]
    [TestCase(Process.Arm, "armv7l", "linux/arm/v7")]
    [TestCase(Process.Arm, "armv8l", "linux/arm/v8")]
    [TestCase(Process.Arm, "aarch64", "linux/arm/v8")]
    [TestCase(Process.Arm, "", "linux/arm/v7")]
    [TestCase(Process.X86, "x86_64", "linux/386")]
    [TestCase(Process.RiscV64, "riscv64", "linux/riscv64")]
    public void D20_Current_IsWhatProcessorAndUserlandRun(Process process, string machine, string expected) =>
        Assert.That(Platform.Of(process, machine).ToString(), Is.EqualTo(expected));

    [TestCase("linux/amd64", "linux/amd64", true)]
    [TestCase("linux/amd64", "linux/arm64", false)]
    [TestCase("linux/amd64", "linux/unknown", true)]
    [TestCase("linux/amd64", "windows/amd64", false)]
    [TestCase("linux/arm64", "linux/arm64/v8", true)]
    [TestCase("linux/arm/v7", "linux/arm/v6", true)]
    [TestCase("linux/arm/v6", "linux/arm/v7", false)]
    [TestCase("linux/arm/v6", "linux/arm", true)]
    [TestCase("linux/amd64/v3", "linux/amd64/v2", false)]
    public void D20_Accepts_AnImageForTheSameMachine(string asked, string image, bool accepts) =>
        Assert.That(Make(asked).Accepts(Make(image)), Is.EqualTo(accepts));

    [Test]
    public void Machine_HasTheNameThatUnameTells() => Assert.That(Machine.Name, Is.EqualTo(File.ReadAllText("/proc/sys/kernel/arch").Trim()));

    private static Platform Make(string text)
    {
        var parts = text.Split('/');
        return new Platform(parts[0], parts[1], parts.Length > 2 ? parts[2] : null);
    }
}
