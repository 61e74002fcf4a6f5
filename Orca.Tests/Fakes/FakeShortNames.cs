using Orca.Core.References;

namespace Orca.Tests.Fakes;

/// <summary>One meaning for all short names: these places, in their order; a name with a registry means itself.</summary>
internal sealed class FakeShortNames(params string[] sources) : IShortNames
{
    public IReadOnlyList<ImageReference> Meanings(ImageReference name) => [.. Sources(name), name];

    public IReadOnlyList<ImageReference> Sources(ImageReference name) => name.ShortPath is null ? [name] : [.. sources.Select(ImageReference.Parse)];
}
