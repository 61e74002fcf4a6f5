using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Orca.Registry.Remote;

/// <summary>How often one piece of work may be tried without progress, and how long to wait in between.</summary>
/// <remarks>Half a second, doubled each time, of which a random part is left out so that many clients do not return as one; a server's Retry-After goes first, up to a minute.</remarks>
internal sealed class RetryBudget(TimeProvider time, ILogger logger, Action<string>? note = null, int tries = RetryBudget.DefaultTries)
{
    internal const int DefaultTries = 5;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Remarkable = TimeSpan.FromSeconds(5); // a longer standstill wants an explanation

    private int _failures;

    /// <summary>True for the answers that may be different next time.</summary>
    internal static bool IsTransient(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    /// <summary>Something came through: the count starts anew.</summary>
    internal void Progress() => _failures = 0;

    /// <summary>Waits before the next try; false when there is none.</summary>
    internal async ValueTask<bool> WaitAsync(string request, string cause, string? retryAfter, CancellationToken cancellationToken)
    {
        if (++_failures >= tries)
        {
            return false;
        }

        var delay = Delay(_failures, retryAfter, time.GetUtcNow());
        if (logger.IsEnabled(LogLevel.Information))
        {
            logger.LogInformation("{Request}: {Cause}; trying again in {Seconds:0.0} s", request, cause, delay.TotalSeconds);
        }

        if (delay >= Remarkable)
        {
            note?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{request}: {cause}; trying again in {delay.TotalSeconds:0} seconds"));
        }

        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>How long to wait after the given number of failures.</summary>
    /// <param name="failures">From 1.</param>
    /// <param name="retryAfter">The header, in seconds or as a date; anything else counts as absent.</param>
    /// <param name="now">The time that a date is compared with.</param>
    internal static TimeSpan Delay(int failures, string? retryAfter, DateTimeOffset now)
    {
        var own = FirstDelay * Math.Pow(2, failures - 1) * (0.5 + (Random.Shared.NextDouble() / 2));
        var asked = RetryAfter(retryAfter, now);
        var delay = asked > own ? asked.Value : own;
        return delay > LongestDelay ? LongestDelay : delay;
    }

    /// <summary>How long a Retry-After header asks to wait; null when it is no header of that kind.</summary>
    internal static TimeSpan? RetryAfter(string? header, DateTimeOffset now) => header switch
    {
        null => null,
        _ when double.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) => TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)),
        _ when DateTimeOffset.TryParseExact(header, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) => date - now,
        _ => null,
    };
}
