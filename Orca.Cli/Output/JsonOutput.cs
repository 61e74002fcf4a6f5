using System.Buffers;
using System.Text;
using System.Text.Json;
using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Output;

/// <summary>Results for programs.</summary>
internal static class JsonOutput
{
    /// <summary>The option of every command that has such results.</summary>
    public static readonly Option Format = new(null, "format", "FORMAT", "'table' (for people) or 'json' (for programs)");

    /// <summary>True when JSON was asked for.</summary>
    /// <exception cref="ReferenceException">Another format was.</exception>
    public static bool IsAsked(ParsedArguments arguments) => arguments.Last(Format) switch
    {
        null or "table" => false,
        "json" => true,
        var other => throw new ReferenceException($"cannot use format '{Quoted.Text(other)}': it is neither 'table' nor 'json'"),
    };

    /// <summary>One event on a line of its own; fields without a value are left out.</summary>
    public static string Line(string name, params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("event", name);
            foreach (var (field, value) in fields)
            {
                if (value is not null)
                {
                    writer.WriteString(field, value);
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>Builds the whole text first, so that a failure half-way leaves nothing on the stream.</summary>
    public static string Build(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>Writes an array of strings.</summary>
    public static void WriteStrings(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
