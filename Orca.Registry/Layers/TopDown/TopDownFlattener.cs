using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Applies layers, uppermost first: a path is written by the first layer that has it, and what is hidden from below is never written.</summary>
/// <remarks>
/// <para>Comes to the same tree as <see cref="Flattener"/>, whose rules it follows, or throws <see cref="NotTopDownException"/>: where a lower
/// layer decides what an upper one's entry means (a path through its symbolic link, a hard link to its file), and wherever something is wrong
/// that the other should say.</para>
/// <para>Directories get their attributes at the very end. After an exception the tree is of no use but to be deleted.</para>
/// </remarks>
internal sealed class TopDownFlattener : IDisposable
{
    private const int MaxLinks = 4096;

    private readonly FlatTree _tree;
    private readonly LayerBudget _budget;
    private readonly FileBatches _batches;
    private readonly PathView _view = new();
    private readonly LayerPath _path = new();
    private readonly LayerPath _target = new();
    private readonly EntryWriter _writer;
    private readonly List<(LayerEntry Entry, bool IsVisible)> _links = [];
    private int _rootListedIn;

    /// <summary>Starts with an empty directory, which stays the caller's.</summary>
    internal TopDownFlattener(Fd rootfs, LayerLimits limits)
    {
        _budget = new LayerBudget(limits);
        _batches = new FileBatches(FlatTree.ReadUmask());
        _tree = new FlatTree(rootfs, limits, _batches);
        _writer = new EntryWriter(_tree);
    }

    /// <summary>Applies one layer and reads the stream to its end.</summary>
    /// <param name="uncompressed">The archive.</param>
    /// <param name="number">The layer's place in the image, from 1; they come in descending order, and 1 is the last.</param>
    /// <param name="cancellationToken">Ends it between two entries.</param>
    internal void Apply(Stream uncompressed, int number, CancellationToken cancellationToken)
    {
        _tree.StartLayer(number);
        _view.StartLayer(isBase: number == 1);
        using var tar = new TarReader(uncompressed, _budget, number);
        while (tar.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Apply(tar, cancellationToken);
            }
            catch (LinuxException e)
            {
                throw LayerFault.Explain(tar.Entry, e);
            }
        }

        WriteLinks();
        tar.Drain();
        _view.EndLayer();
    }

    /// <summary>Finishes the tree, when all layers are applied.</summary>
    internal void Finish() => ApplyPending();

    /// <summary>What has come of it.</summary>
    internal FlattenSummary Complete() => new(_tree.Entries, _tree.Bytes, _tree.Warnings.ToList());

    /// <summary>Sums of the files written; nothing of it is ever replaced.</summary>
    internal ContentSums Sums => _batches.Sums;

    /// <summary>See <see cref="Flattener.WriteOwners"/>.</summary>
    internal void WriteOwners(Stream stream) => _tree.Owners.WriteTo(stream);

    public void Dispose()
    {
        _batches.Dispose();
        _tree.Dispose();
    }

    private void Apply(TarReader tar, CancellationToken cancellationToken)
    {
        var entry = tar.Entry;
        _path.Set(entry.Name);
        if (_path.IsRoot)
        {
            WriteRoot(entry);
        }
        else if (Whiteouts.IsOne(_path))
        {
            Hide(entry);
        }
        else if (IsVisible(entry))
        {
            Write(tar, cancellationToken);
        }

        if (_tree.Pending.IsFull)
        {
            ApplyPending();
        }
    }

    private void WriteRoot(LayerEntry entry)
    {
        if (_rootListedIn == 0 || _rootListedIn == _tree.Layer || entry.Kind != EntryKind.Directory)
        {
            _writer.WriteRoot(entry);
            _rootListedIn = _tree.Layer;
        }
    }

    private void Hide(LayerEntry entry)
    {
        var hidden = Whiteouts.Read(entry, _path, out var isOpaque);
        if (hidden.IsEmpty && !isOpaque)
        {
            return; // AUFS's own
        }

        var parent = _view.Enter(_path.Parent, makes: false);
        if (!parent.IsHidden)
        {
            _tree.Chain.Open(_path.Parent, create: false); // refuses to go through a link of this layer
        }

        if (isOpaque)
        {
            _view.Clear(parent);
        }
        else
        {
            _view.Hide(parent, hidden);
        }
    }

    private bool IsVisible(LayerEntry entry)
    {
        if (entry.Kind == EntryKind.HardLink)
        {
            RequireTarget(entry);
        }

        var parent = _view.Enter(_path.Parent, makes: true);
        var isVisible = _view.Add(entry.Kind, parent, _path.Name);
        if (!isVisible && entry.Kind == EntryKind.HardLink)
        {
            Defer(entry, isVisible: false); // hidden, but an error all the same when its target is missing
        }

        if (!isVisible && parent.VisibleLength > 0)
        {
            // The directories on the way are there although the entry is not any more.
            _tree.Chain.Open(_path.Parent[..parent.VisibleLength], create: true);
        }

        return isVisible;
    }

    private void RequireTarget(LayerEntry entry)
    {
        _target.Set(entry.Target);
        if (_target.IsRoot || !_view.HasTarget(_view.Enter(_target.Parent, makes: false), _target.Name))
        {
            throw new NotTopDownException("a hard link out of its layer");
        }
    }

    private void Write(TarReader tar, CancellationToken cancellationToken)
    {
        if (tar.Entry.Kind != EntryKind.HardLink)
        {
            _writer.Write(tar, _path, cancellationToken);
            return;
        }

        Defer(tar.Entry, isVisible: true);
    }

    /// <summary>A link's target may still be on its way to the disk.</summary>
    private void Defer(LayerEntry link, bool isVisible)
    {
        _links.Add((link.CopyOfLink(), isVisible));

        // Of the base nothing is noted: whether the target came before the link only the disk tells, now.
        if (_links.Count >= MaxLinks || _tree.Layer == 1)
        {
            WriteLinks();
        }
    }

    private void WriteLinks()
    {
        if (_links.Count == 0)
        {
            return;
        }

        _batches.Drain();
        foreach (var (link, isVisible) in _links)
        {
            try
            {
                if (isVisible)
                {
                    _target.Set(link.Name);
                    _writer.WriteHardLink(link, _target);
                }
                else
                {
                    RequireOnDisk(link);
                }
            }
            catch (LayerException)
            {
                throw new NotTopDownException("a hard link that cannot be made");
            }
            catch (LinuxException e)
            {
                throw LayerFault.Explain(link, e);
            }
        }

        _links.Clear();
    }

    private void RequireOnDisk(LayerEntry link)
    {
        _target.Set(link.Target);
        var parent = _tree.Aside.Open(_target.Parent, create: false);
        var isThere = parent is not null && FileSystem.TryStatus(parent.Handle, PathZ.OfTerminated(_target.NameZ), out var status) == Errno.None
            ? !status.IsDirectory
            : parent is not null && _tree.Owners.TryGet(parent.Join(_target.Name), out _); // a device
        if (!isThere)
        {
            throw new NotTopDownException("a hard link that cannot be made");
        }
    }

    private void ApplyPending()
    {
        WriteLinks();
        _batches.Drain();
        try
        {
            _tree.Pending.Apply(_tree);
        }
        catch (LinuxException e)
        {
            throw new StoreException($"cannot finish the tree: {e.Message}", e.Hint, e);
        }

        // Directories that change after this are noted anew.
        _tree.Root.NotedIn = 0;
        _tree.Invalidate();
    }
}
