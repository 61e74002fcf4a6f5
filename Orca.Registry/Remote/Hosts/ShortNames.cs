using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Registry.Remote.Hosts;

/// <summary>What registries.conf says of names without a registry.</summary>
/// <remarks>Source: containers-registries.conf(5). Unless <c>unqualified-search-registries</c> is set, such a name means docker.io, and nothing else is read.</remarks>
/// <param name="policy">All that the files say.</param>
/// <param name="isSet">Whether one of them may name registries to search: asked first, because it costs so little.</param>
internal sealed class ShortNames(Lazy<RegistriesPolicy> policy, Func<bool> isSet) : IShortNames
{
    private readonly Lazy<bool> _isSet = new(isSet);

    /// <summary>The key that turns the search on.</summary>
    internal static ReadOnlySpan<byte> Key => "unqualified-search-registries"u8;

    /// <inheritdoc/>
    public IReadOnlyList<ImageReference> Meanings(ImageReference name)
    {
        var sources = Read(name);

        // What was loaded, or pulled before the search was set, has its short name at docker.io.
        return sources.Contains(name) ? sources : [.. sources, name];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ImageReference> Sources(ImageReference name) => Read(name) is var sources && (sources.Count == 1 || !policy.Value.IsEnforcing) ? sources
        : throw new RegistryException(
            $"cannot pull '{name.Familiar}': it is in no registry by name, {sources.Count} registries are searched, and 'short-name-mode' is 'enforcing'",
            $"name the registry, as in '{sources[0].Familiar}', or give the name an alias in registries.conf");

    private IReadOnlyList<ImageReference> Read(ImageReference name) => name.ShortPath is null || !_isSet.Value ? [name] : policy.Value.Meanings(name);
}
