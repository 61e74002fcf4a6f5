using System.Buffers;
using System.Globalization;
using Orca.Core.Errors;

namespace Orca.Cli.Parsing;

/// <summary>Reads a moment as docker's <c>--since</c> and <c>--until</c> have it.</summary>
internal static class LogTime
{
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    /// <summary>A date with or without a time (of this machine's zone where it names none), seconds since 1970, or a span before now as <c>1h30m</c>.</summary>
    /// <exception cref="ReferenceException">It is none of them.</exception>
    public static DateTimeOffset? Read(string? text, string option, DateTimeOffset now, CommandSyntax syntax)
    {
        if (text is null)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e11m)
        {
            return DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        }

        if (Span(text) is { } span)
        {
            return now - span;
        }

        return text.Length >= 10 && text[4] == '-'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
                ? time : throw new ReferenceException($"cannot use option '{option}': '{Quoted.Text(text)}' is not a time, as 2026-01-31T12:00:00, 1769860800 or 10m", UsageError.SeeHelp(syntax));
    }

    private static TimeSpan? Span(string text)
    {
        double total = 0;
        while (text.Length > 0)
        {
            var digits = text.AsSpan().IndexOfAnyExcept(s_digits);
            if (digits <= 0 || !double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            var unit = text.AsSpan(digits) switch { ['m', 's', ..] => (0.001, 2), ['h', ..] => (3600, 1), ['m', ..] => (60, 1), ['s', ..] => (1, 1), ['d', ..] => (86400, 1), _ => (0, 0) };
            if (unit.Item2 == 0)
            {
                return null;
            }

            total += number * unit.Item1;
            text = text[(digits + unit.Item2)..];
        }

        return total is > 0 and < 1e10 ? TimeSpan.FromSeconds(total) : null;
    }
}
