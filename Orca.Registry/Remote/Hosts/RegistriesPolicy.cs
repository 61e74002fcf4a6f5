using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Registry.Remote.Hosts;

/// <summary>All that the files say together: which places an image is pulled from. Pure.</summary>
internal sealed class RegistriesPolicy
{
    private readonly Dictionary<string, RegistryRule> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _aliases = new(StringComparer.Ordinal);

    /// <param name="files">The main file and its drop-ins; of two rules for the same prefix the later counts.</param>
    internal RegistriesPolicy(params IEnumerable<RegistriesFile> files)
    {
        foreach (var file in files)
        {
            foreach (var rule in file.Rules)
            {
                _rules[rule.Prefix] = rule;
            }

            foreach (var (name, target) in file.Aliases)
            {
                _aliases[name] = target;
            }

            Search = file.Search ?? Search;
            IsEnforcing = file.IsEnforcing ?? IsEnforcing;
        }
    }

    /// <summary>Where names without a registry are looked for, in this order; null when nobody said.</summary>
    internal IReadOnlyList<string>? Search { get; }

    /// <summary>True: a short name without an alias is not tried at several registries.</summary>
    internal bool IsEnforcing { get; }

    /// <summary>What a name without a registry means, in order: its alias alone, else the name at each registry that is searched. Where none is, docker.io, whatever aliases say.</summary>
    internal IReadOnlyList<ImageReference> Meanings(ImageReference name)
    {
        if (name.ShortPath is not { } path || Search is not { Count: > 0 } places)
        {
            return [name];
        }

        if (_aliases.GetValueOrDefault(path) is { } target && name.At(target) is { } aliased)
        {
            return [aliased];
        }

        var found = places.Select(place => name.At($"{place}/{path}")).OfType<ImageReference>().Distinct().ToList();
        return found.Count > 0 ? found : [name]; // too long a name everywhere
    }

    /// <summary>The places that have the image, mirrors first; the last one is the registry itself, or what stands for it.</summary>
    /// <exception cref="RegistryException">The registry is blocked, or a location is none.</exception>
    internal IReadOnlyList<PullPlace> Places(ImageReference reference, string failure)
    {
        var name = $"{reference.Registry}/{reference.Repository}";
        if (_rules.Values.Where(rule => rule.Covers(name) > 0).MaxBy(static rule => rule.Prefix.Length) is not { } found)
        {
            return [new PullPlace(reference, false, false)];
        }

        if (found.IsBlocked)
        {
            throw new RegistryException($"{failure}: '{Quoted.Text(found.Prefix)}' is blocked by '{Quoted.Text(found.File)}'");
        }

        var covered = found.Covers(name);
        ImageReference Moved(string? location) => location is null ? reference
            : ImageReference.TryParse(location + name[covered..] + reference.ToString()[name.Length..], out var moved) && IsRegistry(location) ? moved
            : throw new RegistryException($"{failure}: the location '{Quoted.Text(location)}' of '{Quoted.Text(found.File)}' is no registry");

        var isPinned = reference.Digest is not null;
        return
        [
            .. found.Mirrors
                .Where(mirror => (isPinned || !found.MirrorsByDigestOnly) && mirror.Use switch { MirrorUse.DigestOnly => isPinned, MirrorUse.TagOnly => !isPinned, _ => true })
                .Select(mirror => new PullPlace(Moved(mirror.Location), mirror.IsInsecure, true)),
            new PullPlace(Moved(found.Location), found.IsInsecure, false),
        ];
    }

    /// <summary>A location's first part is a host, whatever it looks like in a name that people type.</summary>
    private static bool IsRegistry(string location)
    {
        var host = location.Split('/', 2)[0];
        return host.AsSpan().ContainsAny('.', ':') || host == "localhost";
    }
}

/// <summary>Where an image may be pulled from.</summary>
/// <param name="Reference">Its name there.</param>
/// <param name="IsInsecure">Plain http is spoken, and any certificate taken.</param>
/// <param name="IsMirror">Another place follows.</param>
internal sealed record PullPlace(ImageReference Reference, bool IsInsecure, bool IsMirror);
