using System.IO.Pipelines;
using System.Text;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Testing;

/// <summary>The process of a fake container: a task that does what its command says, with pipes in memory that hold as much as those of the kernel.</summary>
internal sealed class FakeProcess : ISandboxProcess
{
    private const int Capacity = 1 << 16;
    private const int SignalBase = 128;
    private static readonly int[] s_harmless = [17, 18, 23, 28]; // SIGCHLD, SIGCONT, SIGURG, SIGWINCH: their default is to do nothing
    private static int s_last = 1 << 22; // as no process of a Linux host has

    private readonly Pipe?[] _pipes;
    private readonly FakeCommand _command;
    private readonly ContainerStart _start;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _killed = new();
    private readonly SemaphoreSlim _asked = new(0); // counts signals that no wait has taken
    private int _signal;

    internal FakeProcess(FakeCommand command, ContainerStart start, TimeProvider time)
    {
        (_command, _start, _time, Id) = (command, start, time, Interlocked.Increment(ref s_last));
        var streams = StartRequest.Streams(start);
        _pipes = [Open(streams.Input), Open(streams.Output), Open(streams.Error)];
        Pipes = [_pipes[0]?.Writer.AsStream(), _pipes[1]?.Reader.AsStream(), _pipes[2]?.Reader.AsStream()];
        Exited = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public int Id { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Stream?> Pipes { get; }

    /// <inheritdoc/>
    public Task<SandboxExit> Exited { get; }

    /// <inheritdoc/>
    public bool TrySignal(Signal signal)
    {
        if (Exited.IsCompleted)
        {
            return false;
        }

        if (signal != Signal.Kill && (_command.IgnoresSignals || s_harmless.Contains(signal.Number)))
        {
            return true;
        }

        if (signal != Signal.Kill && _command.HandlesSignals)
        {
            _asked.Release();
            return true;
        }

        Interlocked.CompareExchange(ref _signal, signal.Number, 0);
        _killed.Cancel();
        return true;
    }

    /// <inheritdoc/>
    public Fd? OpenRoot() => null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        TrySignal(Signal.Kill);
        await ((Task)Exited).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var pipe in Pipes)
        {
            pipe?.Dispose();
        }
    }

    internal Task WriteAsync(int stream, string text) => WriteAsync(stream, Encoding.UTF8.GetBytes(text));

    internal async Task EchoAsync()
    {
        if (_start.Input.Handle is { } handle)
        {
            var bytes = new byte[RandomAccess.GetLength(handle)];
            await WriteAsync(1, bytes.AsMemory(0, await RandomAccess.ReadAsync(handle, bytes, 0, _killed.Token).ConfigureAwait(false))).ConfigureAwait(false);
            return;
        }

        if (_pipes[0] is not { } input)
        {
            return;
        }

        ReadResult read;
        do
        {
            read = await input.Reader.ReadAsync(_killed.Token).ConfigureAwait(false);
            foreach (var part in read.Buffer)
            {
                await WriteAsync(1, part).ConfigureAwait(false);
            }

            input.Reader.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
    }

    internal Task WaitForSignalAsync() => _asked.WaitAsync(_killed.Token);

    internal Task DelayAsync(TimeSpan time) => Task.Delay(time, _time, _killed.Token);

    internal Task WaitForAsync(Task task) => task.WaitAsync(_killed.Token);

    private static Pipe? Open(SandboxStream stream) => !stream.IsPipe ? null : new Pipe(new PipeOptions(pauseWriterThreshold: Capacity, resumeWriterThreshold: Capacity / 2, useSynchronizationContext: false));

    private async Task WriteAsync(int stream, ReadOnlyMemory<byte> bytes)
    {
        if (_pipes[stream] is { } pipe)
        {
            await pipe.Writer.WriteAsync(bytes, _killed.Token).ConfigureAwait(false);
        }
        else if ((stream == 1 ? _start.Output : _start.Error).Handle is { } handle)
        {
            await RandomAccess.WriteAsync(handle, bytes, RandomAccess.GetLength(handle), _killed.Token).ConfigureAwait(false);
        }
    }

    private async Task<SandboxExit> RunAsync()
    {
        var code = _command.Code;
        try
        {
            await _command.RunAsync(this).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_killed.IsCancellationRequested)
        {
            code = SignalBase + _signal;
        }
        finally
        {
            _pipes[0]?.Reader.Complete();
            _pipes[1]?.Writer.Complete();
            _pipes[2]?.Writer.Complete();
        }

        return new SandboxExit(new ExitStatus(code), _command.IsOutOfMemory ? true : _start.Limits.Memory is null ? null : false);
    }
}
