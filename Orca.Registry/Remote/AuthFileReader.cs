using System.Text;
using System.Text.Json;
using Orca.Core.Errors;
using Orca.Registry.Manifests;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Remote;

/// <summary>Finds a login in the <c>auths</c> of a <c>config.json</c> or <c>auth.json</c>. No message holds anything that stands in the file but its keys.</summary>
/// <remarks>
/// Sources: docker login; containers-auth.json(5). A key is a registry, with or without scheme and <c>/v1/</c>, or a registry and a path below it; the most
/// exact key wins. Entries for other registries are not looked into, so that one that is broken does no harm there.
/// </remarks>
internal static class AuthFileReader
{
    private const int MaxSize = 4 << 20;

    /// <summary>The login for a repository; null when the file has none.</summary>
    /// <exception cref="RegistryException">The file is no JSON, or the entry for the registry is broken.</exception>
    internal static Credential? Find(ReadOnlySpan<byte> json, string registry, string repository, string path)
    {
        var failure = $"cannot read the logins in '{Quoted.Text(path)}'";
        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            return null;
        }

        try
        {
            var name = $"{registry}/{repository}";
            return JsonDocumentReader.Read(json, MaxSize, failure, "the file", (ref Utf8JsonReader reader) => Search(ref reader, name));
        }
        catch (ContentException e)
        {
            throw new RegistryException(e.Message, "repair it, or move it away and log in again", e);
        }
    }

    private static Credential? Search(ref Utf8JsonReader reader, string name)
    {
        (string Key, string Auth)? best = null;
        while (NextField(ref reader))
        {
            if (!reader.ValueTextEquals("auths"u8))
            {
                SkipValue(ref reader);
                continue;
            }

            best = null;
            if (!EnterObject(ref reader, "auths"))
            {
                continue;
            }

            while (NextField(ref reader))
            {
                var key = Normal(reader.GetString()!);
                if (!Covers(key, name) || best?.Key.Length > key.Length)
                {
                    SkipValue(ref reader);
                }
                else if (EnterObject(ref reader, "auths") && ReadAuth(ref reader) is { Length: > 0 } auth)
                {
                    best = (key, auth);
                }
            }
        }

        return best is { } found ? Decode(found.Auth, found.Key) : null;
    }

    private static string? ReadAuth(ref Utf8JsonReader reader)
    {
        string? auth = null;
        while (NextField(ref reader))
        {
            if (reader.ValueTextEquals("auth"u8))
            {
                auth = ReadString(ref reader, "auth");
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return auth;
    }

    private static Credential Decode(string auth, string key)
    {
        var bytes = new byte[auth.Length];
        if (!Convert.TryFromBase64String(auth.Trim(), bytes, out var length))
        {
            throw new MalformedException($"has an entry for '{Quoted.Text(key)}' that is not base64");
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\0');
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? new Credential(text[..colon], text[(colon + 1)..]) : throw new MalformedException($"has an entry for '{Quoted.Text(key)}' that is not 'user:password'");
    }

    private static bool Covers(string key, string name) =>
        name.StartsWith(key, StringComparison.Ordinal) && (name.Length == key.Length || name[key.Length] == '/') && key.Length > 0;

    /// <summary><c>https://index.docker.io/v1/</c> and its like become the registry's name.</summary>
    private static string Normal(string key)
    {
        var text = key.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? key[8..] : key.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? key[7..] : key;
        text = text.TrimEnd('/');
        text = text.EndsWith("/v1", StringComparison.Ordinal) || text.EndsWith("/v2", StringComparison.Ordinal) ? text[..^3] : text;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = (slash < 0 ? text : text[..slash]).ToLowerInvariant();
        return (host is "index.docker.io" or "registry-1.docker.io" ? "docker.io" : host) + (slash < 0 ? string.Empty : text[slash..]);
    }
}
