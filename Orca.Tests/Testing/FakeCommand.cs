using System.Text;
using Orca.Core.Sandbox;

namespace Orca.Testing;

/// <summary>The behaviour of a container of a <see cref="FakeOrca"/>: steps in the order of the calls, then the exit.</summary>
public sealed class FakeCommand
{
    private readonly Func<ContainerStart, bool> _condition;
    private readonly List<Func<FakeProcess, Task>> _deeds = [];
    private readonly List<(Func<ContainerExec, bool> Condition, FakeCommand Command)> _execs = [];
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    internal FakeCommand(Func<ContainerStart, bool> condition) => _condition = condition;

    internal IReadOnlyDictionary<string, byte[]> Files => _files;

    internal Exception? Failure { get; private set; }

    internal int Code { get; private set; }

    internal bool IgnoresSignals { get; private set; }

    internal bool HandlesSignals { get; private set; }

    internal bool IsOutOfMemory { get; private set; }

    /// <summary>Writes a text to standard output.</summary>
    public FakeCommand Prints(string text) => Then(process => process.WriteAsync(1, text));

    /// <summary>Writes a text to standard error.</summary>
    public FakeCommand PrintsError(string text) => Then(process => process.WriteAsync(2, text));

    /// <summary>Writes what it reads from standard input to standard output, to the end.</summary>
    public FakeCommand Echoes() => Then(static process => process.EchoAsync());

    /// <summary>Runs until it gets a signal, then goes on; SIGKILL ends it. Without this a signal ends the command, as it ends a program that has no handler.</summary>
    public FakeCommand Waits()
    {
        HandlesSignals = true;
        return Then(static process => process.WaitForSignalAsync());
    }

    /// <summary>Runs for a time, by the clock of the <see cref="FakeOrca"/>.</summary>
    public FakeCommand Takes(TimeSpan time) => Then(process => process.DelayAsync(time));

    /// <summary>Waits for something of the test's.</summary>
    public FakeCommand WaitsFor(Task task) => Then(process => process.WaitForAsync(task));

    /// <summary>Signals other than SIGKILL have no effect on it.</summary>
    public FakeCommand IgnoringSignals()
    {
        IgnoresSignals = true;
        return this;
    }

    /// <summary>Ends with this status, 0 to 255; 0 when nothing is said.</summary>
    public FakeCommand Exits(int code)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)code, 255u, nameof(code));
        Code = code;
        return this;
    }

    /// <summary>Ends as a container that the kernel ended for its limit of memory.</summary>
    public FakeCommand RunsOutOfMemory()
    {
        IsOutOfMemory = true;
        return Exits(128 + Signal.Kill.Number);
    }

    /// <summary>Cannot be started: the start throws this.</summary>
    public FakeCommand Fails(Exception exception)
    {
        Failure = exception;
        return this;
    }

    /// <summary>Has a file with this text, whose path is absolute.</summary>
    public FakeCommand HasFile(string inside, string text)
    {
        _files[inside] = Encoding.UTF8.GetBytes(text);
        return this;
    }

    /// <summary>Says what commands do that join the container and meet the condition; the first condition that holds counts. One that meets none is an error.</summary>
    /// <returns>The behaviour of those commands.</returns>
    public FakeCommand WhenExec(Func<ContainerExec, bool> condition)
    {
        var command = new FakeCommand(static _ => true);
        _execs.Add((condition, command));
        return command;
    }

    internal FakeCommand? Find(ContainerExec exec) => _execs.Find(one => one.Condition(exec)).Command;

    internal bool IsFor(ContainerStart start) => _condition(start);

    internal async Task RunAsync(FakeProcess process)
    {
        foreach (var deed in _deeds)
        {
            await deed(process).ConfigureAwait(false);
        }
    }

    private FakeCommand Then(Func<FakeProcess, Task> deed)
    {
        _deeds.Add(deed);
        return this;
    }
}
