using Orca.Core.Containers;

namespace Orca.Tests.Fakes;

/// <summary>A root of nothing but symbolic links, by clean path.</summary>
internal sealed class LinkedPaths(IReadOnlyDictionary<string, string> links) : IContainerPaths
{
    public string PlaceOf(string path) => links.TryGetValue(CleanPath.Of(path), out var place) ? place : CleanPath.Of(path);
}
