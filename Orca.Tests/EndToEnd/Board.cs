using Orca.Tests.Architecture;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>An emulated arm64 board that was switched on (Fixtures/board.sh); its console is what it prints.</summary>
internal sealed class Board : IDisposable
{
    private const int Longest = 600;
    private readonly Running _running;
    private readonly string _pidFile;

    /// <param name="line">What root runs on it.</param>
    /// <param name="options">Options of board.sh.</param>
    public Board(string line, params IEnumerable<string> options)
    {
        Needs.Arm64Binary();
        _pidFile = Path.Combine(World.Root, $"board-{Guid.NewGuid():N}.pid");
        string[] arguments = ["--pid", _pidFile, "--root", .. options, Path.Combine(Repository.Root, "dist", "arm64", "orca"), line];
        var command = new Command(Fixture.Script("board.sh"), arguments).AsCaller();
        foreach (var name in (string[])["HOME", "ORCA_FIXTURES", "TMPDIR"])
        {
            if (Surroundings.Caller(name) is { } value)
            {
                command.With(name, value);
            }
        }

        _running = command.Start();
    }

    public string Console => _running.OutputSoFar;

    /// <summary>Waits until the console shows the text, or the board is off without.</summary>
    public void UntilOff(string text) =>
        World.Eventually(() => Console.Contains(text, StringComparison.Ordinal) || _running.HasEnded, Longest);

    /// <summary>Types at the console.</summary>
    public void Type(string keys)
    {
        _running.Input.Write(System.Text.Encoding.ASCII.GetBytes(keys));
        _running.Input.Flush();
    }

    /// <summary>Waits until the board is off.</summary>
    public Outcome Wait() => _running.Wait(Longest);

    /// <summary>Takes the power away: what the board had not written to its card is lost.</summary>
    public void CutPower()
    {
        if (File.Exists(_pidFile) && int.TryParse(File.ReadAllText(_pidFile), out var emulator) && World.CommandLine(emulator).Contains(_pidFile, StringComparison.Ordinal))
        {
            World.Kill("KILL", emulator);
        }
    }

    public void Dispose()
    {
        CutPower();
        _running.Dispose();
    }
}
