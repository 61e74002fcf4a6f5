namespace Orca.Registry.Remote.Hosts;

/// <summary>What the user wants done with the images below a prefix: one <c>[[registry]]</c> of registries.conf.</summary>
internal sealed record RegistryRule
{
    /// <summary>The registry, with a path or without, or <c>*.DOMAIN</c>.</summary>
    internal required string Prefix { get; init; }

    /// <summary>What stands for the prefix; null for itself.</summary>
    internal string? Location { get; init; }

    /// <summary>Plain http is spoken, and any certificate taken.</summary>
    internal bool IsInsecure { get; init; }

    /// <summary>Nothing is pulled from there.</summary>
    internal bool IsBlocked { get; init; }

    /// <summary>Mirrors are for names with a digest only.</summary>
    internal bool MirrorsByDigestOnly { get; init; }

    /// <summary>Who is asked first, in this order.</summary>
    internal IReadOnlyList<MirrorRule> Mirrors { get; init; } = [];

    /// <summary>The file that says so.</summary>
    internal required string File { get; init; }

    /// <summary>How many characters of a name the prefix covers; 0 when it is for other names.</summary>
    /// <param name="name"><c>REGISTRY/REPOSITORY</c>, without tag and digest.</param>
    internal int Covers(string name)
    {
        if (!Prefix.StartsWith("*.", StringComparison.Ordinal))
        {
            return name.StartsWith(Prefix, StringComparison.Ordinal) && (name.Length == Prefix.Length || name[Prefix.Length] == '/') ? Prefix.Length : 0;
        }

        var domain = Prefix.AsSpan(1);
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var colon = name.AsSpan(0, slash).IndexOf(':');
        var host = name.AsSpan(0, colon < 0 ? slash : colon);
        return host.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && host.Length > domain.Length ? host.Length : 0;
    }
}

/// <summary>One <c>[[registry.mirror]]</c>.</summary>
/// <param name="Location">What stands for the prefix.</param>
/// <param name="IsInsecure">As that of the rule.</param>
/// <param name="Use">Which names are asked for there.</param>
internal sealed record MirrorRule(string Location, bool IsInsecure, MirrorUse Use);

/// <summary>Which names a mirror serves.</summary>
internal enum MirrorUse
{
    /// <summary>All.</summary>
    All,

    /// <summary>Those with a digest.</summary>
    DigestOnly,

    /// <summary>Those without.</summary>
    TagOnly,
}
