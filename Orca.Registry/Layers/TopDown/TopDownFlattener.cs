using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers.Reuse;
using Orca.Registry.Layers.Spill;

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
    private readonly SpillSpace _space;
    private readonly FlatTree _tree;
    private readonly LayerBudget _budget;
    private readonly FileBatches _batches;
    private readonly PathView _view;
    private readonly LayerPath _path = new();
    private readonly LayerPath _target = new();
    private readonly EntryWriter _writer;
    private readonly DeferredLinks _links;
    private readonly bool _keepsHidden;
    private int _rootListedIn;

    /// <summary>Starts with an empty directory, which stays the caller's; what there is no memory for goes beside it.</summary>
    internal TopDownFlattener(Fd rootfs, LayerLimits limits)
    {
        _keepsHidden = limits.KeepsHidden;
        _budget = new LayerBudget(limits);
        _space = SpillSpace.Beside(rootfs, limits.TableMemory);
        _view = new PathView(_space);
        _batches = new FileBatches(FlatTree.ReadUmask(), _space);
        _tree = new FlatTree(rootfs, _space, _batches);
        _writer = new EntryWriter(_tree);
        _links = new DeferredLinks(_tree, _batches, _writer);
    }

    /// <summary>Applies one layer and reads the stream to its end.</summary>
    /// <param name="uncompressed">The archive.</param>
    /// <param name="number">The layer's place in the image, from 1; they come in descending order, and 1 is the last.</param>
    /// <param name="cancellationToken">Ends it between two entries.</param>
    /// <param name="recorder">Hears what becomes of the entries; null for a layer that the image has twice.</param>
    internal void Apply(Stream uncompressed, int number, LayerRecorder? recorder, CancellationToken cancellationToken)
    {
        Start(number);
        using var tar = new TarReader(uncompressed, _budget, number);
        var files = new ArchiveFileSource(tar, _keepsHidden);
        while (tar.Next())
        {
            Apply(tar.Entry, files, recorder, cancellationToken);
        }

        _links.Write();
        tar.Drain();
        _tree.Warnings.AddAll(tar.Notes);
        End(recorder, tar.Extent);
    }

    /// <summary>True when a stored image has all that would be seen of a layer, undamaged. Goes over the whole layer; nothing is changed.</summary>
    internal bool CanTake(ReusableLayer donor, int number, CancellationToken cancellationToken)
    {
        Start(number);
        try
        {
            using var stored = donor.TryOpen(number);
            while (stored?.Next() == true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _path.Set(stored.Entry.Name);
                if (!_path.IsRoot && !Whiteouts.IsWhiteout(_path) && IsVisible(stored.Entry, out _, out _) && stored.Entry.Kind == EntryKind.File && !stored.IsIntact(_tree))
                {
                    return false;
                }
            }

            return stored is not null;
        }
        catch (Exception e) when (e is InvalidDataException or LinuxException)
        {
            return false;
        }
        finally
        {
            _view.Forget();
        }
    }

    /// <summary>Applies one layer from a stored image, which <see cref="CanTake"/> says has it.</summary>
    /// <remarks>What is wrong with it, be it that the stored image hides it or allows more, its archive's reader says: with the place in the archive.</remarks>
    /// <inheritdoc cref="Apply(Stream, int, LayerRecorder?, CancellationToken)"/>
    internal void Take(ReusableLayer donor, int number, LayerRecorder? recorder, CancellationToken cancellationToken)
    {
        Start(number);
        using var taken = new ReusedLayer(donor, number, _budget);
        try
        {
            while (taken.Next())
            {
                Apply(taken.Stored.Entry, taken.Stored, recorder, cancellationToken);
            }

            _links.Write();
        }
        catch (LayerException e)
        {
            throw new NotTopDownException(e.Message);
        }

        End(recorder, taken.Stored.Extent);
    }

    /// <summary>Finishes the tree, when all layers are applied.</summary>
    internal void Finish()
    {
        _view.Dispose();
        _batches.Drain();
        try
        {
            _tree.Pending.Apply(_tree);
        }
        catch (LinuxException e)
        {
            throw new StoreException($"cannot finish the tree: {e.Message}", e.Hint, e);
        }
    }

    /// <summary>What has come of it.</summary>
    internal FlattenSummary Complete() => new(_tree.Entries, _tree.Bytes, _tree.Warnings.ToList());

    /// <summary>Sums of the files written; nothing of it is ever replaced.</summary>
    internal SpillTable Sums => _batches.Sums;

    /// <summary>See <see cref="Flattener.WriteOwners"/>.</summary>
    internal void WriteOwners(Stream stream) => _tree.Owners.WriteTo(stream);

    public void Dispose()
    {
        _batches.Dispose();
        _tree.Dispose();
        _view.Dispose();
        _space.Dispose();
    }

    private void Start(int number)
    {
        _tree.StartLayer(number);
        _view.StartLayer(isBase: number == 1);
    }

    private void End(LayerRecorder? recorder, LayerExtent extent)
    {
        recorder?.Complete(extent);
        _view.EndLayer();
    }

    private void Apply(LayerEntry entry, IFileSource files, LayerRecorder? recorder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            recorder?.Add(entry);
            _path.Set(entry.Name);
            _tree.Warnings.NotePath(entry, _path);
            Put(entry, files, entry.Kind == EntryKind.File ? recorder : null, cancellationToken);
        }
        catch (LinuxException e)
        {
            throw LayerFault.Explain(entry, e);
        }
    }

    private void Put(LayerEntry entry, IFileSource files, LayerRecorder? states, CancellationToken cancellationToken)
    {
        if (_path.IsRoot)
        {
            WriteRoot(entry);
        }
        else if (Whiteouts.IsWhiteout(_path))
        {
            Hide(entry);
            states?.AddAbsent();
        }
        else if (MakesSomething(entry))
        {
            var sum = Write(entry, files, cancellationToken);
            states?.AddInTree(sum);
        }
        else
        {
            states?.AddHidden(_tree, entry, files);
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
        Whiteouts.NoteIdle(entry, _path, isBase: _tree.Layer == 1, _tree.Warnings);
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

    private bool IsVisible(LayerEntry entry, out PathView.Place parent, out LinkTarget target)
    {
        target = entry.Kind == EntryKind.HardLink ? FindTarget(entry) : default;
        parent = _view.Enter(_path.Parent, makes: true);
        var isVisible = _view.Add(entry.Kind, parent, _path.Name);
        return entry.Kind != EntryKind.HardLink || target == LinkTarget.OnDisk || (target == LinkTarget.Hidden && !isVisible)
            ? isVisible : throw new NotTopDownException("a hard link out of its layer");
    }

    private bool MakesSomething(LayerEntry entry)
    {
        var isVisible = IsVisible(entry, out var parent, out var target);
        if (!isVisible && target == LinkTarget.OnDisk)
        {
            _links.Add(entry, isVisible: false); // hidden, but an error all the same when its target is missing
        }

        if (!isVisible && parent.VisibleLength > 0)
        {
            // The directories on the way are there although the entry is not any more.
            _tree.Chain.Open(_path.Parent[..parent.VisibleLength], create: true);
        }

        return isVisible;
    }

    private LinkTarget FindTarget(LayerEntry entry)
    {
        _target.Set(entry.Target);
        return _target.IsRoot ? LinkTarget.Unknown : _view.TargetOf(_view.Enter(_target.Parent, makes: false), _target.Name);
    }

    private ulong Write(LayerEntry entry, IFileSource files, CancellationToken cancellationToken)
    {
        if (entry.Kind != EntryKind.HardLink)
        {
            return _writer.Write(entry, _path, files, cancellationToken);
        }

        _links.Add(entry, isVisible: true);
        return 0;
    }
}
