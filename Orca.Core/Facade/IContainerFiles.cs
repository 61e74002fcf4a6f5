namespace Orca;

/// <summary>The files of a container that runs, as it sees them: its image, its changes, and its mounts.</summary>
/// <remarks>
/// Paths are absolute paths inside. Links are followed inside the container's root, whatever the container does to them meanwhile: none leads to the host, nor
/// through /proc. Only regular files are opened, and none of /proc. A program inside can change a file while it is read.
/// </remarks>
public interface IContainerFiles
{
    /// <summary>Whether there is anything at this path.</summary>
    /// <exception cref="IOException">The container has ended, or the path cannot be looked at.</exception>
    Task<bool> ExistsAsync(string inside, CancellationToken cancellationToken = default);

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="IOException">The container has ended, or there is no such regular file.</exception>
    Task<Stream> OpenReadAsync(string inside, CancellationToken cancellationToken = default);

    /// <summary>Opens a file for writing, which is made, or emptied if it is there. Its directory must be there.</summary>
    /// <remarks>It belongs to the container's root. Its permissions are <paramref name="mode"/>; 0644 for a file that is made when that is null.</remarks>
    /// <exception cref="IOException">The container has ended, or the file cannot be made.</exception>
    Task<Stream> CreateAsync(string inside, UnixFileMode? mode = null, CancellationToken cancellationToken = default);

    /// <summary>Copies a file of the host into the container.</summary>
    /// <exception cref="IOException">One of the two cannot be opened, read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">This program may not open the file of the host.</exception>
    Task CopyInAsync(string hostPath, string inside, CancellationToken cancellationToken = default);

    /// <summary>Copies a file of the container to the host, over what is there.</summary>
    /// <exception cref="IOException">One of the two cannot be opened, read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">This program may not open the file of the host.</exception>
    Task CopyOutAsync(string inside, string hostPath, CancellationToken cancellationToken = default);
}
