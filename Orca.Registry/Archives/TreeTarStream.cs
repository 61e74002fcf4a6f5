using System.Buffers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Archives;

/// <summary>A tree as a tar archive that is made while it is read. Can go back to its start, where it begins anew.</summary>
/// <param name="open">Opens the tree.</param>
/// <param name="place">Where the content of the tree's root lies in the archive, without a slash at either end; the root itself is left out then. Null: the whole tree.</param>
internal sealed class TreeTarStream(Func<TreeWalker> open, byte[]? place = null) : Stream
{
    private const int BufferSize = 256 * 1024;

    private readonly ArrayBufferWriter<byte> _pending = new(2048);
    private readonly TreeItem _item = new();
    private TreeWalker? _walker;
    private int _taken;
    private byte[]? _buffer;
    private long _fileLeft;
    private long _regionLeft;
    private long _offset;
    private int _region;
    private long _position;
    private bool _isAtEnd;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    /// <summary>The start is the only place to go to.</summary>
    public override long Position
    {
        get => _position;
        set
        {
            if (value != 0)
            {
                throw new NotSupportedException();
            }

            Rewind();
        }
    }

    /// <summary>True: the archive is no layer, so that no name in it is a command.</summary>
    internal bool TakesAnyName { get; init; }

    /// <summary>Sockets that were left out.</summary>
    internal long SkippedSockets => _walker?.SkippedSockets ?? 0;

    public override int Read(Span<byte> buffer)
    {
        var done = 0;
        while (done < buffer.Length && Fill(buffer[done..]) is > 0 and var count)
        {
            done += count;
        }

        _position += done;
        return done;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => origin == SeekOrigin.Begin ? Position = offset : throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Rewind();
        }

        base.Dispose(disposing);
    }

    private int Fill(Span<byte> buffer)
    {
        if (_taken == _pending.WrittenCount && _fileLeft == 0 && !_isAtEnd)
        {
            Advance();
        }

        if (_taken < _pending.WrittenCount)
        {
            var count = Math.Min(buffer.Length, _pending.WrittenCount - _taken);
            _pending.WrittenSpan.Slice(_taken, count).CopyTo(buffer);
            _taken += count;
            return count;
        }

        return _fileLeft > 0 ? FillFromFile(buffer) : 0;
    }

    /// <summary>A file keeps the size that its header gave it: what a program cuts off meanwhile is zeros, what it adds is left out.</summary>
    private int FillFromFile(Span<byte> buffer)
    {
        while (_regionLeft == 0)
        {
            (_offset, _regionLeft) = (_item.Sparse!.Regions[_region].Offset, _item.Sparse.Regions[_region].Length);
            _region++;
        }

        buffer = buffer[..(int)Math.Min(buffer.Length, _regionLeft)];
        var count = FileSystem.ReadAt(_item.Content!, buffer, _offset);
        if (count == 0)
        {
            buffer.Clear();
            count = buffer.Length;
        }

        _offset += count;
        _regionLeft -= count;
        _fileLeft -= count;
        if (_fileLeft == 0)
        {
            Restart();
            TarHeaderWriter.Pad(_pending, _item.StoredSize);
        }

        return count;
    }

    private void Advance()
    {
        _walker ??= open();
        Restart();
        if (TryNext(_walker))
        {
            if (!TakesAnyName && !_item.IsWhiteout)
            {
                RequireName(_item.Path);
            }

            Begin();
            return;
        }

        _isAtEnd = true;
        _pending.Write(new byte[2 * TarHeaderWriter.Block]);
    }

    /// <summary>Goes to the next thing. The directory above a place is another image's: what the host's directory has for permissions is not for it.</summary>
    private bool TryNext(TreeWalker walker)
    {
        var isThere = walker.Next(_item);
        if (place is null || !isThere)
        {
            return isThere;
        }

        if (_item.Path.Length == 0 && !walker.Next(_item))
        {
            return false;
        }

        _item.Path = Place(_item.Path);
        if (_item.Kind == Layers.EntryKind.HardLink)
        {
            _item.Target = Place(_item.Target);
        }

        return true;
    }

    private byte[] Place(byte[] path) => place!.Length == 0 ? path : [.. place, (byte)'/', .. path];

    /// <summary>Whoever reads the archive as a layer takes such an entry for a command to remove another, and there is no other way to write it.</summary>
    private static void RequireName(ReadOnlySpan<byte> path)
    {
        if (path[(path.LastIndexOf((byte)'/') + 1)..].StartsWith(".wh."u8))
        {
            throw new StoreException(
                $"cannot write '{Quoted.Name(path)}': in a layer a name that begins with '.wh.' removes another file",
                "rename or remove it first");
        }
    }

    private void Begin()
    {
        _item.Sparse = _item.Content is { } file ? SparseLayout.Read(file, _item.Size, _buffer ??= new byte[BufferSize]) : null;
        TarHeaderWriter.Write(_pending, _item);
        (_offset, _region) = (0, 0);
        if (_item.Sparse is { } layout)
        {
            _pending.Write(layout.Map);
            (_fileLeft, _regionLeft) = (layout.DataBytes, 0);
        }
        else
        {
            _fileLeft = _regionLeft = _item.Size;
        }
    }

    private void Restart()
    {
        _pending.ResetWrittenCount();
        _taken = 0;
    }

    private void Rewind()
    {
        _item.Content?.Dispose();
        _item.Content = null;
        _walker?.Dispose();
        _walker = null;
        Restart();
        (_fileLeft, _position, _isAtEnd) = (0, 0, false);
    }
}
