using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>Commands, arguments and working directories of all forms: rows C02, C03, C04 and C20 of docs/hostile-inputs.md.</summary>
[TestFixture]
public sealed class CommandTests : RealLaunches
{
    private const int Executable = 0b111_101_101;

    [TestCase("")]
    [TestCase("./")]
    [TestCase("nonesuch")]
    public void C02_C03_NameOfNothing_IsNotRun(string name) =>
        Assert.That(() => Run(Root.Command(name)), Throws.TypeOf<SandboxException>().With.Property("ExitCode").AnyOf(125, 126, 127).And.Message.StartsWith("cannot start"));

    [Test]
    public void C02_AMillionArguments_Are126() => Assert.That(
        () => Run(Root.Command(["true", .. Enumerable.Repeat("x", 1_000_000)])), Throws.TypeOf<SandboxException>().With.Property("ExitCode").EqualTo(126).And.Message.Contains("E2BIG"));

    [TestCase("./tool", "/work", 9)]
    [TestCase("tool", "/", 9)]
    [TestCase("../work/tool", "/work", 9)]
    public void C03_Program_IsFoundByItsPathOrInPath(string name, string directory, int status)
    {
        var spec = Root.Command(name);
        Write(spec, "work/tool", "#!/bin/sh\nexit 9\n"u8.ToArray());
        Assert.That(Run(spec with { WorkingDirectory = directory, Env = ["PATH=/nowhere:/work:/bin"] }), Is.EqualTo(status));
    }

    [Test]
    public void C03_ProgramOfAnotherMachine_SaysSo()
    {
        var header = new byte[64];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 2, 1]).CopyTo(header); // 64 bits, most significant byte first
        (header[17], header[18], header[19], header[23]) = (2, 0x77, 0x77, 1); // an executable for a machine that there is not
        var spec = Root.Command("/other");
        Write(spec, "other", header);
        Assert.That(
            () => Run(spec),
            Throws.TypeOf<SandboxException>().With.Property("ExitCode").EqualTo(126).And.Message.Contains("ENOEXEC").And.Property("Hint").Contains("another kind of machine"));
    }

    [TestCase("a\nb")]
    [TestCase(" ")]
    [TestCase("")]
    [TestCase("-c")]
    [TestCase("\u001b[2J")]
    public void C04_Argument_ArrivesAsItIs(string text) =>
        Assert.That(Run(Root.Command("/bin/sh", "-c", "[ $# = 2 ] && [ \"$1\" = \"$EXPECTED\" ] && [ \"$2\" = end ]", "sh", text, "end") with { Env = ["PATH=/bin", "EXPECTED=" + text] }), Is.Zero);

    [Test]
    public void C20_WorkingDirectory_ThatIsMissing_IsMadeForAll() =>
        Assert.That(Run(Root.Script("[ \"$(busybox pwd)\" = /new/deep ] && [ $(stat -c %a /new) = 755 ] && [ $(stat -c %a .) = 755 ] && echo x > file") with { WorkingDirectory = "/new/deep" }), Is.Zero);

    private void Write(SandboxSpec spec, string path, byte[] content)
    {
        var file = Path.Combine(Root.Store, spec.Root.Upper!, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, (UnixFileMode)Executable);
    }

    private int Run(SandboxSpec spec) => Launcher.Run(spec, new SandboxRunOptions(), default).Code;
}
