using Orca.Core.Images;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>The first bytes of one blob: a file that is its own lock.</summary>
/// <remarks>
/// Nothing is synced: after a power loss the bytes may be wrong, and then the digest says so. Wrong bytes are not cut off but left to
/// whoever may still read them, and a new file takes the name.
/// </remarks>
internal sealed class BlobPart : IBlobPart
{
    private readonly StoreRoot _store;
    private readonly Fd _root;
    private readonly string _path;
    private readonly long _size;
    private FileLock _held;

    internal BlobPart(StoreRoot store, Descriptor blob, FileLock held)
    {
        (_store, _root, _path, _size, _held) = (store, store.Open(), StorePaths.Part(blob.Digest), blob.Size, held);
        try
        {
            Length = FileSystem.Status(held.File).Size;
            if (Length > blob.Size)
            {
                Reset(); // another blob's, or a file system's idea of it after a crash
            }

            FileSystem.Seek(_held.File, Length);
        }
        catch
        {
            _held.Dispose();
            throw;
        }
    }

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            FileSystem.Write(_held.File, bytes);
            Length += bytes.Length;
        }
        catch (LinuxException e)
        {
            CutBack();
            throw StoreFaults.IsFull(e) ? StoreFaults.Explain(_store, _size - Length, e) : e;
        }
    }

    /// <summary>A full disk may have taken the first of the bytes. What was there before stays good; where it cannot be cut back to that, these are right ones, too.</summary>
    private void CutBack()
    {
        try
        {
            FileSystem.SetLength(_held.File, Length);
            FileSystem.Seek(_held.File, Length);
        }
        catch (LinuxException)
        {
            // The failure that led here is the one to tell.
        }
    }

    public Stream OpenRead() => new PartReader(FileSystem.Open(_root, PathZ.From(_path), O_RDONLY | O_NOFOLLOW));

    public void Reset()
    {
        Delete();
        _held.Dispose();
        _held = FileLock.Acquire(_root, _path, exclusive: true, CancellationToken.None);
        Length = FileSystem.Status(_held.File).Size;
        if (Length > 0)
        {
            FileSystem.SetLength(_held.File, 0); // another process was quicker, and its bytes are what this one has to trust or drop
            Length = 0;
        }
    }

    public void Delete()
    {
        var error = FileSystem.TryUnlink(_root, PathZ.From(_path));
        if (error is not (Errno.None or Errno.ENOENT))
        {
            throw new LinuxException("delete", _path, error);
        }
    }

    public void Dispose() => _held.Dispose();
}
