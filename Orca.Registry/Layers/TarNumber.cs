namespace Orca.Registry.Layers;

/// <summary>The ways tar writes numbers. Everything fits an <see cref="Int128"/>, so nothing overflows before its range is checked.</summary>
internal static class TarNumber
{
    /// <summary>Reads an octal field, padded with spaces or NULs on either side, or a GNU base-256 field; an empty field is 0.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> field, out Int128 value)
    {
        if ((field[0] & 0x80) != 0)
        {
            value = ReadBase256(field);
            return true;
        }

        value = 0;
        field = field.Trim(" \0"u8);
        var end = field.IndexOf((byte)0);
        foreach (var digit in end < 0 ? field : field[..end])
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }

    /// <summary>Reads a PAX decimal without fraction: digits, at most one leading minus; huge ones saturate.</summary>
    internal static bool TryReadDecimal(ReadOnlySpan<byte> text, out Int128 value)
    {
        value = 0;
        var negative = text.StartsWith("-"u8);
        text = negative ? text[1..] : text;
        if (text.IsEmpty)
        {
            return false;
        }

        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = Int128.Min((value * 10) + (uint)(digit - '0'), Int128.MaxValue / 100);
        }

        value = negative ? -value : value;
        return true;
    }

    /// <summary>Reads a PAX time: decimal seconds with an optional fraction, of which nine digits count. Seconds saturate.</summary>
    internal static bool TryReadTime(ReadOnlySpan<byte> text, out (long Seconds, uint Nanoseconds) time)
    {
        time = default;
        var negative = text.StartsWith("-"u8);
        var digits = negative ? text[1..] : text;
        var point = digits.IndexOf((byte)'.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? [] : digits[(point + 1)..];
        Int128 seconds = 0;
        if ((whole.IsEmpty && fraction.IsEmpty) || (!whole.IsEmpty && (whole[0] == '-' || !TryReadDecimal(whole, out seconds))))
        {
            return false;
        }

        uint nanoseconds = 0;
        for (var i = 0; i < Math.Max(9, fraction.Length); i++)
        {
            var digit = i < fraction.Length ? fraction[i] : (byte)'0';
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            nanoseconds = i < 9 ? (nanoseconds * 10) + (uint)(digit - '0') : nanoseconds;
        }

        // -1.25 s is 2 s before the epoch and 0.75 s after that.
        time = negative && nanoseconds > 0 ? (Saturate(-seconds - 1), 1_000_000_000 - nanoseconds) : (Saturate(negative ? -seconds : seconds), nanoseconds);
        return true;
    }

    /// <summary>The nearest number of seconds that the kernel takes; it clamps further to what the file system can hold.</summary>
    internal static long Saturate(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);

    private static Int128 ReadBase256(ReadOnlySpan<byte> field)
    {
        // Two's complement; the top bit is the marker, the next one the sign.
        Int128 value = (field[0] & 0x40) != 0 ? (field[0] | -128) : field[0] & 0x7f;
        foreach (var b in field[1..])
        {
            value = (value << 8) | b;
        }

        return value;
    }
}
