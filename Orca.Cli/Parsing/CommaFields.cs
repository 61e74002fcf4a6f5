using System.Text;

namespace Orca.Cli.Parsing;

/// <summary>Splits at commas as Docker splits <c>--mount</c>: one line of CSV (RFC 4180), so that a quoted field may hold a comma.</summary>
internal static class CommaFields
{
    /// <summary>The fields; null when a quote is not closed or stands where none may.</summary>
    public static List<string>? Split(string text)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        for (var i = 0; ; i++)
        {
            if (i < text.Length && text[i] == '"')
            {
                if (field.Length > 0 || (i = Quoted(text, i, field)) < 0)
                {
                    return null;
                }
            }

            if (i >= text.Length || text[i] == ',')
            {
                fields.Add(field.ToString());
                field.Clear();
                if (i >= text.Length)
                {
                    return fields;
                }
            }
            else
            {
                field.Append(text[i]);
            }
        }
    }

    /// <summary>Takes what is quoted; the place after the closing quote, which a comma or the end must follow, or -1.</summary>
    private static int Quoted(string text, int start, StringBuilder field)
    {
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] != '"')
            {
                field.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append(text[++i]);
            }
            else
            {
                return i + 1 == text.Length || text[i + 1] == ',' ? i + 1 : -1;
            }
        }

        return -1;
    }
}
