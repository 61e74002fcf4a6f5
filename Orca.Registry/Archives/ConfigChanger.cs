using Orca.Core.Images;
using Orca.Registry.Manifests;

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
        var fields = RawFields.Read(config, failure);
        var inner = fields.FindLast(static field => field.Name.Equals("config", StringComparison.OrdinalIgnoreCase));
        var run = inner.Name is null || config[inner.Value] is [(byte)'n', ..] ? [] : RawFields.Read(config[inner.Value], failure);
        return ManifestWriter.Json(writer =>
        {
            writer.WriteStartObject();
            RawFields.Copy(writer, config, fields, static name => name.Equals("config", StringComparison.OrdinalIgnoreCase));
            writer.WriteStartObject("config");
            if (run.Count > 0)
            {
                RawFields.Copy(writer, config[inner.Value], run, static name => s_known.Contains(name, StringComparer.OrdinalIgnoreCase));
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
