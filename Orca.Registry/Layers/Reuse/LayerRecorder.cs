using System.Buffers.Binary;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Writes down, beside a tree, one of its layers and where its files are: so that the next image with this layer can share them.</summary>
/// <remarks>
/// The entries are the same for all images and so are one file with several names. The states are this image's: nine bytes for each file entry,
/// a <see cref="FileState"/> and the <see cref="ContentSum"/> of the file (0: not known), after a one; the end is a zero. Where they are a donor's, they can be
/// one file, too: <see cref="ReusableLayer.TryShareStates"/>.
/// </remarks>
internal sealed class LayerRecorder : IDisposable
{
    internal const string FilesHead = "orca files 1\n";

    private readonly EntryListWriter? _entries;
    private readonly RecordFileWriter _states;
    private readonly Fd _directory;
    private readonly Digest _diffId;
    private DirectoryNode? _aside;
    private int _count;

    /// <summary>Starts on a layer.</summary>
    /// <param name="directory">The image's directory of layers.</param>
    /// <param name="diffId">The layer.</param>
    /// <param name="donor">Another image's copy of it, whose list of entries is given a second name.</param>
    internal LayerRecorder(Fd directory, Digest diffId, ReusableLayer? donor)
    {
        (_directory, _diffId) = (directory, diffId);
        _entries = donor?.TryLinkEntries(directory) == true ? null : new EntryListWriter(directory, LayerNames.Entries(diffId));
        _states = new RecordFileWriter(directory, LayerNames.Files(diffId), FilesHead);
    }

    /// <summary>Starts on the states of a layer once more, which take the place of those that were written.</summary>
    internal LayerRecorder(Fd directory, Digest diffId)
    {
        (_directory, _diffId) = (directory, diffId);
        _ = FileSystem.TryUnlink(directory, PathZ.From(LayerNames.Files(diffId)));
        _states = new RecordFileWriter(directory, LayerNames.Files(diffId), FilesHead);
    }

    /// <summary>The layer.</summary>
    internal Digest DiffId => _diffId;

    /// <summary>Notes an entry; a file's state follows.</summary>
    internal void Add(LayerEntry entry) => _entries?.Add(entry);

    /// <summary>Notes that the entry stands for no file: a whiteout.</summary>
    internal void AddAbsent() => AddState(FileState.Absent, 0);

    /// <summary>Notes that the entry's file is in the tree.</summary>
    internal void AddInTree(ulong sum) => AddState(FileState.InTree, sum);

    /// <summary>Notes that the entry's file is beside the tree.</summary>
    internal void AddAside(ulong sum) => AddState(FileState.Aside, sum);

    /// <summary>Notes that the entry's file is in the tree, for as long as no upper layer hides it: it gets a second name beside the tree, if it may have one.</summary>
    internal void AddForNow(DirectoryNode parent, PathZ name, bool mayBeAside, ulong sum)
    {
        AddState(mayBeAside && TryNameAside(parent, name) ? FileState.Aside : FileState.InTree, sum);
    }

    /// <summary>Notes that upper layers hide the entry's file, which its source may put aside.</summary>
    internal void AddHidden(FlatTree tree, LayerEntry entry, IFileSource files)
    {
        _aside ??= MakeAside();
        var isAside = files.TryRetain(tree, entry, _aside, LayerNames.Ordinal(_count), out var sum);
        AddState(isAside ? FileState.Aside : FileState.Absent, sum);
    }

    /// <summary>The layer is at its end.</summary>
    internal void Complete(LayerExtent extent)
    {
        _entries?.Complete(extent);
        _states.Add([0]);
        _states.Complete();
    }

    public void Dispose()
    {
        _entries?.Dispose();
        _states.Dispose();
        _aside?.Dispose();
    }

    private bool TryNameAside(DirectoryNode parent, PathZ name)
    {
        _aside ??= MakeAside();
        var ordinal = LayerNames.Ordinal(_count);
        return Errno.None == (LinkedFile.MustBeAlone(parent.Path, name.Bytes)
            ? LinkedFile.TryMake(parent.Handle, name, _aside, ordinal, isAlone: true)
            : FileSystem.TryHardLink(parent.Handle, name, _aside.Handle, ordinal));
    }

    private DirectoryNode MakeAside()
    {
        var name = PathZ.From(LayerNames.Aside(_diffId));
        FileSystem.MakeDirectory(_directory, name, 0b111_000_000 /* 0700 */);
        return new DirectoryNode(FileSystem.OpenDirectory(_directory, name), null, [], PathHash.Child(PathHash.Root, System.Text.Encoding.ASCII.GetBytes($"/{_diffId.Hex}")));
    }

    private void AddState(FileState state, ulong sum)
    {
        Span<byte> record = stackalloc byte[10];
        record[0] = 1;
        record[1] = (byte)state;
        BinaryPrimitives.WriteUInt64LittleEndian(record[2..], sum);
        _states.Add(record);
        _count++;
    }
}
