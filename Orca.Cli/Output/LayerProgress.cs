using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Output;

/// <summary>How far one layer is, and how fast its bytes come.</summary>
internal sealed class LayerProgress
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time;
    private readonly Queue<(long At, long Bytes)> _samples = new();
    private readonly long _offset;

    public LayerProgress(PullProgress first, TimeProvider time)
    {
        (_time, _offset, Digest, Index, Total) = (time, first.Bytes, first.Layer, first.Index, first.Total);
        if (first.Stage != PullStage.Fetching)
        {
            _offset = first.Total; // all of it was there
        }
    }

    /// <summary>The layer.</summary>
    public Digest Digest { get; }

    /// <summary>Its place, from 0.</summary>
    public int Index { get; }

    /// <summary>Compressed bytes.</summary>
    public long Total { get; }

    /// <summary>Compressed bytes that are there.</summary>
    public long Bytes { get; private set; }

    /// <summary>What is being done.</summary>
    public PullStage Stage { get; private set; }

    /// <summary>Bytes that this pull fetched, without those of an earlier one.</summary>
    public long Fetched => Math.Max(0, (Stage == PullStage.Fetching ? Bytes : Total) - _offset);

    /// <summary>Takes a report; one that comes late (threads overtake each other) never turns the clock back.</summary>
    public void Update(PullProgress report)
    {
        Stage = report.Stage > Stage ? report.Stage : Stage;
        Bytes = Math.Clamp(report.Bytes, Bytes, Math.Max(Bytes, Total));
        var now = _time.GetTimestamp();
        if (_samples.Count == 0 || _time.GetElapsedTime(_lastSample, now).TotalMilliseconds >= 100)
        {
            _samples.Enqueue((now, Bytes));
            _lastSample = now;
        }

        Forget(now);
    }

    /// <summary>Bytes a second over the last seconds; 0 when not known or stalled.</summary>
    public double Rate
    {
        get
        {
            var now = _time.GetTimestamp();
            Forget(now);
            if (!_samples.TryPeek(out var oldest))
            {
                return 0;
            }

            var seconds = _time.GetElapsedTime(oldest.At, now).TotalSeconds;
            return seconds < 0.2 ? 0 : (Bytes - oldest.Bytes) / seconds;
        }
    }

    /// <summary>How long the rest takes at this rate; null when not known.</summary>
    public TimeSpan? Remaining => Rate is > 1 and var rate ? TimeSpan.FromSeconds(Math.Min((Total - Bytes) / rate, 360_000)) : null;

    private long _lastSample;

    private void Forget(long now)
    {
        while (_samples.Count > 1 && _time.GetElapsedTime(_samples.Peek().At, now) > s_window)
        {
            _samples.Dequeue();
        }
    }
}
