namespace Orca.Registry.Layers;

/// <summary>The directories on the way to the last path that was asked for, open: archives are sorted, so the next path shares most of it.</summary>
/// <remarks>Holds at most 64 descriptors, however deep the tree. What was removed or replaced makes it forget all, before the next path.</remarks>
internal sealed class DirectoryChain(FlatTree tree, StepWalker walker) : IDisposable
{
    private const int MaxOpen = 64;

    private readonly List<(byte[] Name, DirectoryNode Node)> _steps = [];
    private bool _isStale;

    /// <summary>The directory at a path in normal form; null when there is none and none shall be made. Valid until the next call.</summary>
    internal DirectoryNode? Open(ReadOnlySpan<byte> path, bool create)
    {
        if (_isStale)
        {
            Clear();
        }

        var rest = path;
        var node = Shared(ref rest);
        if (node.IsClosed)
        {
            Clear();
            rest = path;
            node = tree.Root;
        }

        while (LayerPath.TakeComponent(ref rest, out var component))
        {
            if (walker.Step(node, component, create) is not { } next)
            {
                return null;
            }

            _steps.Add((component.ToArray(), next));
            if (_steps.Count > MaxOpen)
            {
                Close(_steps[^(MaxOpen + 1)].Node);
            }

            node = next;
        }

        return node;
    }

    /// <summary>Something on the way may have changed: walk anew next time.</summary>
    internal void Invalidate() => _isStale = true;

    public void Dispose() => Clear();

    /// <summary>Goes down as far as the steps of the last path agree, drops the others, and leaves the rest to walk.</summary>
    private DirectoryNode Shared(ref ReadOnlySpan<byte> path)
    {
        var depth = 0;
        for (; depth < _steps.Count; depth++)
        {
            var rest = path;
            if (!LayerPath.TakeComponent(ref rest, out var component) || !component.SequenceEqual(_steps[depth].Name))
            {
                break;
            }

            path = rest;
        }

        Truncate(depth);
        return depth == 0 ? tree.Root : _steps[depth - 1].Node;
    }

    private void Clear()
    {
        Truncate(0);
        _isStale = false;
    }

    private void Truncate(int depth)
    {
        for (var i = _steps.Count - 1; i >= depth; i--)
        {
            Close(_steps[i].Node);
        }

        _steps.RemoveRange(depth, _steps.Count - depth);
    }

    private void Close(DirectoryNode node)
    {
        if (!ReferenceEquals(node, tree.Root))
        {
            node.Dispose();
        }
    }
}
