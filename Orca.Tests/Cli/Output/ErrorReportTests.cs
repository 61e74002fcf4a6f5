using NUnit.Framework;
using Orca.Cli;
using Orca.Cli.Output;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Tests.Cli.Output;

/// <summary>How failures are said.</summary>
public sealed class ErrorReportTests
{
    private readonly RecordingOutput _output = new();

    [Test]
    public void Failure_WithHint_IsTwoLines()
    {
        var status = ErrorReport.Print(new RegistryException("cannot pull 'x': GET y: 401", "log in"), _output, new GlobalOptions(null, false));
        Assert.That((status, _output.Writes[^1]), Is.EqualTo((125, "orca: cannot pull 'x': GET y: 401\nhint: log in\n")));
    }

    [Test]
    public void Failure_WithoutHint_IsOneLine()
    {
        ErrorReport.Print(new StoreException("cannot find 'x'"), _output, new GlobalOptions(null, false));
        Assert.That(_output.Writes[^1], Is.EqualTo("orca: cannot find 'x'\n"));
    }

    [TestCase(125)]
    [TestCase(126)]
    [TestCase(127)]
    public void SandboxFailure_KeepsItsStatus(int code)
        => Assert.That(ErrorReport.Print(new SandboxException("cannot start 'x'") { ExitCode = code }, _output, new GlobalOptions(null, false)), Is.EqualTo(code));

    [Test]
    public void Bug_IsOneLineAndSaysWhatToDo()
    {
        var status = ErrorReport.Print(new InvalidOperationException("a\nb\e[2J"), _output, new GlobalOptions(null, false));
        Assert.That(status, Is.EqualTo(125));
        Assert.That(_output.Writes[^1], Is.EqualTo("""
            orca: internal error: InvalidOperationException: a\x0ab\x1b[2J
            hint: run it again with --debug and report what it prints; this is a bug in orca

            """));
    }

    [Test]
    public void Debug_ShowsTheStack()
    {
        var failure = Assert.Throws<StoreException>(() => throw new StoreException("cannot find 'x'"));
        ErrorReport.Print(failure, _output, new GlobalOptions(null, true));
        Assert.That(_output.Writes[^1], Does.StartWith("orca: cannot find 'x'\n").And.Contain("   at Orca.Tests"));
    }

    [Test]
    public void ReaderGone_IsSilentAndAsIfSigpipeHadEndedIt()
    {
        var output = new RecordingOutput();
        Assert.That(ErrorReport.Print(new OutputException(1, Errno.EPIPE), output, new GlobalOptions(null, false)), Is.EqualTo(141));
        Assert.That(output.Writes, Is.Empty);
    }

    [Test]
    public void FullDisk_IsSaid()
    {
        Assert.That(ErrorReport.Print(new OutputException(1, Errno.ENOSPC), _output, new GlobalOptions(null, false)), Is.EqualTo(125));
        Assert.That(_output.Writes[^1], Is.EqualTo("orca: cannot write 'standard output': ENOSPC (no space left on device)\n"));
    }

    [Test]
    public void DeafOutput_StillGivesTheStatus()
        => Assert.That(ErrorReport.Print(new StoreException("x"), new RecordingOutput { Failure = new OutputException(2, Errno.EPIPE) }, new GlobalOptions(null, false)), Is.EqualTo(125));
}
