using System.Globalization;

namespace Orca.Cli.Output;

/// <summary>Sizes and times as people read them.</summary>
internal static class Amount
{
    private static readonly string[] s_units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Bytes in powers of 1000, three digits: <c>12.3 MB</c>.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        while (bytes >= 999.5 && unit < s_units.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }

        var format = unit == 0 || bytes >= 99.95 ? "0" : bytes >= 9.995 ? "0.0" : "0.00";
        return bytes.ToString(format, CultureInfo.InvariantCulture) + " " + s_units[unit];
    }

    /// <summary>A duration: <c>850 ms</c>, <c>3.2 s</c>, <c>4 min 05 s</c>, <c>2 h 10 min</c>.</summary>
    public static string Time(TimeSpan time) => time.TotalSeconds switch
    {
        < 0.01 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min"),
    };

    /// <summary>How long ago: <c>5 minutes ago</c>. A clock that went back says <c>just now</c>.</summary>
    public static string Ago(TimeSpan time) => time.TotalSeconds switch
    {
        < 60 => "just now",
        < 3600 => Some((int)time.TotalMinutes, "minute"),
        < 86400 => Some((int)time.TotalHours, "hour"),
        < 86400 * 60.0 => Some((int)time.TotalDays, "day"),
        < 86400 * 730.0 => Some((int)(time.TotalDays / 30), "month"),
        _ => Some((int)(time.TotalDays / 365), "year"),
    };

    private static string Some(int count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? string.Empty : "s")} ago");
}
