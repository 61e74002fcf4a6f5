using System.Text.Json;
using System.Text.Unicode;
using Orca.Core.Errors;

namespace Orca.Registry.Manifests;

/// <summary>Reads a JSON document of foreign origin without a DOM: everything that is wrong with it leaves as one <see cref="ContentException"/>.</summary>
/// <remarks>
/// Go's rules (encoding/json), since Go's tools read and write these documents: unknown fields are skipped; names are compared without regard to case; of two fields of
/// one name the last counts, where both are objects field by field; <c>null</c> takes a list away and leaves everything else as it was.
/// The bytes must be UTF-8 throughout; a string that is read may hold neither NUL nor half of a surrogate pair.
/// </remarks>
internal static class JsonDocumentReader
{
    /// <summary>Reads what follows the reader's current token, the <c>{</c> or <c>[</c> of the document.</summary>
    internal delegate T Body<out T>(ref Utf8JsonReader reader);

    /// <summary>Reads one document.</summary>
    /// <param name="json">The bytes.</param>
    /// <param name="limits">How many there may be, and how deep.</param>
    /// <param name="failure">How an error message starts: <c>cannot VERB 'OBJECT'</c>.</param>
    /// <param name="document">What the document is called in an error message.</param>
    /// <param name="body">Reads the object, or the array.</param>
    /// <param name="start">What the document must be.</param>
    internal static T Read<T>(ReadOnlySpan<byte> json, DocumentLimits limits, string failure, string document, Body<T> body, JsonTokenType start = JsonTokenType.StartObject)
    {
        ContentException Refuse(string cause, Exception? inner = null, string? hint = null) => new($"{failure}: {document} {cause}", hint, inner);
        if (json.Length > limits.Bytes)
        {
            throw Refuse($"is {limits.TooLarge}", hint: DocumentLimits.Hint);
        }

        if (NotJson.Describe(json) is { } other)
        {
            throw Refuse(other);
        }

        if (!Utf8.IsValid(json))
        {
            throw Refuse("is not UTF-8");
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = limits.Depth });
        try
        {
            if (!reader.Read() || reader.TokenType != start)
            {
                throw new MalformedException(start == JsonTokenType.StartArray ? "is not a JSON array" : "is not a JSON object");
            }

            var result = body(ref reader);
            if (reader.Read())
            {
                throw new MalformedException("goes on after its end");
            }

            return result;
        }
        catch (MalformedException e)
        {
            throw Refuse(e.Message);
        }
        catch (JsonException e)
        {
            if (IsTooDeep(json, in reader, limits.Depth))
            {
                throw Refuse($"is nested deeper than the limit of {limits.Depth}", e, "if you trust where it comes from, allow more with --image-limit json-depth=NUMBER");
            }

            // The runtime's own words are stripped from the binary; only the place is worth passing on.
            throw Refuse($"is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})", e);
        }
        catch (InvalidOperationException e)
        {
            throw Refuse("holds half of a surrogate pair", e);
        }
    }

    /// <summary>Moves to the next field's name; false at the object's end.</summary>
    internal static bool NextField(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>True when the reader is at a field of a name, whatever its case: what Go takes for that field is it here, too.</summary>
    /// <remarks>encoding/json folds two letters beside those of ASCII: the long s and the sign of Kelvin.</remarks>
    internal static bool IsField(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        const int longestLetter = 6; // \u017f
        if (reader.ValueTextEquals(name))
        {
            return true;
        }

        if (reader.ValueSpan.Length < name.Length || reader.ValueSpan.Length > name.Length * longestLetter)
        {
            return false;
        }

        Span<char> text = stackalloc char[name.Length * longestLetter];
        text = text[..reader.CopyString(text)];
        if (text.Length != name.Length)
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i] switch { '\u017f' => 's', '\u212a' => 'k', var other => char.IsAscii(other) ? char.ToLowerInvariant(other) : other };
            if (letter != char.ToLowerInvariant((char)name[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Moves into the field's value when it is an object; false when it is null.</summary>
    internal static bool EnterObject(ref Utf8JsonReader reader, string field) => Enter(ref reader, JsonTokenType.StartObject, field, "an object");

    /// <summary>Moves into the field's value when it is an array; false when it is null.</summary>
    internal static bool EnterArray(ref Utf8JsonReader reader, string field) => Enter(ref reader, JsonTokenType.StartArray, field, "an array");

    /// <summary>The field's value, a string or null.</summary>
    internal static string? ReadString(ref Utf8JsonReader reader, string field)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null : CurrentString(ref reader, field);
    }

    /// <summary>The string at the reader's token.</summary>
    internal static string CurrentString(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new MalformedException($"has a field '{field}' that is not text");
        }

        var text = reader.GetString()!;
        return text.Contains('\0', StringComparison.Ordinal) ? throw new MalformedException($"has a NUL character in '{field}'") : text;
    }

    /// <summary>The field's value, an array of strings or null.</summary>
    internal static IReadOnlyList<string>? ReadStrings(ref Utf8JsonReader reader, string field)
    {
        if (!EnterArray(ref reader, field))
        {
            return null;
        }

        var strings = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            strings.Add(CurrentString(ref reader, field));
        }

        return strings;
    }

    /// <summary>The field's value, an integer or null.</summary>
    internal static long? ReadInteger(ref Utf8JsonReader reader, string field)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.Number when reader.TryGetInt64(out var number) => number,
            _ => throw new MalformedException($"has a field '{field}' that is not an integer of 64 bits"),
        };
    }

    /// <summary>Leaves out the field's value, whatever it is.</summary>
    internal static void SkipValue(ref Utf8JsonReader reader) => reader.Skip();

    /// <summary>True when the reader stopped at one more object or array than it may go into; it has no other way to say so than its words.</summary>
    private static bool IsTooDeep(ReadOnlySpan<byte> json, in Utf8JsonReader reader, int limit) =>
        reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0) >= limit
        && json[(int)reader.BytesConsumed..].TrimStart(" \t\r\n,:"u8) is [(byte)'{' or (byte)'[', ..];

    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType start, string field, string kind)
    {
        reader.Read();
        return reader.TokenType == start
            || (reader.TokenType == JsonTokenType.Null ? false : throw new MalformedException($"has a field '{field}' that is not {kind}"));
    }
}

/// <summary>What is wrong with a document, said as the end of a sentence; never leaves <see cref="JsonDocumentReader.Read"/>.</summary>
internal sealed class MalformedException(string cause) : Exception(cause);
