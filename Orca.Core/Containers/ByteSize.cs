using System.Globalization;

namespace Orca.Core.Containers;

/// <summary>Amounts of memory as Docker users type them: <c>64m</c>, <c>1.5g</c>, <c>65536</c>, <c>2GiB</c>.</summary>
public static class ByteSize
{
    private const string Units = "bkmgtp";

    /// <summary>Reads a number with an optional unit of b, k, m, g, t or p (powers of 1024); false for anything else, nothing and less than nothing included.</summary>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        var digits = text.AsSpan();
        var length = digits.LastIndexOfAnyInRange('0', '9') + 1;
        var unit = digits[length..].Trim(' ');
        if (!double.TryParse(digits[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || Power(unit) is not { } power)
        {
            return false;
        }

        var exact = number * Math.Pow(1024, power);
        bytes = exact < long.MaxValue ? (long)exact : 0;
        return bytes > 0;
    }

    private static int? Power(ReadOnlySpan<char> unit)
    {
        if (unit.IsEmpty)
        {
            return 0;
        }

        var power = Units.IndexOf(char.ToLowerInvariant(unit[0]), StringComparison.Ordinal);
        var tail = unit[1..];
        var known = tail.IsEmpty || (power > 0 && (tail.Equals("b", StringComparison.OrdinalIgnoreCase) || tail.Equals("ib", StringComparison.OrdinalIgnoreCase)));
        return power >= 0 && known ? power : null;
    }
}
