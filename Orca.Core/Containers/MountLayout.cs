using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>The caller's mounts in the order in which they are made, and which of them is seen at a path. Pure.</summary>
/// <remarks>
/// A parent is mounted before what is mounted below it, as in Docker; else the order is the one given. "Below" is meant of the places that destinations
/// lead to by links of the image (/var/run is mostly /run), because a mount covers what is at its place, whatever its path was called.
/// </remarks>
public sealed class MountLayout
{
    private readonly IReadOnlyDictionary<string, string> _places;
    private readonly PlacedMount[] _mounts;

    /// <summary>Brings mounts into their order.</summary>
    /// <param name="binds">Paths of the host.</param>
    /// <param name="temporary">Empty file systems.</param>
    /// <param name="places">Where paths lead, see <see cref="SandboxSpec.Places"/>.</param>
    public MountLayout(IReadOnlyList<BindMount> binds, IReadOnlyList<TemporaryMount> temporary, IReadOnlyDictionary<string, string> places)
    {
        _places = places;
        _mounts = binds.Count + temporary.Count == 0 ? [] :
        [
            .. binds.Select((mount, i) => Place(mount.Destination, i, isTemporary: false))
                .Concat(temporary.Select((mount, i) => Place(mount.Destination, i, isTemporary: true)))
                .OrderBy(static mount => MountPath.Depth(mount.Place)), // a stable sort
        ];
    }

    /// <summary>The mounts, in the order in which they are made.</summary>
    public IReadOnlyList<PlacedMount> Mounts => _mounts;

    /// <summary>The place of a path: what the longest known path above it leads to, and the rest as it is.</summary>
    public string PlaceOf(string path)
    {
        var clean = CleanPath.Of(path);
        for (var end = clean.Length; end > 0; end = clean.LastIndexOf('/', end - 1))
        {
            if (_places.TryGetValue(clean[..end], out var place))
            {
                return CleanPath.Of(place + clean[end..]);
            }
        }

        return clean;
    }

    /// <summary>The mount that is seen at a path: the last one made at its place or above it; null when the root is.</summary>
    public PlacedMount? Over(string path) => _mounts.Length == 0 ? null : OverPlace(PlaceOf(path));

    /// <summary>Whether a file of orca's cannot be at a path: the caller mounts there, or below, or shows a path of the host above.</summary>
    /// <remarks>An empty file system of the caller's above it has room for the file. A directory of the host's has not: nothing of orca's is written into it.</remarks>
    public bool Hides(string path) => _mounts.Length > 0 && (IsTaken(path) || OverPlace(PlaceOfFile(path)) is { IsTemporary: false });

    /// <summary>Whether the caller mounts at the place of a file of orca's, or below it.</summary>
    public bool IsTaken(string path) => Array.Exists(_mounts, mount => IsTakenBy(mount, path));

    /// <summary>Whether a mount is at the place of a file of orca's, or below it.</summary>
    public bool IsTakenBy(PlacedMount mount, string path) => IsAt(mount, path) || CleanPath.IsAtOrBelow(mount.Place, PlaceOfFile(path));

    /// <summary>Whether a mount is at the place of a file of orca's.</summary>
    public bool IsAt(PlacedMount mount, string path) => mount.Target == CleanPath.Of(path) || mount.Place == PlaceOfFile(path);

    /// <summary>The place of a file of orca's: its directory's, and its name there, which is not followed where it is a link.</summary>
    public string PlaceOfFile(string path)
    {
        var clean = CleanPath.Of(path);
        var slash = clean.LastIndexOf('/');
        return CleanPath.Of((slash > 0 ? PlaceOf(clean[..slash]) : string.Empty) + clean[slash..]);
    }

    private PlacedMount? OverPlace(string place)
    {
        var i = Array.FindLastIndex(_mounts, mount => CleanPath.IsAtOrBelow(place, mount.Place));
        return i < 0 ? null : _mounts[i];
    }

    private PlacedMount Place(string destination, int index, bool isTemporary) =>
        new(CleanPath.Of(destination), PlaceOf(destination), index, isTemporary);
}

/// <summary>A mount of the caller's and where it is made.</summary>
/// <param name="Target">Its path inside, cleaned.</param>
/// <param name="Place">Where that leads in the root.</param>
/// <param name="Index">Its place in the list of its kind.</param>
/// <param name="IsTemporary">True for a <see cref="TemporaryMount"/>, false for a <see cref="BindMount"/>.</param>
public readonly record struct PlacedMount(string Target, string Place, int Index, bool IsTemporary);
