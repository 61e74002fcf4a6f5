using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Compares two states of a container, each an image below layers. What both have from the same layers is not looked at.</summary>
/// <remarks>A file is the same when it is the same inode: layers below an upper one are never written to. Nothing is followed or opened but directories.</remarks>
internal sealed class LayerComparison
{
    private const int Most = 1 << 20;

    private readonly LayerStack _before;
    private readonly LayerStack _after;
    private readonly string[] _layersBefore;
    private readonly string[] _layersAfter;
    private readonly List<ContainerChange> _changes = [];

    private LayerComparison(List<Fd> before, string[] layersBefore, List<Fd> after, string[] layersAfter) =>
        (_before, _layersBefore, _after, _layersAfter) = (new LayerStack(before), layersBefore, new LayerStack(after), layersAfter);

    /// <summary>Returns the changes by path.</summary>
    /// <param name="before">The trees of the one state, opened, the top one first.</param>
    /// <param name="layersBefore">What tells each of them from others.</param>
    /// <param name="after">The same of the other state.</param>
    /// <param name="layersAfter">The same.</param>
    internal static IReadOnlyList<ContainerChange> Run(List<Fd> before, string[] layersBefore, List<Fd> after, string[] layersAfter)
    {
        var comparison = new LayerComparison(before, layersBefore, after, layersAfter);
        comparison.Walk();
        comparison._changes.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return comparison._changes;
    }

    private void Walk()
    {
        var waiting = new Stack<(byte[] Path, int Before, int After)>([([], _before.Trees.Count, _after.Trees.Count)]);
        while (waiting.TryPop(out var here))
        {
            var before = here.Before > 0 ? _before.List(here.Path, here.Before) : [];
            var after = here.After > 0 ? _after.List(here.Path, here.After) : [];
            foreach (var (name, entry) in after)
            {
                var old = before.TryGetValue(name, out var found) && !found.IsWhiteout ? found : null;
                if (!entry.IsWhiteout)
                {
                    Compare(MergedTree.Below(here.Path, name), old, entry, waiting);
                }
                else if (old is not null)
                {
                    Add(ChangeKind.Deleted, MergedTree.Below(here.Path, name));
                }
            }

            foreach (var (name, entry) in before)
            {
                if (!entry.IsWhiteout && !after.ContainsKey(name))
                {
                    Add(ChangeKind.Deleted, MergedTree.Below(here.Path, name));
                }
            }
        }
    }

    private void Compare(byte[] path, StackEntry? old, StackEntry entry, Stack<(byte[], int, int)> waiting)
    {
        var status = entry.Status;
        var isSame = old is not null && (old.Status.Device, old.Status.Inode) == (status.Device, status.Inode);
        var isSameDirectory = old is { Status.IsDirectory: true } && status.IsDirectory;
        if (old is null)
        {
            Add(ChangeKind.Added, path);
        }
        else if (!isSame && (!isSameDirectory || old.Status.Mode != status.Mode || old.Status.Modified != status.Modified))
        {
            Add(ChangeKind.Changed, path);
        }

        if (status.IsDirectory && !(isSameDirectory && Layers(old!, _layersBefore).SequenceEqual(Layers(entry, _layersAfter))))
        {
            waiting.Push((path, isSameDirectory ? old!.End : 0, entry.End));
        }
    }

    private static IEnumerable<string> Layers(StackEntry entry, string[] names) => entry.Shown.Select(tree => names[tree]);

    private void Add(ChangeKind kind, byte[] path)
    {
        if (_changes.Count == Most)
        {
            throw new StoreException($"cannot list the changes: there are more than {Most}");
        }

        _changes.Add(new ContainerChange(kind, "/" + NativeText.Decode(path)));
    }
}
