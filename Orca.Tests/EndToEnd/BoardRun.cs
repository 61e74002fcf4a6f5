using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>One life of a board that makes a list of checks; each is asked for by a test of its own.</summary>
internal sealed class BoardRun : IDisposable
{
    private readonly IReadOnlyList<BoardCheck> _checks;
    private readonly Board _board;
    private readonly Task _typing;
    private readonly Lazy<(Dictionary<int, (int Status, string Output)> Records, string Console)> _end;

    public BoardRun(IReadOnlyList<BoardCheck> checks, params IEnumerable<string> options)
    {
        _checks = checks;
        _board = new Board(BoardScript.Of(checks), options);
        _typing = Task.Run(TypeWhenAsked);
        _end = new(Finish);
    }

    /// <summary>Waits until the board is off, and compares what the check did there.</summary>
    public void Verify(BoardCheck check)
    {
        var (records, console) = _end.Value;
        if (!console.Contains(BoardScript.Ready, StringComparison.Ordinal))
        {
            Needs.InCi($"the emulated board does not boot:\n{console}");
        }

        var index = _checks.ToList().IndexOf(check);
        Assert.That(records, Does.ContainKey(index), () => $"the board did not get to the end of this check:\n{console}");
        var (status, output) = records[index];
        Assert.That(status, Is.EqualTo(check.Status), () => $"output: {output}\nthe board's console:\n{console}");
        if (check.Output is not null)
        {
            Assert.That(output, Is.EqualTo(check.Output), () => $"the board's console:\n{console}");
        }

        foreach (var part in check.Contains)
        {
            Assert.That(output, Does.Contain(part), () => $"the board's console:\n{console}");
        }
    }

    public void Dispose() => _board.Dispose();

    private (Dictionary<int, (int Status, string Output)> Records, string Console) Finish()
    {
        var outcome = _board.Wait();
        _typing.ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        return (BoardScript.Read(outcome.Output), outcome.Output + outcome.Errors);
    }

    private void TypeWhenAsked()
    {
        foreach (var (when, keys) in _checks.Select(static check => check.Typed).OfType<(string, string)>())
        {
            _board.UntilOff(when);
            _board.Type(keys);
        }
    }
}
