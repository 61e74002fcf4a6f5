using Orca.Core.Sandbox;

namespace Orca.Sandbox.Launch;

/// <summary>When a command's time is over, and what it gets then: the signal of the limit, and after the grace the one that ends everything.</summary>
internal sealed class TimeKeeper(TimeLimit limit)
{
    private long _deadline;

    /// <summary>What it gets next.</summary>
    internal int Signal { get; private set; } = limit.Signal.Number;

    /// <summary>In milliseconds, rounded up; 0 when it is over.</summary>
    internal long Left => Math.Max(0, _deadline - Environment.TickCount64);

    /// <summary>The command runs from now on.</summary>
    internal void Start() => _deadline = Environment.TickCount64 + (long)Math.Ceiling(limit.After.TotalMilliseconds);

    /// <summary>The time is over: the signal to send now. What comes next comes after the grace.</summary>
    internal int Strike()
    {
        var now = Signal;
        (Signal, _deadline) = (SignalCatcher.Kill, Environment.TickCount64 + (long)TimeLimit.Grace.TotalMilliseconds);
        return now;
    }
}
