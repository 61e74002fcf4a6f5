using System.Diagnostics.CodeAnalysis;
using Orca.Core.Errors;

namespace Orca.Core.References;

/// <summary>The name of an image: registry, repository, and a tag, a digest, or both.</summary>
/// <remarks>
/// Docker's grammar (distribution/reference): <c>[registry[:port]/]path[/path...][:tag][@digest]</c>. A name without a registry lies on
/// <c>docker.io</c>, and there a single component lies below <c>library/</c>. Without tag and digest the tag is <c>latest</c>.
/// With both, the digest decides what is fetched and the tag is only remembered.
/// </remarks>
public sealed record ImageReference
{
    /// <summary>The registry that short names mean.</summary>
    public const string DefaultRegistry = "docker.io";

    private const string DefaultTag = "latest";
    private const int MaxNameLength = 255;
    private const int MaxTagLength = 128;

    private ImageReference(string registry, string repository, string? tag, Digest? digest, string? shortPath) =>
        (Registry, Repository, Tag, Digest, ShortPath) = (registry, repository, tag, digest, shortPath);

    /// <summary>Host, with port where one was given: <c>docker.io</c>, <c>localhost:5000</c>, <c>[::1]:5000</c>.</summary>
    public string Registry { get; }

    /// <summary>The path in the registry: <c>library/alpine</c>.</summary>
    public string Repository { get; }

    /// <summary>The tag; null only when a digest was given without one.</summary>
    public string? Tag { get; }

    /// <summary>The digest of the manifest or index, when the name pins one.</summary>
    public Digest? Digest { get; }

    /// <summary>The path as it was typed where no registry was: <c>alpine</c>, <c>team/app</c>; null for a name that tells its registry.</summary>
    /// <remarks>What such a name means is the user's to set (<see cref="IShortNames"/>). It takes no part in comparisons: where nothing is set, it means the same.</remarks>
    public string? ShortPath { get; }

    /// <summary>What a registry is asked for: the digest, else the tag.</summary>
    public string Selector => Digest?.ToString() ?? Tag ?? DefaultTag;

    /// <summary>The name as people type it: without <c>docker.io/library/</c>, where what is left still means the same.</summary>
    public string Familiar
    {
        get
        {
            var path = Registry != DefaultRegistry ? $"{Registry}/{Repository}"
                : Repository.StartsWith("library/", StringComparison.Ordinal) && Repository.IndexOf('/', 8) < 0 ? Repository[8..] : Repository;

            // docker.io/localhost/x, docker.io/docker.io/x: the first part of what is left would be read as a registry.
            return (Registry == DefaultRegistry && SplitRegistry(path) != (DefaultRegistry, path) ? $"{Registry}/{Repository}" : path) + Suffix;
        }
    }

    /// <summary>The last component of the repository: <c>alpine</c>.</summary>
    public string ShortName => Repository[(Repository.LastIndexOf('/') + 1)..];

    private string Suffix => (Tag is null ? string.Empty : ":" + Tag) + (Digest is { } digest ? "@" + digest : string.Empty);

    /// <summary>Reads a reference; false when it breaks the grammar.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        (reference, _) = text is null ? (null, "there is none") : Read(text);
        return reference is not null;
    }

    /// <summary>Reads a reference.</summary>
    /// <exception cref="ReferenceException">The text breaks the grammar; the message says where.</exception>
    public static ImageReference Parse(string text)
    {
        var (reference, problem) = Read(text);
        return reference ?? throw new ReferenceException(
            $"cannot use image name '{Quoted.Text(text)}': {problem}",
            text.Contains("://", StringComparison.Ordinal) ? "an image name has no '://'; tarballs are loaded from addresses that begin with http:// or https://" : null);
    }

    /// <summary>The same repository with another tag.</summary>
    public ImageReference WithTag(string tag) =>
        IsTag(tag) ? new ImageReference(Registry, Repository, tag, null, ShortPath) : throw new ReferenceException($"cannot use tag '{Quoted.Text(tag)}': {TagRule}");

    /// <summary>The same name, pinned to one image.</summary>
    public ImageReference WithDigest(Digest digest) => new(Registry, Repository, Tag, digest, ShortPath);

    /// <summary>What a short name means in one registry: tag and digest stay.</summary>
    /// <param name="place">A registry, and perhaps more of the path.</param>
    /// <returns>Null when that breaks the grammar, or names no registry.</returns>
    public ImageReference? At(string place) => TryParse($"{place}{Suffix}", out var there) && there.ShortPath is null ? there : null;

    /// <summary>Whether both name the same image: registry, repository, tag and digest.</summary>
    public bool Equals(ImageReference? other) =>
        other is not null && Registry == other.Registry && Repository == other.Repository && Tag == other.Tag && Digest == other.Digest;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Registry, Repository, Tag, Digest);

    /// <summary>The full, canonical name.</summary>
    public override string ToString() => $"{Registry}/{Repository}{Suffix}";

    private const string TagRule = "a tag has 1 to 128 letters, digits, '_', '.' or '-', and does not start with '.' or '-'";

    private static (ImageReference?, string) Read(string text)
    {
        var rest = text;
        Digest? digest = null;
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!References.Digest.TryParse(rest[(at + 1)..], out var parsed))
            {
                return (null, "what follows '@' is not 'sha256:' and 64, or 'sha512:' and 128, lower-case hexadecimal digits");
            }

            (digest, rest) = (parsed, rest[..at]);
        }

        string? tag = null;
        var colon = rest.LastIndexOf(':');
        if (colon >= 0 && colon > rest.LastIndexOf('/') && !IsPortOnly(rest, colon))
        {
            (tag, rest) = (rest[(colon + 1)..], rest[..colon]);
            if (!IsTag(tag))
            {
                return (null, TagRule);
            }
        }

        if (rest.Length == 0)
        {
            return (null, "the name is empty");
        }

        var (registry, repository) = SplitRegistry(rest);
        var shortPath = repository.Length == rest.Length ? repository : null;
        if (!IsRegistry(registry))
        {
            return (null, $"'{Quoted.Text(registry)}' is not a registry's host name with an optional port");
        }

        if (registry is "index.docker.io" or "registry-1.docker.io")
        {
            registry = DefaultRegistry;
        }

        if (registry == DefaultRegistry && !repository.Contains('/', StringComparison.Ordinal))
        {
            repository = "library/" + repository;
        }

        if (registry.Length + 1 + repository.Length > MaxNameLength)
        {
            return (null, $"the name is longer than {MaxNameLength} characters");
        }

        if (registry == DefaultRegistry && repository.Length == "library/".Length + 64 && !repository.AsSpan(8).ContainsAnyExcept(Characters.LowerHex))
        {
            return (null, "64 hexadecimal digits are an id, not a name");
        }

        foreach (var component in repository.Split('/'))
        {
            if (!IsComponent(component))
            {
                return (null, component.Length == 0 ? "a part of the path is empty"
                    : component.AsSpan().ContainsAnyInRange('A', 'Z') ? $"the path must be lower case ('{Quoted.Text(component)}')"
                    : $"'{Quoted.Text(component)}' may hold lower-case letters and digits, separated by '.', '_', '__' or '-'");
            }
        }

        return (new ImageReference(registry, repository, tag ?? (digest is null ? DefaultTag : null), digest, shortPath), string.Empty);
    }

    /// <summary>True for <c>localhost:5000</c> with nothing behind: without a slash a colon starts a tag, as in Docker.</summary>
    private static bool IsPortOnly(string text, int colon) => text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) > colon;

    private static (string Registry, string Repository) SplitRegistry(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? string.Empty : name[..slash];
        var isRegistry = first.AsSpan().ContainsAny('.', ':', '[') || first == "localhost" || first.AsSpan().ContainsAnyInRange('A', 'Z');
        return isRegistry ? (first, name[(slash + 1)..]) : (DefaultRegistry, name);
    }

    private static bool IsRegistry(string registry)
    {
        var host = registry;
        var colon = registry.LastIndexOf(':');
        if (colon >= 0 && !registry.EndsWith(']'))
        {
            var port = registry.AsSpan(colon + 1);
            if (port.IsEmpty || port.Length > 5 || port.ContainsAnyExceptInRange('0', '9') || int.Parse(port, System.Globalization.CultureInfo.InvariantCulture) is 0 or > 65535)
            {
                return false;
            }

            host = registry[..colon];
        }

        if (host.StartsWith('['))
        {
            return host.EndsWith(']') && host.Contains(':', StringComparison.Ordinal)
                && !host.AsSpan(1, host.Length - 2).ContainsAnyExcept(Characters.IPv6)
                && System.Net.IPAddress.TryParse(host, out _);
        }

        return host.Split('.').All(label => label.Length is > 0 and <= 63 && IsAlphanumeric(label[0]) && IsAlphanumeric(label[^1])
            && label.All(c => IsAlphanumeric(c) || c == '-'));
    }

    private static bool IsAlphanumeric(char c) => char.IsAsciiLetterOrDigit(c);

    private static bool IsTag(string tag) => tag.Length is > 0 and <= MaxTagLength && tag[0] is not ('.' or '-')
        && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>Lower-case alphanumeric runs, joined by one '.', one or two '_', or any number of '-'.</summary>
    private static bool IsComponent(ReadOnlySpan<char> component)
    {
        var expectRun = true;
        while (!component.IsEmpty)
        {
            var run = component.IndexOfAnyExcept(Characters.LowerAlphanumeric);
            run = run < 0 ? component.Length : run;
            if (run == 0)
            {
                return false;
            }

            component = component[run..];
            expectRun = false;
            if (component.IsEmpty)
            {
                break;
            }

            var dashes = component.IndexOfAnyExcept('-');
            var separator = component switch
            {
                ['.', ..] => 1,
                ['_', '_', ..] => 2,
                ['_', ..] => 1,
                ['-', ..] => dashes < 0 ? component.Length : dashes,
                _ => 0,
            };
            if (separator == 0)
            {
                return false;
            }

            component = component[separator..];
            expectRun = true;
        }

        return !expectRun;
    }
}
