using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers.Reuse;
using Orca.Registry.Layers.Spill;

namespace Orca.Registry.Layers;

/// <summary>What a flattened image came to.</summary>
/// <param name="Entries">Names in the tree, the root not counted.</param>
/// <param name="Bytes">Bytes of its regular files; what has several names is counted once.</param>
/// <param name="Warnings">What could not be kept, one line for each kind.</param>
internal sealed record FlattenSummary(long Entries, long Bytes, IReadOnlyList<string> Warnings);

/// <summary>Applies layers, base first, to one directory: each in one streaming pass, straight from the archive to the disk.</summary>
/// <remarks>
/// <para>Nothing outside the directory is ever touched: every step is taken below a descriptor, parents resolve inside the tree, last
/// components are never followed, and files are only ever created anew.</para>
/// <para>The rules (whiteouts, what replaces what, which metadata is kept) are in docs/layers.md, and follow OCI image-spec, layer.md.</para>
/// <para>After an exception the tree is of no use but to be deleted.</para>
/// </remarks>
internal sealed class Flattener : IDisposable
{
    private readonly SpillSpace _space;
    private readonly FlatTree _tree;
    private readonly LayerBudget _budget;
    private readonly LayerPath _path = new();
    private readonly Whiteouts _whiteouts;
    private readonly EntryWriter _writer;
    private readonly List<(Digest DiffId, LayerExtent Extent)> _recorded = [];

    /// <summary>Starts with an empty directory, which stays the caller's; what there is no memory for goes beside it.</summary>
    internal Flattener(Fd rootfs, LayerLimits limits)
    {
        _budget = new LayerBudget(limits);
        _space = SpillSpace.Beside(rootfs, limits.TableMemory);
        _tree = new FlatTree(rootfs, _space);
        _whiteouts = new Whiteouts(_tree, _space);
        _writer = new EntryWriter(_tree);
    }

    /// <summary>Applies one layer that nothing is written down of.</summary>
    /// <inheritdoc cref="Apply(Stream, LayerRecorder?, CancellationToken)"/>
    internal void Apply(Stream uncompressed, CancellationToken cancellationToken) => Apply(uncompressed, recorder: null, cancellationToken);

    /// <summary>Applies one layer and reads the stream to its end.</summary>
    /// <param name="uncompressed">The archive.</param>
    /// <param name="recorder">Hears what becomes of the entries; null when nobody asks.</param>
    /// <param name="cancellationToken">Ends it between two entries.</param>
    /// <exception cref="LayerException">The archive is malformed, hostile, or beyond the limits.</exception>
    /// <exception cref="StoreException">The disk is full, read-only, or fails.</exception>
    internal void Apply(Stream uncompressed, LayerRecorder? recorder, CancellationToken cancellationToken)
    {
        _tree.StartLayer(_tree.Layer + 1);
        using var tar = new TarReader(uncompressed, _budget, _tree.Layer);
        var files = Recorded(new ArchiveFileSource(tar), recorder);
        while (tar.Next())
        {
            Apply(tar.Entry, files, recorder, cancellationToken);
        }

        End();
        tar.Drain();
        _tree.Warnings.AddAll(tar.Notes);
        Complete(recorder, tar.Extent);
    }

    /// <summary>True when a stored image has all of a layer, undamaged. Goes over the whole layer; nothing is changed.</summary>
    internal bool CanTake(ReusableLayer donor, int number, CancellationToken cancellationToken)
    {
        try
        {
            using var stored = donor.TryOpen(number);
            while (stored?.Next() == true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _path.Set(stored.Entry.Name);
                if (stored.Entry.Kind == EntryKind.File && !_path.IsRoot && !Whiteouts.IsWhiteout(_path) && !stored.IsIntact(_tree))
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
    }

    /// <summary>Applies one layer from a stored image, which <see cref="CanTake"/> says has it.</summary>
    /// <exception cref="TopDown.NotTopDownException">Something is wrong with it: its archive's reader says what.</exception>
    /// <exception cref="StoreException">The disk is full, read-only, or fails.</exception>
    internal void Take(ReusableLayer donor, LayerRecorder? recorder, CancellationToken cancellationToken)
    {
        _tree.StartLayer(_tree.Layer + 1);
        using var taken = new ReusedLayer(donor, _tree.Layer, _budget);
        var files = Recorded(taken.Stored, recorder);
        while (taken.Next())
        {
            Apply(taken.Stored.Entry, files, recorder, cancellationToken);
        }

        End();
        Complete(recorder, taken.Stored.Extent);
    }

    /// <summary>When all layers are applied: writes down what other images can take from this one.</summary>
    /// <param name="records">Where the recorders wrote.</param>
    /// <exception cref="StoreException">The disk is full, read-only, or fails.</exception>
    internal void Finish(Fd records)
    {
        try
        {
            foreach (var (diffId, extent) in _recorded)
            {
                LayerIndexFinalizer.Finish(_tree.Root.Handle, records, diffId, extent);
            }
        }
        catch (Exception e) when (e is LinuxException or InvalidDataException)
        {
            throw new StoreException($"cannot write down the layers: {e.Message}", (e as LinuxException)?.Hint, e);
        }
    }

    /// <summary>What has come of it.</summary>
    internal FlattenSummary Complete() => new(_tree.Entries, _tree.Bytes, _tree.Warnings.ToList());

    /// <summary>Writes the side table: owners, true modes and devices; see <see cref="OwnerTable"/> for the format.</summary>
    internal void WriteOwners(Stream stream) => _tree.Owners.WriteTo(stream);

    public void Dispose()
    {
        _tree.Dispose();
        _whiteouts.Dispose();
        _space.Dispose();
    }

    private IFileSource Recorded(IFileSource files, LayerRecorder? recorder) => recorder is null ? files : new RecordingFileSource(files, recorder, _path);

    private void End()
    {
        try
        {
            _tree.Pending.Apply(_tree);
        }
        catch (LinuxException e)
        {
            throw new StoreException($"cannot finish layer {_tree.Layer}: {e.Message}", e.Hint, e);
        }
    }

    private void Complete(LayerRecorder? recorder, LayerExtent extent)
    {
        if (recorder is not null)
        {
            recorder.Complete(extent);
            _recorded.Add((recorder.DiffId, extent));
        }
    }

    private void Apply(LayerEntry entry, IFileSource files, LayerRecorder? recorder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            recorder?.Add(entry);
            Put(entry, files, entry.Kind == EntryKind.File ? recorder : null, cancellationToken);
        }
        catch (LinuxException e)
        {
            throw LayerFault.Explain(entry, e);
        }
    }

    private void Put(LayerEntry entry, IFileSource files, LayerRecorder? states, CancellationToken cancellationToken)
    {
        _path.Set(entry.Name);
        _tree.Warnings.NotePath(entry, _path);
        if (_path.IsRoot)
        {
            _writer.WriteRoot(entry);
        }
        else if (Whiteouts.IsWhiteout(_path))
        {
            Whiteouts.NoteIdle(entry, _path, isBase: _tree.Layer == 1, _tree.Warnings);
            _whiteouts.Apply(entry, _path);
            states?.AddAbsent();
        }
        else
        {
            _writer.Write(entry, _path, files, cancellationToken);
        }
    }
}
