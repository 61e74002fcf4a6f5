namespace Orca.Registry.Remote;

/// <summary>Tells a slow line from a server that sends just enough to look alive: in each minute of waiting some bytes must come.</summary>
/// <remarks>
/// <see cref="IdleTimer"/> ends what is silent altogether, and a byte now and then, or a connection that breaks behind each byte, would keep it content for
/// hours. The time counts in which somebody waits for bytes of a body, or for the next try when one broke; not that in which the disk takes them, nor that
/// until an answer begins, which has limits of its own (Retry-After). One slow minute may be the line's, so it counts as a broken connection;
/// <see cref="RetryBudget.DefaultTries"/> of them in a row are the server's.
/// </remarks>
internal sealed class MinimumThroughput(TimeProvider time)
{
    /// <summary>So many bytes must come within <see cref="IdleTimer.Limit"/>: 256 in a second, less than a tenth of the slowest line that people pull over.</summary>
    internal const int Least = 256 * 60;

    private long _since = time.GetTimestamp();
    private TimeSpan _waited;
    private long _came;
    private int _slowMinutes;

    /// <summary>From here on somebody waits.</summary>
    internal void Begin() => _since = time.GetTimestamp();

    /// <summary>Until the next <see cref="Begin"/> nobody waits for bytes.</summary>
    internal void Hold() => _waited += time.GetElapsedTime(_since);

    /// <summary>Counts bytes that came; the wait for more begins.</summary>
    /// <exception cref="TransferException">A minute was waited for too few; final when that has happened too often.</exception>
    internal void Require(int count)
    {
        var now = time.GetTimestamp();
        _waited += time.GetElapsedTime(_since, now);
        (_since, _came) = (now, _came + count);
        if (_came >= Least)
        {
            (_waited, _came, _slowMinutes) = (TimeSpan.Zero, 0, 0);
        }
        else if (_waited >= IdleTimer.Limit)
        {
            var fault = ++_slowMinutes < RetryBudget.DefaultTries ? TransferFault.Broken : TransferFault.Final;
            var cause = $"only {_came} bytes came in {_waited.TotalSeconds:0} seconds";
            (_waited, _came) = (TimeSpan.Zero, 0);
            throw new TransferException(fault, cause);
        }
    }
}
