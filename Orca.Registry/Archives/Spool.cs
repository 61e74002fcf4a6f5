using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>Bytes that come only once, kept where they can be read in any order: a file in the store's staging area without a name, so that nothing of it outlives the process.</summary>
internal sealed class Spool : IDisposable
{
    private const int BufferSize = 256 * 1024;
    private readonly string _failure;
    private const long Beginning = 1 << 20;
    private readonly long _limit;
    private readonly Action<ArchiveInput>? _begun;

    /// <param name="staging">Where the file is made.</param>
    /// <param name="failure">How an error message starts.</param>
    /// <param name="limit">How many bytes it may take.</param>
    /// <param name="begun">Hears once of a long stream, when its beginning is there; what it throws ends the reading.</param>
    internal Spool(StagingArea staging, string failure, long limit, Action<ArchiveInput>? begun = null)
    {
        (_failure, _limit, _begun) = (failure, limit, begun);
        using var staged = staging.Reserve();
        using var directory = staged.MakeDirectory();
        var name = PathZ.OfTerminated("spool\0"u8);
        File = FileSystem.Open(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, StorePaths.FileMode);
        FileSystem.TryUnlink(directory, name);
    }

    internal Fd File { get; }

    internal long Length { get; private set; }

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="ContentException">There are more than an image may have.</exception>
    /// <exception cref="StoreException">The disk takes no more.</exception>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _limit)
        {
            throw new ContentException($"{_failure}: it is larger than the limit of {_limit} bytes", LayerLimits.Hint("size"));
        }

        try
        {
            FileSystem.Write(File, bytes);
        }
        catch (LinuxException e)
        {
            throw new StoreException($"{_failure}: what can be read only once is kept in the store for a while, and after {Length} bytes that failed: {e.Errno.Describe()}", e.Hint, e);
        }

        Length += bytes.Length;
        if (Length >= Beginning && Length - bytes.Length < Beginning)
        {
            _begun?.Invoke(new ArchiveInput(File, Length, IsDirectory: false));
        }
    }

    /// <summary>Adds a whole stream.</summary>
    internal void Append(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (stream.Read(buffer) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Append(buffer.AsSpan(0, count));
        }
    }

    /// <summary>Forgets everything.</summary>
    internal void Clear()
    {
        FileSystem.SetLength(File, 0);
        FileSystem.Seek(File, 0);
        Length = 0;
    }

    public void Dispose() => File.Dispose();
}
