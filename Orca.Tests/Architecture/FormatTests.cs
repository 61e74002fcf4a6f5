using System.Diagnostics;
using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Architecture;

/// <summary>The sources are as 'make format' leaves them.</summary>
public sealed class FormatTests
{
    [Test]
    public void Sources_FollowTheStyle()
    {
        var start = new ProcessStartInfo("dotnet", ["format", "orca.sln", "--verify-no-changes", "--no-restore"])
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
