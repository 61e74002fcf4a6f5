using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Contracts;

/// <summary>What a program may rely on of commands that join a container of any <see cref="IOrca"/>, the real one and the fake.</summary>
public abstract class ExecContract
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private IRunningContainer _container = null!;

    protected abstract IOrca Orca { get; }

    /// <summary>A start of a command that runs until it is killed, and does what the following say.</summary>
    protected abstract ContainerStart Stands();

    /// <summary>A command that prints, and ends.</summary>
    protected abstract ContainerExec Prints(string output, string error, int code);

    /// <summary>A command that prints what it reads.</summary>
    protected abstract ContainerExec Echoes();

    /// <summary>A command that prints a line and runs until SIGTERM, which ends it with 0, or SIGKILL.</summary>
    protected abstract ContainerExec Waits();

    [SetUp]
    public async Task StartContainer() => _container = await Orca.StartAsync(Stands());

    [TearDown]
    public async Task EndContainer() => await _container.DisposeAsync();

    [Test]
    public async Task Exec_ReturnsWhatTheCommandPrinted_AndItsStatus()
    {
        var result = await _container.ExecAsync([.. Prints("one\ntwo\n", "three\n", 7).Command]);
        Assert.That((result.StandardOutput, result.StandardError, result.ExitCode, result.IsTruncated), Is.EqualTo(("one\ntwo\n", "three\n", 7, false)));
        Assert.That(await _container.SignalAsync(Signal.Parse("CHLD")), Is.True, "the container goes on");
    }

    [Test]
    public async Task Exec_HasStreamsOfItsOwn()
    {
        await using var exec = await _container.ExecAsync(Echoes() with { Input = ContainerInput.Pipe });
        Assert.That((exec.Info.Name, exec.Info.ProcessId == _container.Info.ProcessId), Is.EqualTo((_container.Info.Name, false)));
        await exec.Streams.Input!.WriteAsync("größe\n"u8.ToArray());
        await exec.Streams.Input.DisposeAsync();
        var lines = new List<OutputLine>();
        await foreach (var line in exec.ReadLinesAsync())
        {
            lines.Add(line);
        }

        Assert.That(lines, Is.EqualTo(new[] { new OutputLine("größe", false) }));
        Assert.That((await exec.WaitForExitAsync().WaitAsync(s_patience)).Code, Is.Zero);
    }

    [Test]
    public async Task Exec_CopiesToStreams()
    {
        var output = new MemoryStream();
        await using var exec = await _container.ExecAsync(Prints("out", "err", 3) with { Output = ContainerOutput.To(output), Error = ContainerOutput.Discard });
        Assert.That((await exec.WaitForExitAsync().WaitAsync(s_patience)).Code, Is.EqualTo(3));
        Assert.That(output.ToArray(), Is.EqualTo("out"u8.ToArray()));
    }

    [Test]
    public async Task Exec_HearsSignals()
    {
        await using var exec = await _container.ExecAsync(Waits());
        await ReadLineAsync(exec);
        Assert.That(await exec.SignalAsync(Signal.Term), Is.True);
        Assert.That((await exec.WaitForExitAsync().WaitAsync(s_patience)).Code, Is.Zero);
        Assert.That(await exec.SignalAsync(Signal.Term), Is.False);
    }

    [Test]
    public async Task Exec_Disposed_EndsTheCommandAlone()
    {
        var exec = await _container.ExecAsync(Waits());
        await ReadLineAsync(exec);
        await exec.DisposeAsync();
        Assert.That((await exec.WaitForExitAsync().WaitAsync(s_patience)) is { Code: 137, Canceled: true }, Is.True);
        Assert.That((await _container.ExecAsync([.. Prints("x", string.Empty, 0).Command])).StandardOutput, Is.EqualTo("x"));
    }

    [Test]
    public async Task Exec_Cancelled_KillsTheCommand_AndThrowsThat()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThatAsync(() => _container.ExecAsync([.. Waits().Command], cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await _container.ExecAsync([.. Prints("x", string.Empty, 0).Command])).StandardOutput, Is.EqualTo("x"));
    }

    [Test]
    public async Task Exec_EndsWithTheContainer()
    {
        await using var exec = await _container.ExecAsync(Waits());
        await ReadLineAsync(exec);
        await _container.KillAsync();
        Assert.That((await exec.WaitForExitAsync().WaitAsync(s_patience)).Code, Is.EqualTo(137));
        await Assert.ThatAsync(() => _container.ExecAsync(Waits()), Throws.InstanceOf<SandboxException>().With.Message.Contains("it has ended"));
    }

    [Test]
    public Task Exec_VariableWithoutValue_IsRefused() =>
        Assert.ThatAsync(() => _container.ExecAsync(Waits() with { Env = ["NOEQUALS"] }), Throws.TypeOf<ReferenceException>());

    [Test]
    public async Task Readiness_ByACommand()
    {
        var prints = Prints("now", string.Empty, 0).Command;
        await using var ready = await Orca.StartAsync(Stands() with { Ready = Ready.WhenExec([.. prints]) });
        await Assert.ThatAsync(
            () => Orca.StartAsync(Stands() with { Ready = Ready.WhenExec([.. Prints("not yet", string.Empty, 1).Command]), ReadyTimeout = TimeSpan.FromMilliseconds(400) }),
            Throws.TypeOf<ContainerNotReadyException>());
    }

    private static async Task ReadLineAsync(IRunningContainer container)
    {
        var one = new byte[1];
        while (await container.Streams.Output!.ReadAsync(one) == 1 && one[0] != '\n')
        {
        }
    }
}
