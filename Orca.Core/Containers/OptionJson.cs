using System.Text.Json;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Writes and reads the fields of a container record; a field that is null or empty is not written.</summary>
/// <remarks>
/// Text that stands for bytes which are not UTF-8 (<see cref="NativeText"/>) is not a JSON string; it is written as <c>{"base64": "..."}</c>.
/// </remarks>
internal static class OptionJson
{
    internal static void WriteField(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } known)
        {
            writer.WriteNumber(name, known);
        }
    }

    internal static void WriteField(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } known)
        {
            writer.WriteBoolean(name, known);
        }
    }

    internal static void WriteField(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, NamespaceMode? value)
    {
        if (value is { } known)
        {
            writer.WriteString(name, known == NamespaceMode.Own ? "Own"u8 : "Host"u8);
        }
    }

    internal static void WriteField(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WritePropertyName(name);
            WriteText(writer, text);
        }
    }

    /// <summary>Writes a list that is there, an empty one too.</summary>
    internal static void WriteList(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            WriteText(writer, text);
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes a list of values by their text, if it has any.</summary>
    internal static void WriteField<T>(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<T> values)
        where T : notnull
    {
        if (values.Count > 0)
        {
            var texts = new string[values.Count];
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = values[i].ToString()!;
            }

            writer.WriteList(name, texts);
        }
    }

    internal static string ReadText(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString()!;
        }

        reader.Read(); // base64
        reader.Read();
        var text = NativeText.Decode(reader.GetBytesFromBase64());
        reader.Read();
        return text;
    }

    internal static List<string> ReadTexts(this ref Utf8JsonReader reader)
    {
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(reader.ReadText());
        }

        return texts;
    }

    /// <exception cref="FormatException">This orca does not know the mode: whatever it isolates must not be opened.</exception>
    internal static NamespaceMode ReadMode(this ref Utf8JsonReader reader) => reader.GetString() switch
    {
        "Own" => NamespaceMode.Own,
        "Host" => NamespaceMode.Host,
        _ => throw new FormatException("a namespace that this orca does not know"),
    };

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            writer.WriteStringValue(text);
            return;
        }

        var bytes = NativeText.Encode(text);
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            writer.WriteStringValue(bytes);
            return;
        }

        writer.WriteStartObject();
        writer.WriteBase64String("base64"u8, bytes);
        writer.WriteEndObject();
    }
}
