namespace Orca.Cli.Output;

/// <summary>How fast bytes come, over the last seconds.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(3);

    private readonly Queue<(long At, long Bytes)> _samples = new();
    private long _bytes;
    private long _lastSample;

    /// <summary>So many bytes are there now.</summary>
    public void Add(long bytes)
    {
        _bytes = bytes;
        var now = time.GetTimestamp();
        if (_samples.Count == 0 || time.GetElapsedTime(_lastSample, now).TotalMilliseconds >= 100)
        {
            _samples.Enqueue((now, bytes));
            _lastSample = now;
        }

        Forget(now);
    }

    /// <summary>Bytes a second; 0 when not known or stalled.</summary>
    public double Rate
    {
        get
        {
            var now = time.GetTimestamp();
            Forget(now);
            if (!_samples.TryPeek(out var oldest))
            {
                return 0;
            }

            var seconds = time.GetElapsedTime(oldest.At, now).TotalSeconds;
            return seconds < 0.2 ? 0 : (_bytes - oldest.Bytes) / seconds;
        }
    }

    /// <summary>How long so many bytes take at this rate; null when not known, or when none are left.</summary>
    public TimeSpan? Remaining(long bytes) => bytes > 0 && Rate is > 1 and var rate ? TimeSpan.FromSeconds(Math.Min(bytes / rate, 360_000)) : null;

    private void Forget(long now)
    {
        while (_samples.Count > 1 && time.GetElapsedTime(_samples.Peek().At, now) > s_window)
        {
            _samples.Dequeue();
        }
    }
}
