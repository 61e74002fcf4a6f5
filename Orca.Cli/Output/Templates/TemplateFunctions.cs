using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orca.Cli.Output.Templates;

/// <summary>The functions of templates: those of Go's text/template and docker's that format results. Those that would run code, or escape for other formats, are not there.</summary>
internal static class TemplateFunctions
{
    private const int Widest = 1000, MostMembers = 100_000;

    /// <summary>How long a text may be that a function returns.</summary>
    internal const int MostText = 8 << 20;

    /// <summary>Calls a function.</summary>
    /// <exception cref="TemplateException">There is none of this name, or it cannot take these arguments.</exception>
    public static object? Call(string name, List<object?> values) => (name, values) switch
    {
        ("json", [var value]) => TemplateValue.Json(value),
        ("len", [var value]) => TemplateValue.Length(value) is >= 0 and var length ? (object)(long)length : throw Cannot(name),
        ("upper", [string text]) => text.ToUpperInvariant(),
        ("lower", [string text]) => text.ToLowerInvariant(),
        ("title", [string text]) => Title(text),
        ("split", [string text, string separator]) => Split(text, separator),
        ("join", [var list, string separator]) => Concat(separator, TemplateValue.Members(list).Select(static member => member.Value)),
        ("pad", [string text, long before, long after]) => text.Length == 0 ? text : new string(' ', Width(before)) + text + new string(' ', Width(after)),
        ("truncate", [string text, long length]) => length < 0 || text.Length <= length ? text : text[..(int)length],
        ("index", [var list, .. var keys]) => keys.Aggregate(list, Index),
        ("slice", [string text, long from]) => from >= 0 && from <= text.Length ? text[(int)from..] : throw Cannot(name),
        ("slice", [string text, long from, long to]) => from >= 0 && from <= to && to <= text.Length ? text[(int)from..(int)to] : throw Cannot(name),
        ("print", _) => Concat(string.Empty, values),
        ("println", _) => Concat(" ", values) + "\n",
        ("printf", [string format, .. var arguments]) => Format(format, arguments),
        ("not", [var value]) => !TemplateValue.IsTrue(value),
        ("eq", [var first, _, ..]) => values.Skip(1).Any(value => Compare(name, first, value) == 0),
        ("ne", [var first, var second]) => Compare(name, first, second) != 0,
        ("lt", [var first, var second]) => Compare(name, first, second) < 0,
        ("le", [var first, var second]) => Compare(name, first, second) <= 0,
        ("gt", [var first, var second]) => Compare(name, first, second) > 0,
        ("ge", [var first, var second]) => Compare(name, first, second) >= 0,
        ("and", [_, ..]) => values.FirstOrDefault(static value => !TemplateValue.IsTrue(value), values[^1]),
        ("or", [_, ..]) => values.FirstOrDefault(TemplateValue.IsTrue, values[^1]),
        ("json" or "len" or "upper" or "lower" or "title" or "split" or "join" or "pad" or "truncate" or "index" or "slice" or "printf" or "not"
            or "eq" or "ne" or "lt" or "le" or "gt" or "ge" or "and" or "or", _) => throw Cannot(name),
        _ => throw new TemplateException($"'{name}' is a function that orca does not know"),
    };

    private static TemplateException Cannot(string name) => new($"'{name}' cannot take these values");

    private static int Width(long width) => width is >= 0 and <= Widest ? (int)width : throw new TemplateException("a width is too large");

    private static void Bound(long length)
    {
        if (length > MostText)
        {
            throw new TemplateException("its result is too long");
        }
    }

    private static string Concat(string separator, IEnumerable<object?> values)
    {
        var text = new StringBuilder();
        var isFirst = true;
        foreach (var value in values)
        {
            text.Append(isFirst ? string.Empty : separator).Append(TemplateValue.Text(value));
            isFirst = false;
            Bound(text.Length);
        }

        return text.ToString();
    }

    private static List<string> Split(string text, string separator)
    {
        var parts = separator.Length == 0 ? [.. text.Take(MostMembers + 1).Select(static character => character.ToString())] : text.Split(separator, MostMembers + 1);
        return parts.Length > MostMembers ? throw new TemplateException("its result is too long") : [.. parts];
    }

    private static string Title(string text)
    {
        var result = text.ToCharArray();
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = i == 0 || char.IsWhiteSpace(result[i - 1]) ? char.ToUpperInvariant(result[i]) : result[i];
        }

        return new string(result);
    }

    private static object? Index(object? list, object? key) => (list, key) switch
    {
        (null, _) => null,
        (JsonElement { ValueKind: JsonValueKind.Object } members, string name) => members.TryGetProperty(name, out var found) ? TemplateValue.Of(found) : string.Empty,
        (JsonElement { ValueKind: JsonValueKind.Array } array, long at) when at >= 0 && at < array.GetArrayLength() => TemplateValue.Of(array[(int)at]),
        (List<string> texts, long at) when at >= 0 && at < texts.Count => texts[(int)at],
        (JsonElement { ValueKind: JsonValueKind.Array } or List<string>, long) => throw new TemplateException($"there is no member {TemplateValue.Text(key)}"),
        _ => throw Cannot("index"),
    };

    private static int Compare(string function, object? first, object? second) => (first, second) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (long a, long b) => a.CompareTo(b),
        (long or double, long or double) => Convert.ToDouble(first, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(second, CultureInfo.InvariantCulture)),
        (bool a, bool b) => a == b ? 0 : 1,
        (null, _) or (_, null) => first is null && second is null ? 0 : 1,
        _ => throw new TemplateException($"'{function}' cannot compare '{TemplateValue.Text(first)}' with '{TemplateValue.Text(second)}'"),
    };

    /// <summary><c>%s %v %d %q %t %f</c> with width and precision; Go's marks for what is wrong are errors here.</summary>
    private static string Format(string format, List<object?> arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            var start = ++i;
            while (i < format.Length && (format[i] is '-' or '+' or '0' or '.' or '#' || char.IsAsciiDigit(format[i])))
            {
                i++;
            }

            if (i == format.Length)
            {
                throw new TemplateException("'printf' has a '%' with nothing after it");
            }

            if (format[i] == '%')
            {
                text.Append('%');
                continue;
            }

            var value = next < arguments.Count ? arguments[next++] : throw new TemplateException("'printf' has too few values");
            text.Append(Padded(One(format[i], format[start..i], value), format[start..i]));
            Bound(text.Length);
        }

        return next == arguments.Count ? text.ToString() : throw new TemplateException("'printf' has too many values");
    }

    private static string One(char verb, string flags, object? value)
    {
        var dot = flags.IndexOf('.', StringComparison.Ordinal);
        var precision = dot < 0 ? -1 : Width(Number(flags[(dot + 1)..]));
        return (verb, value) switch
        {
            ('s' or 'v', string text) when precision >= 0 && precision < text.Length => text[..precision],
            ('s' or 'v', _) => TemplateValue.Text(value),
            ('q', _) => TemplateValue.Json(TemplateValue.Text(value)),
            ('d', long number) => number.ToString(CultureInfo.InvariantCulture),
            ('x', long number) => number.ToString("x", CultureInfo.InvariantCulture),
            ('t', bool) => TemplateValue.Text(value),
            ('f', long or double) => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("F" + (precision < 0 ? 6 : Math.Min(precision, 20)), CultureInfo.InvariantCulture),
            _ => throw new TemplateException($"'printf' cannot print '{TemplateValue.Text(value)}' as '%{verb}'"),
        };
    }

    private static string Padded(string text, string flags)
    {
        var dot = flags.IndexOf('.', StringComparison.Ordinal);
        var before = dot < 0 ? flags : flags[..dot];
        var width = Width(Number(before.TrimStart('-', '+', '#')));
        return before.StartsWith('-') ? text.PadRight(width) : before.StartsWith('0') ? text.PadLeft(width, '0') : text.PadLeft(width);
    }

    private static long Number(string text) => text.Length == 0 ? 0 : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : Widest + 1;
}
