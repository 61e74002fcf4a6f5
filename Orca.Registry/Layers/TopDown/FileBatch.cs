using System.Runtime.InteropServices;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Some small files, with their bytes, on their way to the disk.</summary>
internal sealed class FileBatch
{
    /// <summary>Bytes of one batch: files, with their names and paths.</summary>
    internal const int Capacity = 256 * 1024;

    /// <summary>As much as a name needs that is not the entry's own, see <see cref="Reuse.LayerNames.Ordinal"/>.</summary>
    private const int LongestNumber = 16;

    private const int MaxFiles = 64;

    /// <summary>Each keeps a descriptor open until its files are written.</summary>
    private const int MaxDirectories = 16;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity);
    private readonly List<Item> _items = new(MaxFiles);
    private LargeFile? _large;
    private int _length;
    private int _lastStart;
    private int _directories;

    internal bool IsEmpty => _length == 0;

    /// <summary>True when it holds a piece of one large file.</summary>
    internal bool IsPiece => _large is not null;

    /// <summary>What was added last.</summary>
    internal ReadOnlySpan<byte> Last => _bytes.AsSpan(_lastStart, _length - _lastStart);

    /// <summary>True for a file that an empty batch has room for.</summary>
    internal static bool IsSmall(LayerEntry entry) => Need(entry) <= Capacity;

    internal bool HasRoomFor(LayerEntry entry) =>
        _items.Count < MaxFiles && _directories < MaxDirectories && Need(entry) <= Capacity - _length;

    /// <summary>Takes a file over from the archive. There is room.</summary>
    internal void Add(TarReader tar, DirectoryNode parent, PathZ name, uint created, uint mode)
    {
        var entry = tar.Entry;
        var isHeld = false;
        _directories += _items.Count > 0 && ReferenceEquals(_items[^1].Parent, parent.Handle) ? 0 : 1;
        parent.Handle.DangerousAddRef(ref isHeld); // the chain goes on; the descriptor stays until this file is written
        _items.Add(new Item(parent.Handle, _length, entry.Name.Length, name.Terminated.Length, (int)entry.Size, created, mode, entry.Modified, entry.Layer, entry.Offset));
        Append(entry.Name);
        Append(name.Terminated);
        Read(tar, entry.Size);
    }

    /// <summary>Takes the next piece of a large file. Nothing else is in the batch.</summary>
    internal int AddPiece(TarReader tar, LargeFile file, long left)
    {
        _large = file;
        Read(tar, Math.Min(left, Capacity));
        return _length;
    }

    /// <summary>Writes all files, and is empty afterwards.</summary>
    internal void Write(uint umask)
    {
        try
        {
            _large?.Write(Last, umask);
            foreach (ref readonly var item in CollectionsMarshal.AsSpan(_items))
            {
                try
                {
                    Write(item, umask);
                }
                catch (LinuxException e)
                {
                    throw e.Errno == Errno.EEXIST ? new NotTopDownException("a path twice in one layer") : LayerFault.Explain(item.ToEntry(_bytes), e);
                }
            }
        }
        finally
        {
            Clear();
        }
    }

    /// <summary>Gives up what is in it. Nobody writes any more.</summary>
    internal void Abandon()
    {
        _large?.Abandon();
        Clear();
    }

    internal void Clear()
    {
        foreach (var item in _items)
        {
            item.Parent.DangerousRelease();
        }

        _items.Clear();
        (_length, _directories, _large) = (0, 0, null);
    }

    private static long Need(LayerEntry entry) => entry.Size + (2L * entry.Name.Length) + LongestNumber;

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Read(TarReader tar, long size)
    {
        _lastStart = _length;
        for (var end = _length + (int)size; _length < end;)
        {
            _length += tar.ReadData(_bytes.AsSpan(_length, end - _length));
        }
    }

    private void Write(in Item item, uint umask)
    {
        var name = PathZ.OfTerminated(_bytes.AsSpan(item.Start + item.PathLength, item.NameLength));
        using var file = FileSystem.Open(item.Parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, item.Created);
        var holes = new HoleWriter(file);
        holes.Write(_bytes.AsSpan(item.Start + item.PathLength + item.NameLength, item.Size));
        holes.Finish();
        if ((item.Created & ~umask) != item.Mode)
        {
            FileSystem.SetMode(file, item.Mode); // after writing, which clears set-id bits
        }

        _ = FileSystem.TrySetTime(file, item.Modified);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Item(
        Fd Parent, int Start, int PathLength, int NameLength, int Size, uint Created, uint Mode, (long Seconds, uint Nanoseconds) Modified, int Layer, long Offset)
    {
        /// <summary>As much of the entry as a message needs.</summary>
        internal LayerEntry ToEntry(byte[] bytes)
        {
            var entry = new LayerEntry { Layer = Layer, Offset = Offset };
            entry.SetName(bytes.AsSpan(Start, PathLength));
            return entry;
        }
    }
}
