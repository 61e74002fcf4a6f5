using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Contracts;

/// <summary>What a program may rely on of any <see cref="IOrca"/>, the real one and the fake.</summary>
public abstract partial class OrcaContract
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What is tested.</summary>
    protected abstract IOrca Orca { get; }

    /// <summary>A start of a command that prints, and ends.</summary>
    protected abstract ContainerStart Prints(string output, string error, int code);

    /// <summary>A start of a command that prints a line and runs until SIGTERM or SIGKILL; then it ends with 0 or by the signal.</summary>
    protected abstract ContainerStart Waits(string line, bool obeys = true);

    /// <summary>A start of a command that prints what it reads.</summary>
    protected abstract ContainerStart Echoes();

    [Test]
    public async Task Run_ReturnsWhatTheCommandPrinted_AndItsStatus()
    {
        var result = await Orca.RunAsync(Prints("one\ntwo\n", "three\n", 7));
        Assert.That((result.StandardOutput, result.StandardError, result.ExitCode), Is.EqualTo(("one\ntwo\n", "three\n", 7)));
        Assert.That((result.Exit.Success, result.Exit.TimedOut, result.Exit.Canceled, result.Exit.Signal, result.IsTruncated), Is.EqualTo((false, false, false, (Signal?)null, false)));
        Assert.That(result.RunTime, Is.GreaterThanOrEqualTo(TimeSpan.Zero).And.LessThan(Patience));
    }

    [Test]
    public async Task Run_ThatThrowsOnFailure_TellsTheStatusAndTheLastLineOfItsErrors()
    {
        var failure = await Assert.ThrowsAsync<ContainerFailedException>(() => Orca.RunAsync(Prints("out\n", "first\nno such file\n", 3) with { ThrowOnFailure = true }));
        Assert.That(failure!.Message, Is.EqualTo("the command failed: exit status 3: no such file"));
        Assert.That(failure.Result.StandardOutput, Is.EqualTo("out\n"));
        Assert.That((await Orca.RunAsync(Prints("out\n", string.Empty, 0) with { ThrowOnFailure = true })).Exit.Success, Is.True);
    }

    [Test]
    public async Task Run_CapturesTheFirstBytes_AndSaysThatThereWereMore()
    {
        var result = await Orca.RunAsync(Prints("0123456789", "abc", 0) with { CaptureLimit = 4 });
        Assert.That((result.StandardOutput, result.StandardError, result.IsTruncated, result.ExitCode), Is.EqualTo(("0123", "abc", true, 0)));
        Assert.That((await Orca.RunAsync(Prints("0123", "abc", 0) with { CaptureLimit = 4 })).IsTruncated, Is.False);
    }

    [Test]
    public async Task Run_FeedsTextBytesAndStreams()
    {
        ContainerInput[] inputs = [ContainerInput.Of("größe\n"), ContainerInput.Of("größe\n"u8.ToArray()), ContainerInput.Of(new MemoryStream("größe\n"u8.ToArray()))];
        foreach (var input in inputs)
        {
            Assert.That((await Orca.RunAsync(Echoes() with { Input = input })).StandardOutput, Is.EqualTo("größe\n"));
        }

        Assert.That((await Orca.RunAsync(Echoes())).StandardOutput, Is.Empty);
    }

    [Test]
    public async Task Run_WhoseInputGivesNothing_EndsWithItsCommand()
    {
        var result = await Orca.RunAsync(Prints("x", string.Empty, 4) with { Input = ContainerInput.Of(new SilentStream()) }).WaitAsync(Patience);
        Assert.That((result.StandardOutput, result.ExitCode), Is.EqualTo(("x", 4)));
    }

    [Test]
    public void Run_WhoseInputThrows_ThrowsThat() => Assert.That(
        () => Orca.RunAsync(Echoes() with { Input = ContainerInput.Of(new BrokenStream()) }), Throws.InvalidOperationException.With.Message.EqualTo("mine"));

    [Test]
    public void Run_WithAPipeAsInput_IsRefused() => Assert.That(() => Orca.RunAsync(Echoes() with { Input = ContainerInput.Pipe }), Throws.ArgumentException);

    [Test]
    public async Task Run_CopiesToStreamsAndLines_InsteadOfTheResult()
    {
        var (stream, lines) = (new MemoryStream(), new List<string>());
        var result = await Orca.RunAsync(Prints("out\n", "one\r\ntwo", 0) with { Output = ContainerOutput.To(stream), Error = ContainerOutput.ToLines(lines.Add) });
        Assert.That((result.StandardOutput, result.StandardError), Is.EqualTo((string.Empty, string.Empty)));
        Assert.That(stream.ToArray(), Is.EqualTo("out\n"u8.ToArray()));
        Assert.That(lines, Is.EqualTo(["one", "two"]));
        var discarded = await Orca.RunAsync(Prints("out\n", "err\n", 0) with { Output = ContainerOutput.Discard, Error = ContainerOutput.Discard });
        Assert.That((discarded.StandardOutput, discarded.StandardError), Is.EqualTo((string.Empty, string.Empty)));
    }

    [Test]
    public async Task Line_AsLongAsAPipe_IsOneLine()
    {
        var (line, lines) = (new string('x', 1 << 16), new List<string>());
        await Orca.RunAsync(Prints(line + "\nend\n", string.Empty, 0) with { Output = ContainerOutput.ToLines(lines.Add) });
        Assert.That(lines, Is.EqualTo([line, "end"]));
    }

    [Test]
    public void Run_WhoseConsumerThrows_ThrowsThat() => Assert.That(
        () => Orca.RunAsync(Waits("line") with { Output = ContainerOutput.ToLines(static _ => throw new InvalidOperationException("mine")) }),
        Throws.InvalidOperationException.With.Message.EqualTo("mine"));

    [Test]
    public void Run_Cancelled_ThrowsThat_AndLeavesNothing()
    {
        using var cancellation = new CancellationTokenSource();
        var start = Waits("ready") with { Output = ContainerOutput.ToLines(_ => cancellation.Cancel()) };
        Assert.That(() => Orca.RunAsync(start, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => Orca.RunAsync(start, cancellation.Token), Throws.InstanceOf<OperationCanceledException>(), "cancelled before");
    }

    [Test]
    public async Task Run_ThatTakesTooLong_IsAskedToEnd_AndSaysSo()
    {
        var result = await Orca.RunAsync(Waits("ready") with { Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.That((result.Exit.TimedOut, result.Exit.Canceled, result.Exit.Success, result.StandardOutput), Is.EqualTo((true, false, false, "ready\n")));
    }

    [Test]
    public async Task Run_ThatTakesTooLong_AndDoesNotListen_IsKilledAfterTheGrace()
    {
        var result = await Orca.RunAsync(Waits("ready", obeys: false) with { Timeout = TimeSpan.FromMilliseconds(200), Grace = TimeSpan.FromMilliseconds(200) });
        Assert.That((result.Exit.TimedOut, result.Exit.Signal), Is.EqualTo((true, (Signal?)Signal.Kill)));
    }

    [Test]
    public async Task Start_ReturnsWhileItRuns_AndStopEndsIt()
    {
        await using var container = await Orca.StartAsync(Waits("ready"));
        var end = container.WaitForExitAsync();
        await foreach (var line in container.ReadLinesAsync())
        {
            Assert.That(line, Is.EqualTo(new OutputLine("ready", IsError: false)));
            break;
        }

        Assert.That(end.IsCompleted, Is.False);
        Assert.That(container.Info.ProcessId, Is.GreaterThan(0));
        Assert.That(container.Info.Name, Is.Not.Empty);
        var exit = await container.StopAsync(Patience);
        Assert.That(exit, Is.EqualTo(await end));
        Assert.That((exit.Code, exit.Canceled), Is.EqualTo((0, false)));
        Assert.That(await container.SignalAsync(Signal.Term), Is.False, "it has ended");
    }

    [Test]
    public async Task Stop_KillsWhatDoesNotListen()
    {
        await using var container = await Orca.StartAsync(Waits("ready", obeys: false));
        await foreach (var line in container.ReadLinesAsync())
        {
            Assert.That(line.Text, Is.EqualTo("ready")); // from here on it does not listen
            break;
        }

        var exit = await container.StopAsync(TimeSpan.FromMilliseconds(100));
        Assert.That((exit.Signal, exit.Canceled, exit.ToString()), Is.EqualTo(((Signal?)Signal.Kill, false, "SIGKILL")));
    }

    [Test]
    public async Task Lines_OfBothStreams_ComeInOrder()
    {
        await using var container = await Orca.StartAsync(Prints("1\n2\n3\n", "a\nb\n", 0));
        var lines = new List<OutputLine>();
        await foreach (var line in container.ReadLinesAsync())
        {
            lines.Add(line);
        }

        Assert.That(lines.Where(static line => !line.IsError).Select(static line => line.Text), Is.EqualTo(["1", "2", "3"]));
        Assert.That(lines.Where(static line => line.IsError).Select(static line => line.Text), Is.EqualTo(["a", "b"]));
        Assert.That((await container.WaitForExitAsync()).Code, Is.Zero);
    }

    [Test]
    public async Task Input_IsWrittenAndEnded_ByTheProgram()
    {
        await using var container = await Orca.StartAsync(Echoes() with { Input = ContainerInput.Pipe });
        await container.Streams.Input!.WriteAsync("ping\n"u8.ToArray());
        await container.Streams.Input.DisposeAsync();
        using var reader = new StreamReader(container.Streams.Output!);
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("ping\n"));
        Assert.That((await container.WaitForExitAsync()).Success, Is.True);
    }

    [Test]
    public async Task Read_IntoNoBuffer_WaitsForOutput()
    {
        await using var container = await Orca.StartAsync(Echoes() with { Input = ContainerInput.Pipe });
        var read = container.Streams.Output!.ReadAsync(Memory<byte>.Empty).AsTask();
        await Task.Delay(100);
        Assert.That(read.IsCompleted, Is.False);
        await container.Streams.Input!.WriteAsync("ping\n"u8.ToArray());
        Assert.That(await read.WaitAsync(Patience), Is.Zero);
        var bytes = new byte[10];
        Assert.That(await container.Streams.Output.ReadAsync(bytes), Is.EqualTo(5));
    }

    [Test]
    public async Task Output_CanBeReadAfterTheEnd()
    {
        await using var container = await Orca.StartAsync(Prints("late\n", string.Empty, 5));
        Assert.That((await container.WaitForExitAsync()).Code, Is.EqualTo(5));
        using var reader = new StreamReader(container.Streams.Output!);
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("late\n"));
    }

    [Test]
    public async Task Wait_ThatIsCancelled_LeavesTheContainer()
    {
        await using var container = await Orca.StartAsync(Waits("ready"));
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.That(() => container.WaitForExitAsync(cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await container.SignalAsync(Signal.Kill), Is.True);
        Assert.That((await container.WaitForExitAsync()).Signal, Is.EqualTo(Signal.Kill));
    }

    [Test]
    public async Task Dispose_TwiceAndFromTwoThreads_KillsOnce_AndSaysSo()
    {
        var container = await Orca.StartAsync(Waits("ready", obeys: false));
        var end = container.WaitForExitAsync();
        await Task.WhenAll(Task.Run(() => container.DisposeAsync().AsTask()), Task.Run(() => container.DisposeAsync().AsTask()));
        Assert.That((await end).Canceled, Is.True);
        await container.DisposeAsync();
    }

    [TestCase("NOEQUALS")]
    [TestCase("=value")]
    [TestCase("")]
    public void Variable_ThatIsNone_IsRefused(string variable) => Assert.That(
        () => Orca.RunAsync(Prints("x", string.Empty, 0) with { Env = [variable] }), Throws.TypeOf<ReferenceException>().With.Message.Contains("is not NAME=value"));

    [Test]
    public async Task Start_ReturnsWhenALineWasWritten_WhichIsStillThere()
    {
        await using var container = await Orca.StartAsync(Waits("ready") with { Ready = Ready.WhenLine("ready") });
        await foreach (var line in container.ReadLinesAsync())
        {
            Assert.That(line.Text, Is.EqualTo("ready"));
            break;
        }
    }

    [Test]
    public async Task Start_OfWhatEndsTooSoon_TellsItsStatusAndLastLines()
    {
        var failure = await Assert.ThrowsAsync<ContainerNotReadyException>(() => Orca.StartAsync(Prints("out\n", "no such database\n", 3) with { Ready = Ready.WhenLine("never") }));
        Assert.That(failure!.Message, Does.Contain("ended before it was ready (exit status 3)").And.Contain("a line with 'never'"));
        Assert.That(failure.LastOutput, Is.EquivalentTo([new OutputLine("out", IsError: false), new OutputLine("no such database", IsError: true)]));
    }

    [Test]
    public async Task Start_OfWhatIsNotReadyInTime_TellsSo_AndLeavesNothing()
    {
        var start = Waits("starting", obeys: false) with { Name = "unready", Ready = Ready.WhenLine("never"), ReadyTimeout = TimeSpan.FromMilliseconds(300) };
        for (var i = 0; i < 2; i++) // the name is free again
        {
            var failure = await Assert.ThrowsAsync<ContainerNotReadyException>(() => Orca.StartAsync(start with { RemoveAfter = i == 1 }));
            Assert.That(failure!.Message, Does.Contain("was not ready after 00:00:00.3000000").And.Contain("its last line: starting"));
        }
    }

    [Test]
    public async Task Start_WhoseReadinessThrows_ThrowsThat()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Orca.StartAsync(Waits("ready") with { Ready = new Throwing() }));
        Assert.That(failure!.Message, Is.EqualTo("mine"));
    }

    [Test]
    public void Start_CancelledBeforeItIsReady_ThrowsThat()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        Assert.That(() => Orca.StartAsync(Waits("ready") with { Ready = Ready.WhenLine("never") }, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Start_WhoseReadinessNeverEnds_IsOverInTime() => Assert.That(
        () => Orca.StartAsync(Waits("ready") with { Ready = new Deaf(), ReadyTimeout = TimeSpan.FromMilliseconds(200) }).WaitAsync(Patience), Throws.TypeOf<ContainerNotReadyException>());

    private sealed class Deaf : IReadiness
    {
        public Task WaitAsync(StartingContainer container, CancellationToken cancellationToken) => new TaskCompletionSource().Task;
    }

    private sealed class SilentStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(new TaskCompletionSource<int>().Task);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new InvalidOperationException("mine");
    }

    private sealed class Throwing : IReadiness
    {
        public Task WaitAsync(StartingContainer container, CancellationToken cancellationToken) => throw new InvalidOperationException("mine");
    }
}
