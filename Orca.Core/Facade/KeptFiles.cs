using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca;

/// <summary>The files of a kept container that does not run: its image and its changes, without its mounts.</summary>
internal sealed class KeptFiles(IContainerStore store, string name) : IContainerFiles
{
    private const int Longest = 1 << 30; // they are read into memory

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string inside, CancellationToken cancellationToken = default) =>
        With("look at", inside, container => container.Find(inside).Kind is RootEntryKind.File or RootEntryKind.Directory, cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string inside, CancellationToken cancellationToken = default) => With<Stream>(
        "read", inside, container => new MemoryStream(container.ReadFile(inside, Longest) ?? throw Failure("read", inside, "there is no such regular file"), writable: false), cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> CreateAsync(string inside, UnixFileMode? mode = null, CancellationToken cancellationToken = default) => Task.FromException<Stream>(CannotWrite(inside));

    /// <inheritdoc/>
    public Task CopyInAsync(string hostPath, string inside, CancellationToken cancellationToken = default) => Task.FromException(CannotWrite(inside));

    /// <inheritdoc/>
    public Task CopyOutAsync(string inside, string hostPath, CancellationToken cancellationToken = default) =>
        HostCopy.CopyOutAsync(this, inside, hostPath, cancellationToken);

    private Task<T> With<T>(string verb, string inside, Func<IContainer, T> look, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            if (!inside.StartsWith('/') || inside.Contains('\0', StringComparison.Ordinal))
            {
                throw Failure(verb, inside, "it is not an absolute path");
            }

            try
            {
                using var container = store.Open(name);
                return look(container);
            }
            catch (OrcaException e)
            {
                throw new IOException($"cannot {verb} '{Quoted.Text(inside)}' of container '{Quoted.Text(name)}': {e.Message}", e);
            }
        },
        cancellationToken);

    private IOException CannotWrite(string inside) => Failure("write", inside, "the container does not run: start it, and use its files");

    private IOException Failure(string verb, string inside, string cause) => new($"cannot {verb} '{Quoted.Text(inside)}' of container '{Quoted.Text(name)}': {cause}");
}
