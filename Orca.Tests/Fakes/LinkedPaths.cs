using Orca.Core.Containers;

namespace Orca.Tests.Fakes;

/// <summary>A root of symbolic links, by clean path, and of what else is said.</summary>
internal sealed class LinkedPaths(IReadOnlyDictionary<string, string> links, params RootEntry[] entries) : IContainerPaths
{
    public RootEntry Find(string path)
    {
        var place = links.TryGetValue(CleanPath.Of(path), out var target) ? target : CleanPath.Of(path);
        var at = Array.FindIndex(entries, entry => entry.Place == place);
        return at < 0 ? new RootEntry(place, RootEntryKind.Missing) : entries[at];
    }
}
