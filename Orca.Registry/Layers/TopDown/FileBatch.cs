using System.Runtime.InteropServices;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Some small files, with their bytes, on their way to the disk.</summary>
internal sealed class FileBatch
{
    /// <summary>Bytes of one batch, and of the largest file that goes through one.</summary>
    internal const int Capacity = 256 * 1024;

    private const int MaxFiles = 64;

    /// <summary>Each keeps a descriptor open until its files are written.</summary>
    private const int MaxDirectories = 16;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity);
    private readonly List<Item> _items = new(MaxFiles);
    private int _length;
    private int _directories;

    internal bool IsEmpty => _items.Count == 0;

    internal bool HasRoomFor(long name, long size) =>
        _items.Count < MaxFiles && _directories < MaxDirectories && name + size <= Capacity - _length;

    /// <summary>Takes a file over from the archive. There is room.</summary>
    internal void Add(TarReader tar, DirectoryNode parent, PathZ name, uint created, uint mode)
    {
        var entry = tar.Entry;
        var isHeld = false;
        _directories += _items.Count > 0 && ReferenceEquals(_items[^1].Parent, parent.Handle) ? 0 : 1;
        parent.Handle.DangerousAddRef(ref isHeld); // the chain goes on; the descriptor stays until this file is written
        var item = new Item(parent.Handle, _length, name.Terminated.Length, (int)entry.Size, created, mode, entry.Modified, entry.Layer, entry.Offset, entry.Name.ToArray());
        _items.Add(item);
        name.Terminated.CopyTo(_bytes.AsSpan(_length));
        _length += name.Terminated.Length;
        for (var left = entry.Size; left > 0;)
        {
            var data = tar.ReadData(left);
            data.CopyTo(_bytes.AsSpan(_length));
            _length += data.Length;
            left -= data.Length;
        }
    }

    /// <summary>Writes all files, and is empty afterwards.</summary>
    internal void Write(uint umask)
    {
        try
        {
            foreach (ref readonly var item in CollectionsMarshal.AsSpan(_items))
            {
                try
                {
                    Write(item, umask);
                }
                catch (LinuxException e)
                {
                    throw e.Errno == Errno.EEXIST ? new NotTopDownException("a path twice in one layer") : LayerFault.Explain(item.ToEntry(), e);
                }
            }
        }
        finally
        {
            Clear();
        }
    }

    internal void Clear()
    {
        foreach (var item in _items)
        {
            item.Parent.DangerousRelease();
        }

        _items.Clear();
        (_length, _directories) = (0, 0);
    }

    private void Write(in Item item, uint umask)
    {
        var name = PathZ.OfTerminated(_bytes.AsSpan(item.Start, item.NameLength));
        using var file = FileSystem.Open(item.Parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, item.Created);
        FileSystem.Write(file, _bytes.AsSpan(item.Start + item.NameLength, item.Size));
        if ((item.Created & ~umask) != item.Mode)
        {
            FileSystem.SetMode(file, item.Mode); // after writing, which clears set-id bits
        }

        _ = FileSystem.TrySetTime(file, item.Modified);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Item(
        Fd Parent, int Start, int NameLength, int Size, uint Created, uint Mode, (long Seconds, uint Nanoseconds) Modified, int Layer, long Offset, byte[] Path)
    {
        /// <summary>As much of the entry as a message needs.</summary>
        internal LayerEntry ToEntry()
        {
            var entry = new LayerEntry { Layer = Layer, Offset = Offset };
            entry.SetName(Path);
            return entry;
        }
    }
}
