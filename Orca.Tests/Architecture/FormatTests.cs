using System.Diagnostics;
using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Architecture;

/// <summary>The sources are as 'make format' leaves them.</summary>
/// <remarks>In <c>make check</c> only layout and imports: the rules of style and the analyzers are errors of the build there.</remarks>
[Parallelizable(ParallelScope.Self)]
public sealed class FormatTests
{
    [Test]
    public void Sources_FollowTheStyle()
    {
        string[] part = TestSwitches.Times < 1 ? ["whitespace"] : [];
        var start = new ProcessStartInfo("dotnet", ["format", .. part, "orca.sln", "--verify-no-changes", "--no-restore"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = Surroundings.Caller("HOME");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, () => $"type: make format\n{output}{errors.Result}");
    }
}
