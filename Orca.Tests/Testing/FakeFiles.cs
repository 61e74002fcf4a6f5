using System.Collections.Concurrent;

namespace Orca.Testing;

/// <summary>Files in memory. There are no directories and no links: a path is a name.</summary>
internal sealed class FakeFiles : IContainerFiles
{
    private readonly ConcurrentDictionary<string, byte[]> _files;

    internal FakeFiles(IEnumerable<KeyValuePair<string, byte[]>> files) => _files = new(files, StringComparer.Ordinal);

    /// <summary>Returns a view of the files for the time in which the container does not run.</summary>
    internal FilesAtRest AtRest(Func<bool> runs) => new(this, runs);

    /// <summary>Returns all files by path.</summary>
    internal IEnumerable<KeyValuePair<string, byte[]>> All() => _files.OrderBy(static one => one.Key, StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string inside, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_files.ContainsKey(inside));
    }

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string inside, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _files.TryGetValue(inside, out var bytes)
            ? Task.FromResult<Stream>(new MemoryStream(bytes, writable: false))
            : Task.FromException<Stream>(new IOException($"cannot read '{inside}' of the container: ENOENT (no such file or directory)"));
    }

    /// <inheritdoc/>
    public Task<Stream> CreateAsync(string inside, UnixFileMode? mode = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _files[inside] = [];
        return Task.FromResult<Stream>(new WrittenFile(bytes => _files[inside] = bytes));
    }

    /// <inheritdoc/>
    public async Task CopyInAsync(string hostPath, string inside, CancellationToken cancellationToken = default) =>
        _files[inside] = await File.ReadAllBytesAsync(hostPath, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task CopyOutAsync(string inside, string hostPath, CancellationToken cancellationToken = default) =>
        HostCopy.CopyOutAsync(this, inside, hostPath, cancellationToken);

    /// <summary>Becomes the file's content when it is closed.</summary>
    private sealed class WrittenFile(Action<byte[]> close) : MemoryStream
    {
        protected override void Dispose(bool disposing)
        {
            close(ToArray());
            base.Dispose(disposing);
        }
    }
}
