using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>How images are written into an archive.</summary>
public enum ArchiveFormat
{
    /// <summary>What <c>docker save</c> wrote before version 25: what every tool can read.</summary>
    DockerArchive,

    /// <summary>An OCI image layout in a tar archive, with Docker's manifest.json beside it: what <c>docker save</c> writes since version 25.</summary>
    OciArchive,
}

/// <summary>An image that is to be saved.</summary>
/// <param name="Image">The image.</param>
/// <param name="Names">The names it gets in the archive; may be empty.</param>
public sealed record SavedImage(StoredImage Image, IReadOnlyList<ImageReference> Names);

/// <summary>Writes what is in the store as tar archives.</summary>
/// <remarks>
/// Owners, modes, devices and extended attributes are the image's own, not those of the files on disk. The same image gives the same bytes. A failure leaves
/// an archive that is cut: whoever writes into a file puts it in place only when all is written.
/// </remarks>
public interface IArchiveWriter
{
    /// <summary>Writes images, each as one layer: the store keeps the flattened tree only. Holds the images meanwhile.</summary>
    /// <exception cref="Errors.StoreException">An image was removed, or is damaged.</exception>
    void Save(IReadOnlyList<SavedImage> images, ArchiveFormat format, Stream output, CancellationToken cancellationToken);

    /// <summary>Writes a container's root file system: its image and its changes as the container would see them. It may run.</summary>
    /// <remarks>
    /// Where it has many ids (<c>--userns=subids</c>) this process must be root over them, as <see cref="Sandbox.ISubIdProgram"/> makes it: what the container has
    /// made or changed is written with the owners that this process sees.
    /// </remarks>
    /// <exception cref="Errors.StoreException">There is no such container, it was removed meanwhile, or its files are not this process's to read.</exception>
    void Export(string container, Stream output, CancellationToken cancellationToken);
}
