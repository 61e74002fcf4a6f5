using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orca.Core.Errors;

namespace Orca.Registry.Remote.Logins;

/// <summary>Changes one entry of a file of logins and leaves everything else as it is: pure.</summary>
internal static class AuthFileEditor
{
    private static readonly JsonWriterOptions Style = new() { Indented = true, IndentCharacter = '\t', IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file with a login for a registry, in place of all that it had for the registry as a whole.</summary>
    /// <param name="json">The file; empty when there is none.</param>
    /// <param name="registry">The registry's name.</param>
    /// <param name="credential">The login.</param>
    /// <param name="path">The file's name, for its errors and its kind.</param>
    /// <exception cref="RegistryException">The file is not of this kind.</exception>
    internal static byte[] With(ReadOnlyMemory<byte> json, string registry, Credential credential, string path)
    {
        // docker keeps Docker Hub under this name and knows no other; podman knows both.
        var key = registry == "docker.io" && Path.GetFileName(path) == "config.json" ? "https://index.docker.io/v1/" : registry;
        return Rewrite(json, registry, path, writer =>
        {
            writer.WriteStartObject(key);
            writer.WriteString("auth", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Secret}")));
            writer.WriteEndObject();
        }).Json;
    }

    /// <summary>The file without what it had for a registry as a whole; null when it had nothing.</summary>
    /// <exception cref="RegistryException">The file is not of this kind.</exception>
    internal static byte[]? Without(ReadOnlyMemory<byte> json, string registry, string path)
    {
        var (rewritten, had) = Rewrite(json, registry, path, null);
        return had ? rewritten : null;
    }

    private static (byte[] Json, bool Had) Rewrite(ReadOnlyMemory<byte> json, string registry, string path, Action<Utf8JsonWriter>? entry)
    {
        try
        {
            using var document = JsonDocument.Parse(json.Span.Trim(" \t\r\n"u8).IsEmpty ? "{}"u8.ToArray() : json);
            return Rewrite(document.RootElement, registry, entry);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RegistryException($"cannot change the logins in '{Quoted.Text(path)}': it is no file of logins", "repair it, or move it away", e);
        }
    }

    private static (byte[] Json, bool Had) Rewrite(JsonElement root, string registry, Action<Utf8JsonWriter>? entry)
    {
        var (had, isWritten) = (false, false);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Style))
        {
            writer.WriteStartObject();
            foreach (var field in root.EnumerateObject())
            {
                if (!field.NameEquals("auths"u8) || field.Value.ValueKind == JsonValueKind.Null)
                {
                    field.WriteTo(writer);
                    continue;
                }

                writer.WriteStartObject("auths"u8);
                foreach (var login in field.Value.EnumerateObject())
                {
                    if (AuthFileReader.Normal(login.Name) == registry)
                    {
                        had = true;
                    }
                    else
                    {
                        login.WriteTo(writer);
                    }
                }

                entry?.Invoke(writer);
                isWritten = true;
                writer.WriteEndObject();
            }

            if (!isWritten && entry is not null)
            {
                writer.WriteStartObject("auths"u8);
                entry(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return ([.. buffer.WrittenSpan, (byte)'\n'], had);
    }
}
