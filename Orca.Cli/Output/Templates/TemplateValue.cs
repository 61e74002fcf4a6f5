using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orca.Cli.Output.Templates;

/// <summary>What values of a template are: null, bool, long, double, string, <see cref="JsonElement"/> for lists and objects, and <see cref="List{T}"/> of texts.</summary>
internal static class TemplateValue
{
    /// <summary>Returns a value of a document; simple ones as themselves.</summary>
    public static object? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? (object)whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => element,
    };

    /// <summary>Whether <c>if</c> takes it for true: all but false, 0, and what is empty or missing.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        _ => Length(value) > 0,
    };

    /// <summary>How many bytes or members it has; -1 for what has none.</summary>
    public static int Length(object? value) => value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        List<string> texts => texts.Count,
        JsonElement { ValueKind: JsonValueKind.Array } array => array.GetArrayLength(),
        JsonElement { ValueKind: JsonValueKind.Object } members => members.EnumerateObject().Count(),
        _ => -1,
    };

    /// <summary>Returns the text as Go prints it.</summary>
    public static string Text(object? value) => value switch
    {
        null => "<no value>",
        string text => text,
        bool truth => truth ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        List<string> texts => $"[{string.Join(' ', texts)}]",
        JsonElement { ValueKind: JsonValueKind.Array } array => $"[{string.Join(' ', array.EnumerateArray().Select(static item => Inside(Of(item))))}]",
        JsonElement { ValueKind: JsonValueKind.Object } members =>
            $"map[{string.Join(' ', members.EnumerateObject().OrderBy(static member => member.Name, StringComparer.Ordinal).Select(static member => $"{member.Name}:{Inside(Of(member.Value))}"))}]",
        _ => value.ToString() ?? string.Empty,
    };

    /// <summary>Returns the value as JSON, on one line.</summary>
    public static string Json(object? value) => value switch
    {
        JsonElement element => CompactJson.Build(element.WriteTo),
        _ => CompactJson.Build(writer =>
        {
            switch (value)
            {
                case null: writer.WriteNullValue(); break;
                case bool truth: writer.WriteBooleanValue(truth); break;
                case long number: writer.WriteNumberValue(number); break;
                case double number: writer.WriteNumberValue(number); break;
                case List<string> texts:
                    writer.WriteStartArray();
                    texts.ForEach(writer.WriteStringValue);
                    writer.WriteEndArray();
                    break;
                default: writer.WriteStringValue(Text(value)); break;
            }
        }),
    };

    /// <summary>Returns the member of this name; names that differ in case only are one.</summary>
    /// <exception cref="TemplateException">There is none, and the value is not one of free names (labels, ports).</exception>
    public static object? Field(object? value, string name, bool isMap)
    {
        if (value is not JsonElement { ValueKind: JsonValueKind.Object } members)
        {
            return value is null ? null : throw new TemplateException($"there is no field '{name}' in '{Shortened(Text(value))}'");
        }

        if (members.TryGetProperty(name, out var found))
        {
            return Of(found);
        }

        foreach (var member in members.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return Of(member.Value);
            }
        }

        return isMap ? null : throw new TemplateException($"there is no field '{name}'; there are {string.Join(", ", members.EnumerateObject().Select(static member => member.Name))}");
    }

    /// <summary>Returns the members of a list or an object, each with its key.</summary>
    public static IEnumerable<(object? Key, object? Value)> Members(object? value) => value switch
    {
        null => [],
        List<string> texts => texts.Select(static (text, i) => ((object?)(long)i, (object?)text)),
        JsonElement { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Select(static (item, i) => ((object?)(long)i, Of(item))),
        JsonElement { ValueKind: JsonValueKind.Object } members => members.EnumerateObject().OrderBy(static member => member.Name, StringComparer.Ordinal)
            .Select(static member => ((object?)member.Name, Of(member.Value))),
        _ => throw new TemplateException($"'range' cannot go over '{Shortened(Text(value))}'"),
    };

    private static string Inside(object? value) => value is null ? "<nil>" : Text(value);

    private static string Shortened(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
