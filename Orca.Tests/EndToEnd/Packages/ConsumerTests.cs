using NUnit.Framework;
using Orca.Tests.Architecture;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd.Packages;

/// <summary>Fresh programs from the packages, of each kind that .NET publishes, built without a warning and run by an ordinary user.</summary>
[Category("EndToEnd")]
public sealed class ConsumerTests
{
    private const string Library = "liborca_child.so";

    [Test]
    public void FrameworkDependent_Runs()
    {
        using var program = new ConsumerProgram();
        var (built, directory) = program.Publish();
        built.Succeeds();
        program.Program(directory, Feed.Image).Run().Prints("hello");
        program.Program(directory, Feed.Image).Run().Prints("hello"); // on the store that is there
    }

    /// <summary>A program that is killed can clean nothing up: the kernel ends its containers, and the next program finds the store usable.</summary>
    [Test]
    public void Program_ThatIsKilled_TakesItsContainersAlong_WhateverOthersDoOnTheStore()
    {
        using var program = new ConsumerProgram();
        var (built, directory) = program.Publish();
        built.Succeeds();
        var mark = $"7{Environment.ProcessId}.3";
        using var killed = program.Program(directory, Feed.Image, mark).Start();
        Assert.That(World.Eventually(() => killed.OutputSoFar.Contains("standing", StringComparison.Ordinal), 60), Is.True);
        program.Program(directory, Feed.Image).Run().Prints("hello"); // two hosts on one store
        Assert.That(World.Processes("sleep " + mark), Is.Not.Empty);
        World.Kill("KILL", killed.Id);
        Assert.That(World.Eventually(() => World.Processes("sleep " + mark).Count == 0), Is.True);
        program.Program(directory, Feed.Image).Run().Prints("hello");
    }

    [Test]
    public void RuntimeWithoutNativeCode_IsAnErrorOfTheBuild()
    {
        using var program = new ConsumerProgram();
        program.Publish("-r", "linux-musl-x64").Outcome.Ends(1);
        Assert.That(program.Publish("-r", "linux-musl-x64").Outcome.Output, Does.Contain("error ORCA001: orca cannot run on 'linux-musl-x64'"));
    }

    [Test]
    public void StaticProgram_ThatWouldLoadASharedLibrary_IsAnErrorOfTheBuild()
    {
        using var program = new ConsumerProgram();
        string[] isStatic = ["-r", "linux-x64", "-p:PublishAot=true", "-p:StaticExecutable=true"];
        Assert.That(program.Publish([.. isStatic, "-p:StaticOpenSslLinking=false"]).Outcome.Output, Does.Contain("error ORCA002"));
        Assert.That(program.Publish([.. isStatic, "-p:InvariantGlobalization=false"]).Outcome.Output, Does.Contain("error ORCA003"));
    }

    /// <summary>One kind in <c>make test</c>, all in <c>make test-long</c>: the compilers take their time.</summary>
    [SampledCases(nameof(Kinds), 1)]
    public void Program_OfThisKind_IsWholeAndRuns(string[] properties, int most)
    {
        using var program = new ConsumerProgram();
        var (built, directory) = program.Publish(properties);
        built.Succeeds();
        var files = Directory.GetFiles(directory).Select(Path.GetFileName).Where(static name => !name!.EndsWith(".dbg", StringComparison.Ordinal) && !name.EndsWith(".pdb", StringComparison.Ordinal)).ToList();
        Assert.That(files, Has.Count.EqualTo(most), string.Join(' ', files));
        for (var i = 0; i < Sampling.Rounds(3); i++) // what is linked wrongly fails now and then
        {
            program.Program(directory, Feed.Image).With("DOTNET_ROOT", "/nonexistent").Run().Prints("hello");
        }
    }

    private static IEnumerable<TestCaseData> Kinds() =>
    [
        new TestCaseData(new[] { "-r", "linux-x64", "--self-contained", "-p:PublishSingleFile=true" }, 2).SetName("SingleFile_HasTheLibraryBesideIt_AndRuns"),
        new TestCaseData(new[] { "-r", "linux-x64", "--self-contained", "-p:PublishSingleFile=true", "-p:IncludeNativeLibrariesForSelfExtract=true" }, 1).SetName("SingleFile_ThatUnpacksItsLibrary_Runs"),
        new TestCaseData(new[] { "-r", "linux-x64", "-p:PublishAot=true" }, 1).SetName("NativeProgram_IsOneFile_AndRuns"),
        new TestCaseData(new[] { "-r", "linux-x64", "-p:PublishAot=true", "-p:StaticExecutable=true" }, 1).SetName("StaticProgram_IsOneFile_AndRuns"),
    ];

    /// <summary>Cross-compiled, static, on an emulated board.</summary>
    [Test]
    public void StaticProgramForArm64_RunsOnABoard()
    {
        if (!TestSwitches.IsLong)
        {
            Assert.Pass("make test-long compiles it");
        }

        Needs.Arm64Binary();
        using var program = new ConsumerProgram();
        var root = new Command(Path.Combine(Repository.Root, ".ci", "sysroot"), "arm64").AsCaller().With("HOME", Surroundings.Caller("HOME") ?? "/root").Run().Succeeds().Output.Trim();
        var (built, directory) = program.Publish(
            ["-r", "linux-arm64", "-p:PublishAot=true", "-p:StaticExecutable=true", $"-p:SysRoot={root}", "-p:ObjCopyName=llvm-objcopy"],
            $"--target=aarch64-linux-gnu --sysroot={root}", $"-DCMAKE_FIND_ROOT_PATH={root}");
        built.Succeeds();
        Assert.That(Directory.GetFiles(directory).Select(Path.GetFileName), Does.Not.Contain(Library));
        using var board = new Board("echo board says $(HOME=/tmp app /images/busybox.tar)", "--add", Path.Combine(directory, "app"));
        Assert.That(board.Wait().Output, Does.Contain("board says hello"));
    }
}
