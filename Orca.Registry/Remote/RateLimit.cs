using System.Globalization;
using Orca.Core.Errors;

namespace Orca.Registry.Remote;

/// <summary>What a registry says of how often it may still be asked.</summary>
/// <remarks>Source: Docker Hub's documentation: <c>ratelimit-limit: 100;w=21600</c> and <c>ratelimit-remaining: 76;w=21600</c>, the window in seconds; RFC 9110 for Retry-After.</remarks>
/// <param name="Remaining">Pulls that are left.</param>
/// <param name="Limit">Pulls in a window; null when it is not said.</param>
/// <param name="Window">The window; null when it is not said.</param>
internal readonly record struct RateLimit(long Remaining, long? Limit, TimeSpan? Window)
{
    private const int LowOf = 5; // a fifth
    private const int LowWithoutLimit = 10;

    /// <summary>The headers of an answer; null when it has none of use.</summary>
    internal static RateLimit? Read(Answer answer) =>
        Parse(answer.Header("RateLimit-Remaining")) is { } remaining
            ? new RateLimit(remaining.Count, Parse(answer.Header("RateLimit-Limit"))?.Count, remaining.Window ?? Parse(answer.Header("RateLimit-Limit"))?.Window)
            : null;

    /// <summary>True when the user should know.</summary>
    internal bool IsLow => Limit is { } limit ? Remaining * LowOf <= limit : Remaining <= LowWithoutLimit;

    /// <summary>What the user should know.</summary>
    internal string Say(string registry, bool isAnonymous) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Quoted.Text(registry)} lets {Remaining} more pull{(Remaining == 1 ? string.Empty : "s")} through{(Limit is { } limit ? $", of {limit}" : string.Empty)}{(Window is { } window ? $" in {Time(window)}" : string.Empty)}{(isAnonymous ? $"; 'orca login {Quoted.Text(registry)}' raises that" : string.Empty)}");

    /// <summary>When to come back after a 429.</summary>
    internal static string Hint(Answer answer, Login login, DateTimeOffset now)
    {
        var isAnonymous = login is { Registry.Length: > 0, User: null };
        var limit = Parse(answer.Header("RateLimit-Limit"));
        var when = RetryBudget.RetryAfter(answer.Header("Retry-After"), now) is { } wait && wait > TimeSpan.Zero ? $"come back in {Time(wait)}{At(now, wait)}"
            : limit is { Window: { } window, Count: var count } ? string.Create(CultureInfo.InvariantCulture, $"it allows {count} pulls in {Time(window)}: come back later")
            : "come back later";
        return $"the registry limits how often it may be asked; {when}{(isAnonymous ? $", or log in with 'orca login {login.Registry}'" : string.Empty)}";
    }

    private static string At(DateTimeOffset now, TimeSpan wait) => wait < TimeSpan.FromDays(1)
        ? string.Create(CultureInfo.InvariantCulture, $" (at {now + wait:HH:mm} UTC)")
        : wait < TimeSpan.FromDays(36500) ? string.Create(CultureInfo.InvariantCulture, $" (on {now + wait:yyyy-MM-dd})") : string.Empty;

    private static string Time(TimeSpan time) => time.TotalSeconds switch
    {
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)} seconds"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMinutes)} minutes"),
        < 172800 => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalHours)} hours"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalDays)} days"),
    };

    /// <summary><c>100;w=21600</c>, or a number alone.</summary>
    private static (long Count, TimeSpan? Window)? Parse(string? header)
    {
        var parts = (header ?? string.Empty).Split(';', StringSplitOptions.TrimEntries);
        if (!long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > int.MaxValue)
        {
            return null;
        }

        var window = parts.Skip(1).FirstOrDefault(part => part.StartsWith("w=", StringComparison.Ordinal));
        return (count, window is not null && int.TryParse(window.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null);
    }
}
