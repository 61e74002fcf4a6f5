using System.Text;
using System.Text.Json;
using Orca.Core.Errors;
using Orca.Registry.Manifests;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Remote.Logins;

/// <summary>Finds a login in a <c>config.json</c> or <c>auth.json</c>. No message holds anything that stands in the file but its keys.</summary>
/// <remarks>
/// Sources: docker login; containers-auth.json(5). A key is a registry, with or without scheme and <c>/v1/</c>, or a registry and a path below it; the most
/// exact key wins. Entries for other registries are not looked into, so that one that is broken does no harm there. A helper of <c>credHelpers</c> comes before an entry for
/// the whole registry, one of <c>credsStore</c> after it.
/// </remarks>
internal static class AuthFileReader
{
    internal const int MaxSize = 4 << 20;

    /// <summary>What the file says of a repository.</summary>
    /// <exception cref="RegistryException">The file is no JSON, or the entry for the registry is broken.</exception>
    internal static AuthFileEntry Find(ReadOnlySpan<byte> json, string registry, string repository, string path)
    {
        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            return default;
        }

        try
        {
            return JsonDocumentReader.Read(json, DocumentLimits.Default with { Bytes = MaxSize }, Failure(path), "the file", (ref Utf8JsonReader reader) => Search(ref reader, registry, $"{registry}/{repository}"));
        }
        catch (ContentException e)
        {
            throw new RegistryException(e.Message, "repair it, or move it away and log in again", e);
        }
    }

    /// <summary>How every error about the file begins.</summary>
    internal static string Failure(string path) => $"cannot read the logins in '{Quoted.Text(path)}'";

    /// <summary><c>https://index.docker.io/v1/</c> and its like become the registry's name.</summary>
    internal static string Normal(string key)
    {
        var text = key.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? key[8..] : key.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? key[7..] : key;
        text = text.TrimEnd('/');
        text = text.EndsWith("/v1", StringComparison.Ordinal) || text.EndsWith("/v2", StringComparison.Ordinal) ? text[..^3] : text;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = (slash < 0 ? text : text[..slash]).ToLowerInvariant();
        return (host is "index.docker.io" or "registry-1.docker.io" ? "docker.io" : host) + (slash < 0 ? string.Empty : text[slash..]);
    }

    private static AuthFileEntry Search(ref Utf8JsonReader reader, string registry, string name)
    {
        (string Key, AuthFields Fields)? best = null;
        string? helper = null, store = null;
        while (NextField(ref reader))
        {
            if (reader.ValueTextEquals("auths"u8))
            {
                best = ReadAuths(ref reader, name);
            }
            else if (reader.ValueTextEquals("credHelpers"u8))
            {
                helper = ReadHelper(ref reader, registry);
            }
            else if (reader.ValueTextEquals("credsStore"u8))
            {
                store = ReadString(ref reader, "credsStore");
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        var isScoped = best?.Key.Contains('/', StringComparison.Ordinal) == true;
        return new AuthFileEntry(
            best is { } found && (isScoped || helper is null) ? Decode(found.Fields, found.Key) : null,
            string.IsNullOrEmpty(helper) ? null : helper,
            string.IsNullOrEmpty(store) ? null : store);
    }

    private static (string Key, AuthFields Fields)? ReadAuths(ref Utf8JsonReader reader, string name)
    {
        (string Key, AuthFields Fields)? best = null;
        if (!EnterObject(ref reader, "auths"))
        {
            return null;
        }

        while (NextField(ref reader))
        {
            var key = Normal(reader.GetString()!);
            if (!Covers(key, name) || best?.Key.Length > key.Length)
            {
                SkipValue(ref reader);
            }
            else if (EnterObject(ref reader, "auths") && ReadFields(ref reader) is { IsEmpty: false } fields)
            {
                best = (key, fields);
            }
        }

        return best;
    }

    private static string? ReadHelper(ref Utf8JsonReader reader, string registry)
    {
        string? helper = null;
        if (!EnterObject(ref reader, "credHelpers"))
        {
            return null;
        }

        while (NextField(ref reader))
        {
            if (Normal(reader.GetString()!) == registry)
            {
                helper = ReadString(ref reader, "credHelpers");
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return helper;
    }

    private static AuthFields ReadFields(ref Utf8JsonReader reader)
    {
        var fields = default(AuthFields);
        while (NextField(ref reader))
        {
            if (reader.ValueTextEquals("auth"u8))
            {
                fields.Auth = ReadString(ref reader, "auth");
            }
            else if (reader.ValueTextEquals("identitytoken"u8))
            {
                fields.IdentityToken = ReadString(ref reader, "identitytoken");
            }
            else if (reader.ValueTextEquals("username"u8))
            {
                fields.User = ReadString(ref reader, "username");
            }
            else if (reader.ValueTextEquals("password"u8))
            {
                fields.Password = ReadString(ref reader, "password");
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return fields;
    }

    private static Credential Decode(AuthFields fields, string key)
    {
        var (user, password) = string.IsNullOrEmpty(fields.Auth) ? (fields.User, fields.Password) : Split(fields.Auth, key);
        return !string.IsNullOrEmpty(fields.IdentityToken) ? new Credential(string.IsNullOrEmpty(user) ? Credential.TokenUser : user, fields.IdentityToken, isToken: true)
            : !string.IsNullOrEmpty(user) ? new Credential(user, password ?? string.Empty)
            : throw new MalformedException($"has an entry for '{Quoted.Text(key)}' that is not 'user:password'");
    }

    private static (string User, string Password) Split(string auth, string key)
    {
        var bytes = new byte[auth.Length];
        if (!Convert.TryFromBase64String(auth.Trim(), bytes, out var length))
        {
            throw new MalformedException($"has an entry for '{Quoted.Text(key)}' that is not base64");
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\0');
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? (text[..colon], text[(colon + 1)..]) : throw new MalformedException($"has an entry for '{Quoted.Text(key)}' that is not 'user:password'");
    }

    private static bool Covers(string key, string name) =>
        name.StartsWith(key, StringComparison.Ordinal) && (name.Length == key.Length || name[key.Length] == '/') && key.Length > 0;

    private struct AuthFields
    {
        internal string? Auth;
        internal string? IdentityToken;
        internal string? User;
        internal string? Password;

        internal readonly bool IsEmpty => string.IsNullOrEmpty(Auth) && string.IsNullOrEmpty(IdentityToken) && string.IsNullOrEmpty(User);
    }
}

/// <summary>What one file says of one repository; all null when nothing.</summary>
/// <param name="Credential">A login that stands in the file.</param>
/// <param name="Helper">The credential helper for this registry.</param>
/// <param name="Store">The credential helper for every registry.</param>
internal readonly record struct AuthFileEntry(Credential? Credential, string? Helper, string? Store);
