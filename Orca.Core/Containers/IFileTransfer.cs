using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Copies files between the host and the roots of containers.</summary>
/// <remarks>
/// Paths of a container resolve inside its root, whatever links it makes meanwhile. On the host nothing is followed below the target. Modes, times, hard links, holes and
/// user attributes are kept; owners are those of whoever writes. A file is replaced in one step, so that a failure leaves the old one or the new one.
/// </remarks>
public interface IFileTransfer
{
    /// <summary>Copies a file, or a directory with all below it.</summary>
    /// <remarks>Where the target is a directory the copy lies in it, under the source's name; a source that ends with <c>/.</c> is copied without its own name.</remarks>
    /// <param name="from">What is copied.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="followLinks">True: a source that is a symbolic link is copied as what it leads to. Links below it are copied as links.</param>
    /// <param name="cancellationToken">Ends the copy between two pieces; what is copied stays.</param>
    /// <returns>What was left out, one line for each kind.</returns>
    /// <exception cref="Errors.StoreException">One of the two cannot be read or written.</exception>
    IReadOnlyList<string> Copy(TransferPlace from, TransferPlace to, bool followLinks, CancellationToken cancellationToken);

    /// <summary>Writes a file, or a directory with all below it, as a tar archive.</summary>
    /// <exception cref="Errors.StoreException">It cannot be read.</exception>
    void Read(TransferPlace from, bool followLinks, Stream archive, CancellationToken cancellationToken);

    /// <summary>Unpacks a tar archive, compressed or not, into a directory that is there.</summary>
    /// <returns>What was left out, one line for each kind.</returns>
    /// <exception cref="Errors.OrcaException">The archive is malformed, or the directory cannot be written.</exception>
    IReadOnlyList<string> Write(Stream archive, TransferPlace to, CancellationToken cancellationToken);
}

/// <summary>A path of the host or of a container.</summary>
/// <param name="Root">The container's root; null for the host.</param>
/// <param name="Path">The path. In a container it is taken from the root.</param>
/// <param name="Shown">How messages call it.</param>
public sealed record TransferPlace(Fd? Root, string Path, string Shown);
