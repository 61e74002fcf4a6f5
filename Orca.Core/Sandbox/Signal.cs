using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Orca.Core.Errors;

namespace Orca.Core.Sandbox;

/// <summary>A signal by its number (signal(7)), 1 to 64.</summary>
public readonly record struct Signal
{
    private const int Last = 64, RealTimeMin = 34, RealTimeMax = 64; // as glibc counts: it keeps the kernel's first two for itself
    private static readonly string[] s_names =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    private readonly byte _number;

    private Signal(int number) => _number = (byte)number;

    /// <summary>Asks a program to end.</summary>
    public static Signal Term { get; } = new(15);

    /// <summary>Ends a program.</summary>
    public static Signal Kill { get; } = new(9);

    /// <summary>Its number; that of <see cref="Term"/> for a value that nobody has set.</summary>
    public int Number => _number == 0 ? 15 : _number;

    /// <summary>Reads a number, or a name in any case, with or without <c>SIG</c>; real-time signals are <c>RTMIN+n</c> and <c>RTMAX-n</c>.</summary>
    /// <exception cref="SandboxException">It is none.</exception>
    public static Signal Parse(string text) => TryParse(text, out var signal)
        ? signal
        : throw new SandboxException($"cannot use signal '{Quoted.Text(text)}': there is none of that name", "for example SIGTERM, INT, 9 or SIGRTMIN+3");

    /// <summary>As <see cref="Parse"/>, without the exception.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Signal signal)
    {
        var number = NumberOf(text);
        signal = number is > 0 and <= Last ? new Signal(number) : default;
        return number is > 0 and <= Last;
    }

    /// <summary>Its name, or its number when it has none.</summary>
    public override string ToString() => Number <= s_names.Length ? "SIG" + s_names[Number - 1] : Number.ToString(CultureInfo.InvariantCulture);

    private static int NumberOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return 0;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(3) : text;
        for (var i = 0; i < s_names.Length; i++)
        {
            if (name.Equals(s_names[i], StringComparison.OrdinalIgnoreCase))
            {
                return i + 1;
            }
        }

        return RealTime(name, "RTMIN", '+') is { } up ? InRange(RealTimeMin + up) : RealTime(name, "RTMAX", '-') is { } down ? InRange(RealTimeMax - down) : 0;
    }

    /// <summary>How far from the end of the range; null when it is not named from there.</summary>
    private static int? RealTime(ReadOnlySpan<char> name, string end, char sign) => !name.StartsWith(end, StringComparison.OrdinalIgnoreCase)
        ? null
        : name.Length == end.Length ? 0
        : name[end.Length] == sign && int.TryParse(name[(end.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var distance) && distance <= Last ? distance : null;

    private static int InRange(int number) => number is >= RealTimeMin and <= RealTimeMax ? number : 0;
}
