namespace Orca.Testing;

/// <summary>The files of a fake container that does not run: they can be read, as those of a real one.</summary>
internal sealed class FilesAtRest(FakeFiles files, Func<bool> runs) : IContainerFiles
{
    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string inside, CancellationToken cancellationToken = default) => Refusal("look at", inside) is { } e ? Task.FromException<bool>(e) : files.ExistsAsync(inside, cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string inside, CancellationToken cancellationToken = default) => Refusal("read", inside) is { } e ? Task.FromException<Stream>(e) : files.OpenReadAsync(inside, cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> CreateAsync(string inside, UnixFileMode? mode = null, CancellationToken cancellationToken = default) => Task.FromException<Stream>(CannotWrite(inside));

    /// <inheritdoc/>
    public Task CopyInAsync(string hostPath, string inside, CancellationToken cancellationToken = default) => Task.FromException(CannotWrite(inside));

    /// <inheritdoc/>
    public Task CopyOutAsync(string inside, string hostPath, CancellationToken cancellationToken = default) => Refusal("read", inside) is { } e ? Task.FromException(e) : files.CopyOutAsync(inside, hostPath, cancellationToken);

    private static IOException CannotWrite(string inside) => new($"cannot write '{inside}' of the container: it does not run");

    private IOException? Refusal(string verb, string inside) => runs() ? new IOException($"cannot {verb} '{inside}' of the container: it runs, or does not exist") : null;
}
