using System.Globalization;
using System.Text;
using Orca.Core.Containers;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>The file <c>layers</c> of a container that has snapshots: which layer takes its changes, and which layer each snapshot ends with.</summary>
/// <remarks>Replacing this file is the one moment at which a snapshot, an undo or a restore happens. All that it names is on the disk before.</remarks>
/// <param name="Upper">The layer that takes the container's changes.</param>
internal sealed record LayerState(string Upper)
{
    internal const string FileName = "layers";
    internal const string Head = "orca layers 1";
    internal const string End = "end";
    private const int MaxLength = 16 << 20;

    /// <summary>The permissions of the upper layer's root while it is moved from the container's directory to its place; null otherwise.</summary>
    internal uint? Moving { get; init; }

    /// <summary>The snapshot below the upper layer; 0 is the image.</summary>
    internal int Base { get; init; }

    /// <summary>Whether the upper layer is above another state than the snapshot's, since one between was forgotten.</summary>
    internal bool IsAhead { get; init; }

    /// <summary>The snapshot of the state that the last undo or restore has left; null when something else was done since.</summary>
    internal int? Undone { get; init; }

    /// <summary>The next snapshot's number.</summary>
    internal int Next { get; init; } = 1;

    internal IReadOnlyList<(Snapshot Snapshot, string Layer)> Snapshots { get; init; } = [];

    internal static string PathOf(string name) => $"{StorePaths.Container(name)}/{FileName}";

    /// <summary>Reads the file of a container.</summary>
    /// <param name="root">The store's root.</param>
    /// <param name="path">The container's directory.</param>
    /// <param name="state">What it says; null when there is no file, or it cannot be used.</param>
    /// <returns>False when there is a file and it cannot be used.</returns>
    internal static bool TryRead(Fd root, string path, out LayerState? state)
    {
        var file = $"{path}/{FileName}";
        state = StoreDirectory.TryRead(root, file, MaxLength) is { } bytes ? LayerStateReader.Parse(Encoding.UTF8.GetString(bytes)) : null;
        return state is not null || StoreDirectory.IsAbsent(root, file);
    }

    internal void Write(Fd root, string path) => DurableFile.Write(root, path, FileName, Encoding.UTF8.GetBytes(Format()));

    /// <summary>The layer with which a snapshot ends; null for 0, the image, or when there is no such snapshot.</summary>
    internal string? LayerOf(int number)
    {
        foreach (var (snapshot, layer) in Snapshots)
        {
            if (snapshot.Number == number)
            {
                return layer;
            }
        }

        return null;
    }

    internal string Format()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Head}\nupper {Upper}\nbase {Base}\nnext {Next}\n");
        if (Moving is { } mode)
        {
            text.Append(CultureInfo.InvariantCulture, $"moving {mode}\n");
        }

        if (IsAhead)
        {
            text.Append("ahead\n");
        }

        if (Undone is { } undone)
        {
            text.Append(CultureInfo.InvariantCulture, $"undone {undone}\n");
        }

        foreach (var (one, layer) in Snapshots)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"snapshot {one.Number} {one.Taken.ToUnixTimeSeconds()} {(int)one.Kind} {one.Base} {layer} {Uri.EscapeDataString(one.Message)}\n");
        }

        return text.Append(End).Append('\n').ToString();
    }
}
