using System.Buffers.Binary;
using Orca.Core.Linux;
using Orca.Core.References;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.Reuse;

/// <summary>One pass over a layer that a stored image has: entry by entry as in the archive, the files by links.</summary>
internal sealed class StoredLayer : IFileSource, IDisposable
{
    private readonly EntryListReader _entries;
    private readonly RecordFileReader _states;
    private readonly Fd _tree;
    private readonly Fd? _aside;
    private readonly uint _ignoredBits;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(128 * 1024);
    private readonly LayerPath _path = new();
    private byte[]? _parentPath;
    private Fd? _parent;
    private int _ordinal = -1;

    private StoredLayer(EntryListReader entries, RecordFileReader states, Fd tree, Fd? aside, uint ignoredBits) =>
        (_entries, _states, _tree, _aside, _ignoredBits) = (entries, states, tree, aside, ignoredBits);

    /// <summary>The entry that <see cref="Next"/> read; the same object each time.</summary>
    internal LayerEntry Entry => _entries.Entry;

    /// <summary>Where the image has the entry's file.</summary>
    internal FileState State { get; private set; }

    /// <summary>The <see cref="ContentSum"/> of the file; 0 when it is not known.</summary>
    internal ulong Sum { get; private set; }

    /// <summary>The file's name among those put aside.</summary>
    internal PathZ NameAside => LayerNames.Ordinal(_ordinal);

    /// <summary>See <see cref="LinkedFile.MustBeAlone"/>.</summary>
    internal bool MustBeAlone => LinkedFile.MustBeAlone(_path.Parent, _path.Name);

    /// <summary>What its archive was, known at the end.</summary>
    internal LayerExtent Extent => _entries.Extent;

    /// <summary>See <see cref="ReusableLayer.TryOpen"/>.</summary>
    internal static StoredLayer? TryOpen(Fd tree, Fd layers, Digest diffId, uint ignoredBits, int number)
    {
        var entries = EntryListReader.TryOpen(layers, LayerNames.Entries(diffId), number);
        try
        {
            if (entries is null || RecordFileReader.TryOpen(layers, LayerNames.Files(diffId), LayerRecorder.FilesHead) is not { } states)
            {
                entries?.Dispose();
                return null;
            }

            _ = FileSystem.TryOpen(layers, PathZ.From(LayerNames.Aside(diffId)), O_PATH | O_DIRECTORY | O_NOFOLLOW, out var aside);
            return new StoredLayer(entries, states, tree, aside, ignoredBits);
        }
        catch
        {
            entries?.Dispose();
            throw;
        }
    }

    /// <summary>Goes to the next entry; false at the end.</summary>
    /// <exception cref="InvalidDataException">The records are damaged.</exception>
    internal bool Next()
    {
        if (!_entries.Next())
        {
            if (_states.ReadByte() != 0)
            {
                throw new InvalidDataException("more states than files");
            }

            _states.End();
            return false;
        }

        if (Entry.Kind == EntryKind.File)
        {
            ReadState();
        }

        return true;
    }

    /// <summary>True when the entry's file is there and is what it would be if it were written now.</summary>
    internal bool IsIntact(FlatTree tree)
    {
        if (!TryFind(State, out var directory, out var name, out var status) || !LooksIntact(status))
        {
            return false;
        }

        return StoredXattrs.AreIntact(tree, Entry, directory!, name) && (status.Size == 0 || (Sum != 0 && Sum == ReadSum(directory!, name, status.Size))); // what has no sum comes from its archive
    }

    /// <summary>True when a file has the size, time and mode of the entry's. A clamped time or a mode that the file system did not take is reason enough to write the file anew.</summary>
    internal bool LooksIntact(FileStatus status) =>
        status.Size == Entry.Size && status.Modified == Entry.Modified && (status.Permissions | _ignoredBits) == (Entry.Mode | OwnerMode.File | _ignoredBits);

    public ulong Write(FlatTree tree, LayerEntry entry, DirectoryNode parent, PathZ name, CancellationToken cancellationToken)
    {
        if (!TryFind(State, out var directory, out var from, out var status))
        {
            throw new LinuxException("link", from.ToString(), Errno.ENOENT);
        }

        var isAlone = LinkedFile.MustBeAlone(parent.Path, name.Bytes);
        var error = LinkedFile.TryMake(directory!, from, parent, name, isAlone);
        if (error == Errno.EEXIST && !tree.IsTopDown)
        {
            tree.Remove(parent, name);
            error = LinkedFile.TryMake(directory!, from, parent, name, isAlone);
        }

        if (error != Errno.None)
        {
            throw error == Errno.EEXIST ? new TopDown.NotTopDownException("a path twice in one layer") : new LinuxException("link", name.ToString(), error);
        }

        if (entry.Xattrs.Count > 0)
        {
            StoredXattrs.Warn(tree, entry);
        }

        if (Sum != 0 && status.Size > 0)
        {
            tree.Batches?.Sums.Set(PathHash.Child(parent.Hash, name.Bytes), Sum);
        }

        tree.Bytes += status.Size;
        tree.Entries++;
        tree.AfterEntry(parent, name.Bytes, entry, FileKind.Regular, status.Permissions & ~OwnerMode.SetIds); // those bits may go at any time: the store can be shared meanwhile
        return Sum;
    }

    public bool TryRetain(FlatTree tree, LayerEntry entry, DirectoryNode aside, PathZ name, out ulong sum)
    {
        sum = Sum;
        return AsideLimits.Allow(entry) && TryFind(State, out var directory, out var from, out _)
            && !(State == FileState.InTree && MustBeAlone) && FileSystem.TryHardLink(directory!, from, aside.Handle, name) == Errno.None;
    }

    public void Dispose()
    {
        _entries.Dispose();
        _states.Dispose();
        _aside?.Dispose();
        _parent?.Dispose();
    }

    private void ReadState()
    {
        Span<byte> record = stackalloc byte[10];
        _states.Read(record);
        if (record[0] != 1 || record[1] > (byte)FileState.Aside)
        {
            throw new InvalidDataException("a file without a state");
        }

        State = (FileState)record[1];
        Sum = BinaryPrimitives.ReadUInt64LittleEndian(record[2..]);
        _ordinal++;
    }

    /// <summary>Looks for the entry's file where a state says that it is.</summary>
    internal bool TryFind(FileState state, out Fd? directory, out PathZ name, out FileStatus status)
    {
        _path.Set(Entry.Name);
        directory = state switch
        {
            FileState.InTree => OpenParent(_path.Parent),
            FileState.Aside => _aside,
            _ => null,
        };
        name = state == FileState.Aside ? NameAside : PathZ.OfTerminated(_path.NameZ);
        status = default;
        return directory is not null && FileSystem.TryStatus(directory, name, out status) == Errno.None && status.Kind == FileKind.Regular;
    }

    private ulong ReadSum(Fd directory, PathZ name, long size)
    {
        if (FileSystem.TryOpen(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file) != Errno.None)
        {
            return 0;
        }

        using (file)
        {
            return ContentSum.Of(file!, size, _buffer);
        }
    }

    private Fd? OpenParent(ReadOnlySpan<byte> path)
    {
        if (_parentPath is not null && path.SequenceEqual(_parentPath))
        {
            return _parent;
        }

        _parent?.Dispose();
        _parent = null;
        _parentPath = path.ToArray();
        var here = FileSystem.Open(_tree, PathZ.OfTerminated(".\0"u8), O_PATH | O_DIRECTORY);
        while (LayerPath.TakeComponent(ref path, out var component))
        {
            var error = FileSystem.TryOpen(here, PathZ.From(component), O_PATH | O_DIRECTORY | O_NOFOLLOW, out var next);
            here.Dispose();
            if (error != Errno.None)
            {
                return null;
            }

            here = next!;
        }

        return _parent = here;
    }
}
