using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Reads one registries.conf, version 2.</summary>
/// <remarks>Source: containers-registries.conf(5). What is not about pulling from a registry is left alone.</remarks>
internal static class RegistriesReader
{
    /// <summary>What the file says.</summary>
    /// <exception cref="RegistryException">It is no TOML, of version 1, or contradicts itself.</exception>
    internal static RegistriesFile Read(string text, string file)
    {
        try
        {
            return Read(TomlReader.Read(text.TrimStart('\uFEFF')), file);
        }
        catch (FormatException e)
        {
            throw new RegistryException($"cannot read '{Quoted.Text(file)}': {Quoted.Text(e.Message)}");
        }
    }

    private static RegistriesFile Read(TomlTable root, string file)
    {
        if (root["registries"] is not null)
        {
            throw new FormatException("it is of version 1 ('[registries.search]'), which podman no longer reads either: see containers-registries.conf(5)");
        }

        return new RegistriesFile(
            [.. Tables(root, "registry").Select(table => ReadRule(table, file))],
            root["unqualified-search-registries"] is null ? null : [.. Texts(root, "unqualified-search-registries").Select(place => SearchPlace(place, file))],
            root["aliases"] switch
            {
                null => [],
                TomlTable aliases => aliases.Keys.ToDictionary(static name => name, name => Alias(name, Text(aliases, name)!)),
                _ => throw new FormatException("'aliases' is no table"),
            },
            Text(root, "short-name-mode") switch
            {
                null or "" => null,
                "enforcing" => true,
                "permissive" or "disabled" => false,
                var other => throw new FormatException($"'short-name-mode' is '{other}', which is none of enforcing, permissive, disabled"),
            });
    }

    private static string SearchPlace(string place, string file) =>
        ImageReference.TryParse(place + "/x", out var parsed) && parsed.ShortPath is null && !place.Contains('/', StringComparison.Ordinal) ? place
        : throw new RegistryException($"cannot read '{Quoted.Text(file)}': '{Quoted.Text(place)}' in 'unqualified-search-registries' is no registry");

    /// <summary>The repository that a short name stands for; null where the alias is taken back.</summary>
    private static string? Alias(string name, string target) => target.Length == 0 ? null
        : !target.Contains('@', StringComparison.Ordinal) && ImageReference.TryParse(target, out var parsed) && parsed.ShortPath is null
            && target.LastIndexOf(':') <= target.LastIndexOf('/') ? target
        : throw new FormatException($"the alias '{name}' is '{target}', which is no repository with its registry, without tag and digest");

    private static RegistryRule ReadRule(TomlTable table, string file)
    {
        var location = Trim(Text(table, "location"));
        var prefix = Trim(Text(table, "prefix")) ?? location ?? throw new FormatException("a '[[registry]]' has neither 'prefix' nor 'location'");
        if (prefix.StartsWith("*.", StringComparison.Ordinal) && (prefix.Length < 4 || prefix.Contains('/', StringComparison.Ordinal)))
        {
            throw new FormatException($"the prefix '{prefix}' is not '*.' and a domain");
        }

        if (prefix.Contains('*', StringComparison.Ordinal) && !prefix.StartsWith("*.", StringComparison.Ordinal))
        {
            throw new FormatException($"the prefix '{prefix}' has a '*' elsewhere than at its start");
        }

        return new RegistryRule
        {
            Prefix = prefix.StartsWith("*.", StringComparison.Ordinal) ? prefix : Named(prefix),
            Location = location,
            IsInsecure = Flag(table, "insecure"),
            IsBlocked = Flag(table, "blocked"),
            MirrorsByDigestOnly = Flag(table, "mirror-by-digest-only"),
            Mirrors = [.. Tables(table, "mirror").Select(ReadMirror)],
            File = file,
        };
    }

    private static MirrorRule ReadMirror(TomlTable table) => new(
        Trim(Text(table, "location")) ?? throw new FormatException("a '[[registry.mirror]]' has no 'location'"),
        Flag(table, "insecure"),
        Text(table, "pull-from-mirror") switch
        {
            null or "" or "all" => MirrorUse.All,
            "digest-only" => MirrorUse.DigestOnly,
            "tag-only" => MirrorUse.TagOnly,
            var other => throw new FormatException($"'pull-from-mirror' is '{other}', which is none of all, digest-only, tag-only"),
        });

    /// <summary>Docker Hub has several names; references know one.</summary>
    private static string Named(string prefix)
    {
        var slash = prefix.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? prefix : prefix[..slash];
        return (host is "index.docker.io" or "registry-1.docker.io" ? "docker.io" : host) + (slash < 0 ? string.Empty : prefix[slash..]);
    }

    private static string? Trim(string? name)
    {
        var text = name?.TrimEnd('/');
        return text is null or "" ? null
            : text.Contains("://", StringComparison.Ordinal) ? throw new FormatException($"'{text}' has a scheme; leave it out, and use 'insecure = true' for plain http")
            : text;
    }

    private static string? Text(TomlTable table, string key) => table[key] switch
    {
        null => null,
        string text => text,
        _ => throw new FormatException($"'{key}' is not text"),
    };

    private static bool Flag(TomlTable table, string key) => table[key] switch
    {
        null => false,
        bool flag => flag,
        _ => throw new FormatException($"'{key}' is neither true nor false"),
    };

    private static List<string> Texts(TomlTable table, string key) => table[key] is List<object> list && list.TrueForAll(item => item is string)
        ? [.. list.Cast<string>()]
        : throw new FormatException($"'{key}' is not a list of texts");

    private static IEnumerable<TomlTable> Tables(TomlTable table, string key) => table[key] switch
    {
        null => [],
        List<object> list when list.TrueForAll(item => item is TomlTable) => list.Cast<TomlTable>(),
        _ => throw new FormatException($"'{key}' is not a list of tables: write '[[{key}]]'"),
    };
}

/// <summary>What one file says.</summary>
/// <param name="Rules">Its rules.</param>
/// <param name="Search">Where names without a registry are looked for; null when it does not say.</param>
/// <param name="Aliases">Repositories by their short names; null for those that are taken back.</param>
/// <param name="IsEnforcing">True: a short name is not tried at several registries; null when it does not say.</param>
internal sealed record RegistriesFile(IReadOnlyList<RegistryRule> Rules, IReadOnlyList<string>? Search, IReadOnlyDictionary<string, string?> Aliases, bool? IsEnforcing);
