using System.Text.Json;
using Orca.Core.Images;
using Orca.Registry.Manifests;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Archives;

/// <summary>Changes how an image is run: of its config only the fields that are named differ, everything else stays as it is, to the byte.</summary>
internal static class ConfigChanger
{
    private static readonly string[] s_known = ["Env", "Entrypoint", "Cmd", "User", "WorkingDir", "StopSignal"];

    /// <summary>Returns the changed config.</summary>
    /// <param name="config">The config as the archive has it.</param>
    /// <param name="changes">What was asked for; null and empty fields change nothing.</param>
    /// <param name="failure">How an error message starts.</param>
    /// <exception cref="Core.Errors.ContentException">The config is malformed.</exception>
    internal static byte[] Change(byte[] config, ImageConfig changes, string failure)
    {
        var before = ImageConfigReader.Read(config, failure, DocumentLimits.Stored);
        var fields = Read(config, failure, static (ref Utf8JsonReader reader) => ReadFields(ref reader));
        var inner = fields.FindLast(static field => field.Name.Equals("config", StringComparison.OrdinalIgnoreCase));
        var run = inner.Name is null || config[inner.Value] is [(byte)'n', ..] ? [] : Read(config[inner.Value], failure, static (ref Utf8JsonReader reader) => ReadFields(ref reader));
        return ManifestWriter.Json(writer =>
        {
            writer.WriteStartObject();
            Copy(writer, config, fields, static name => name.Equals("config", StringComparison.OrdinalIgnoreCase));
            writer.WriteStartObject("config");
            if (run.Count > 0)
            {
                Copy(writer, config[inner.Value], run, static name => s_known.Contains(name, StringComparer.OrdinalIgnoreCase));
            }

            // An entrypoint takes the command of the image it was made for away, as in a Dockerfile.
            ManifestWriter.WriteRun(writer, before with
            {
                Env = Merge(before.Env, changes.Env),
                Entrypoint = changes.Entrypoint ?? before.Entrypoint,
                Cmd = changes.Cmd ?? (changes.Entrypoint is null ? before.Cmd : null),
                User = changes.User ?? before.User,
                WorkingDir = changes.WorkingDir ?? before.WorkingDir,
                StopSignal = changes.StopSignal ?? before.StopSignal,
            });
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private static List<(string Name, Range Value)> Read(byte[] json, string failure, Body<List<(string Name, Range Value)>> body) =>
        JsonDocumentReader.Read(json, DocumentLimits.Stored, failure, "the image config", body);

    private static List<(string Name, Range Value)> ReadFields(ref Utf8JsonReader reader)
    {
        var fields = new List<(string, Range)>();
        while (NextField(ref reader))
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            SkipValue(ref reader);
            fields.Add((name, start..(int)reader.BytesConsumed));
        }

        return fields;
    }

    private static void Copy(Utf8JsonWriter writer, byte[] json, List<(string Name, Range Value)> fields, Func<string, bool> isWritten)
    {
        foreach (var (name, value) in fields)
        {
            if (!isWritten(name))
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(json.AsSpan(value), skipInputValidation: true);
            }
        }
    }

    /// <summary>A variable that is there gets the new value, others come at the end.</summary>
    private static List<string> Merge(IReadOnlyList<string> before, IReadOnlyList<string> changes)
    {
        List<string> merged = [.. before];
        foreach (var change in changes)
        {
            var name = change[..(change.IndexOf('=', StringComparison.Ordinal) + 1)];
            merged.RemoveAll(variable => name.Length > 0 && variable.StartsWith(name, StringComparison.Ordinal));
            merged.Add(change);
        }

        return merged;
    }
}
