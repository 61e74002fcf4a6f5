using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers.Sharing;

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
    private readonly FlatTree _tree;
    private readonly LayerBudget _budget;
    private readonly LayerPath _path = new();
    private readonly Whiteouts _whiteouts;
    private readonly EntryWriter _writer;

    /// <summary>Starts with an empty directory, which stays the caller's.</summary>
    internal Flattener(Fd rootfs, LayerLimits limits)
    {
        _budget = new LayerBudget(limits);
        _tree = new FlatTree(rootfs, limits);
        _whiteouts = new Whiteouts(_tree);
        _writer = new EntryWriter(_tree);
    }

    /// <summary>Applies one layer and reads the stream to its end.</summary>
    /// <exception cref="LayerException">The archive is malformed, hostile, or beyond the limits.</exception>
    /// <exception cref="StoreException">The disk is full, read-only, or fails.</exception>
    internal void Apply(Stream uncompressed, CancellationToken cancellationToken)
    {
        _tree.StartLayer(_tree.Layer + 1);
        using var tar = new TarReader(uncompressed, _budget, _tree.Layer);
        var files = new ArchiveFileSource(tar);
        while (tar.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Apply(tar.Entry, files, cancellationToken);
            }
            catch (LinuxException e)
            {
                throw LayerFault.Explain(tar.Entry, e);
            }
        }

        try
        {
            _tree.Pending.Apply(_tree);
        }
        catch (LinuxException e)
        {
            throw new StoreException($"cannot finish layer {_tree.Layer}: {e.Message}", e.Hint, e);
        }

        tar.Drain();
    }

    /// <summary>What has come of it.</summary>
    internal FlattenSummary Complete() => new(_tree.Entries, _tree.Bytes, _tree.Warnings.ToList());

    /// <summary>Writes the side table: owners, true modes and devices; see <see cref="OwnerTable"/> for the format.</summary>
    internal void WriteOwners(Stream stream) => _tree.Owners.WriteTo(stream);

    public void Dispose() => _tree.Dispose();

    private void Apply(LayerEntry entry, ArchiveFileSource files, CancellationToken cancellationToken)
    {
        _path.Set(entry.Name);
        if (_path.IsRoot)
        {
            _writer.WriteRoot(entry);
        }
        else if (Whiteouts.IsOne(_path))
        {
            _whiteouts.Apply(entry, _path);
        }
        else
        {
            _writer.Write(entry, _path, files, cancellationToken);
        }

        if (_tree.Pending.IsFull)
        {
            _tree.Pending.Apply(_tree);
        }
    }
}
