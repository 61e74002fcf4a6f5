using System.Text.Json;
using Orca.Registry.Manifests;

namespace Orca.Registry.Archives;

/// <summary>Reads the field <c>history</c> of image configs. Each field counts only when it has the type that the specification gives it.</summary>
internal static class HistoryReader
{
    /// <summary>Returns the entries, in the order of the config.</summary>
    /// <param name="config">The config, which was read before.</param>
    /// <param name="failure">How an error message starts.</param>
    internal static List<HistoryEntry> Read(byte[] config, string failure)
    {
        var field = RawFields.Read(config, failure).FindLast(static one => one.Name.Equals("history", StringComparison.OrdinalIgnoreCase));
        if (field.Name is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(config.AsMemory(field.Value), new JsonDocumentOptions { MaxDepth = DocumentLimits.Stored.Depth });
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        var entries = new List<HistoryEntry>();
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            if (entry.ValueKind == JsonValueKind.Object)
            {
                entries.Add(new HistoryEntry(
                    entry.GetRawText(), Text(entry, "created"u8), Text(entry, "created_by"u8) ?? string.Empty, Text(entry, "comment"u8) ?? string.Empty,
                    entry.TryGetProperty("empty_layer"u8, out var empty) && empty.ValueKind == JsonValueKind.True));
            }
        }

        return entries;
    }

    private static string? Text(JsonElement entry, ReadOnlySpan<byte> name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>One entry of a history.</summary>
/// <param name="Raw">The entry as it stands there.</param>
/// <param name="Created">When; null when it does not say.</param>
/// <param name="CreatedBy">The command.</param>
/// <param name="Comment">What was said.</param>
/// <param name="IsEmpty">Whether the step made no layer.</param>
internal sealed record HistoryEntry(string Raw, string? Created, string CreatedBy, string Comment, bool IsEmpty);
