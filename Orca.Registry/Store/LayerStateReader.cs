using System.Globalization;
using Orca.Core.Containers;

namespace Orca.Registry.Store;

/// <summary>Reads what <see cref="LayerState"/> writes.</summary>
internal static class LayerStateReader
{
    /// <summary>Null when the text is not whole.</summary>
    internal static LayerState? Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[0] != LayerState.Head || lines[^2] != LayerState.End || lines[^1].Length > 0)
        {
            return null;
        }

        LayerState? state = null;
        var snapshots = new List<(Snapshot, string)>();
        foreach (var line in lines.AsSpan(1, lines.Length - 3))
        {
            switch (line.Split(' '))
            {
                case ["upper", var id] when state is null && StoredLayers.IsId(id):
                    state = new LayerState(id);
                    break;
                case ["base", var word] when state is not null && TryNumber(word, out var number):
                    state = state with { Base = number };
                    break;
                case ["next", var word] when state is not null && TryNumber(word, out var number):
                    state = state with { Next = number };
                    break;
                case ["ahead"] when state is not null:
                    state = state with { IsAhead = true };
                    break;
                case ["moving", var word] when state is not null && TryNumber(word, out var number):
                    state = state with { Moving = (uint)number };
                    break;
                case ["undone", var word] when state is not null && TryNumber(word, out var number):
                    state = state with { Undone = number };
                    break;
                case ["snapshot", var word, var taken, var kind, var below, var layer, var message] when TryNumber(word, out var number) && TryNumber(kind, out var reason)
                    && TryNumber(below, out var on) && StoredLayers.IsId(layer) && long.TryParse(taken, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 1L << 37:
                    snapshots.Add((new Snapshot(number, DateTimeOffset.FromUnixTimeSeconds(seconds), (SnapshotKind)reason, on, Uri.UnescapeDataString(message)), layer));
                    break;
                default:
                    return null;
            }
        }

        return state is null ? null : state with { Snapshots = snapshots };
    }

    private static bool TryNumber(string word, out int number) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
