using System.Runtime.CompilerServices;

namespace Orca;

/// <summary>Looks at the lines of a container that gets ready, without taking them from whom they are for.</summary>
internal sealed class OutputTap : IAsyncDisposable
{
    private const int MostLines = 10_000, MostCharacters = 4 << 20, Last = 50;
    private readonly Lock _gate = new();
    private readonly Queue<OutputLine> _lines = new();
    private readonly List<Task> _ends = [];
    private readonly CancellationTokenSource _following = new();
    private long _forgotten;
    private int _characters;
    private volatile bool _isClosed;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The last lines.</summary>
    internal IReadOnlyList<OutputLine> LastLines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines.TakeLast(Last)];
            }
        }
    }

    /// <summary>A sink that the bytes of a stream go through on their way to another one.</summary>
    internal OutputSink Before(OutputSink target, bool isError) => new Through(target, LinesOf(isError), this);

    /// <summary>Reads a stream that is the program's, which finds everything again in the stream that is returned.</summary>
    internal Stream Follow(Stream pipe, bool isError)
    {
        var replay = new ReplayStream(pipe);
        _ends.Add(replay.FollowAsync(LinesOf(isError), _following.Token));
        return replay;
    }

    /// <summary>Completes when what a container that has ended wrote to the program's pipes has been looked at.</summary>
    internal Task DrainAsync() => Task.WhenAll(_ends);

    /// <summary>Nobody looks any more: the streams are the program's from now on, and the lines are forgotten. It may be called again.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _following.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_ends).ConfigureAwait(false);
        lock (_gate)
        {
            _forgotten += _lines.Count;
            _characters = 0;
            _lines.Clear();
            _lines.TrimExcess();
        }
    }

    /// <summary>All lines from the first that is not forgotten, and then those that come.</summary>
    internal async IAsyncEnumerable<OutputLine> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = 0L;
        while (true)
        {
            OutputLine[] lines;
            Task news;
            lock (_gate)
            {
                var first = Math.Max(next, _forgotten);
                lines = [.. _lines.Skip((int)(first - _forgotten))];
                next = first + lines.Length;
                news = _news.Task;
            }

            foreach (var line in lines)
            {
                yield return line;
            }

            if (lines.Length == 0)
            {
                await news.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private LineSink LinesOf(bool isError) => new((line, _) =>
    {
        Add(new OutputLine(line, isError));
        return ValueTask.CompletedTask;
    });

    private void Add(OutputLine line)
    {
        TaskCompletionSource news;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _lines.Enqueue(line);
            _characters += line.Text.Length;
            while (_lines.Count > MostLines || _characters > MostCharacters)
            {
                _characters -= _lines.Dequeue().Text.Length;
                _forgotten++;
            }

            (news, _news) = (_news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        news.TrySetResult();
    }

    private sealed class Through(OutputSink target, LineSink lines, OutputTap tap) : OutputSink
    {
        internal override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            if (!tap._isClosed)
            {
                await lines.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            }

            await target.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        internal override async ValueTask FinishAsync(CancellationToken cancellationToken)
        {
            if (!tap._isClosed)
            {
                await lines.FinishAsync(cancellationToken).ConfigureAwait(false);
            }

            await target.FinishAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
