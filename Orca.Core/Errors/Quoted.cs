using System.Globalization;
using System.Text;

namespace Orca.Core.Errors;

/// <summary>Makes foreign text fit for one line of a terminal: what could move the cursor or hide text is escaped.</summary>
public static class Quoted
{
    private const int MaxLength = 200;

    /// <summary>The bytes of a name as text: valid UTF-8 as it is, all else as <c>\xHH</c>, shortened in the middle when long.</summary>
    public static string Name(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var used);
            if (status == System.Buffers.OperationStatus.Done && IsPlain(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var b in bytes[..used])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
                }
            }

            bytes = bytes[used..];
        }

        return Shorten(text.ToString());
    }

    /// <summary>Foreign text, escaped and shortened as <see cref="Name"/> does; bytes that <see cref="Linux.NativeText"/> kept show as such.</summary>
    public static string Text(string text) => Name(Linux.NativeText.Encode(text));

    private static string Shorten(string text) =>
        text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength / 2), "…", text.AsSpan(text.Length - (MaxLength / 2)));

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned) && rune.Value != '\\';
}
