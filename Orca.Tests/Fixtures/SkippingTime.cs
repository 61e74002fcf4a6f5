namespace Orca.Tests.Fixtures;

/// <summary>A clock on which every wait is over at once and written down, while time-outs never strike unless asked to.</summary>
internal sealed class SkippingTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The waits, in order.</summary>
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>Let time-outs strike after some real milliseconds.</summary>
    public bool TimeoutsStrike { get; set; }

    /// <summary>How many: a handshake may come in between.</summary>
    public int StrikeAfter { get; set; } = 100;

    /// <summary>Let waits last for ever.</summary>
    public bool WaitsLast { get; set; }

    /// <summary>How long each operation takes that a time-out stands over.</summary>
    public TimeSpan OperationsTake { get; set; }

    public override DateTimeOffset GetUtcNow() => _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public void Advance(TimeSpan by) => _now += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            return new TimeoutTimer(this, callback, state);
        }

        lock (Waits)
        {
            Waits.Add(dueTime);
        }

        return System.CreateTimer(callback, state, WaitsLast ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, period);
    }

    private sealed class TimeoutTimer(SkippingTime owner, TimerCallback callback, object? state) : ITimer
    {
        private readonly ITimer _timer = System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan && owner.OperationsTake > TimeSpan.Zero)
            {
                owner.Advance(owner.OperationsTake);
            }

            return _timer.Change(owner.TimeoutsStrike && dueTime != Timeout.InfiniteTimeSpan ? TimeSpan.FromMilliseconds(owner.StrikeAfter) : Timeout.InfiniteTimeSpan, period);
        }

        public void Dispose() => _timer.Dispose();

        public ValueTask DisposeAsync() => _timer.DisposeAsync();
    }
}
