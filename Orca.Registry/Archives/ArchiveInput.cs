using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>The bytes of a location that is no registry, in a file that can be read in any order; or a directory.</summary>
/// <param name="File">The file or directory.</param>
/// <param name="Length">The file's bytes.</param>
/// <param name="IsDirectory">True for a directory.</param>
internal sealed record ArchiveInput(Fd File, long Length, bool IsDirectory) : IDisposable
{
    public void Dispose() => File.Dispose();

    /// <summary>Opens a path or standard input; what can be read only once goes into a spool first.</summary>
    /// <exception cref="StoreException">It cannot be opened.</exception>
    internal static ArchiveInput Open(ImageLocation location, Stream? standardInput, StagingArea staging, string failure, ImageLimits limits, CancellationToken cancellationToken)
    {
        if (location.IsStandardInput)
        {
            return standardInput is null
                ? OfDescriptor(Fd.Borrow(0), location, staging, failure, limits, cancellationToken)
                : Keep(standardInput, location, staging, failure, limits, cancellationToken);
        }

        if (WorkingDirectory.IsMissingFor(location.Path))
        {
            throw new StoreException($"{failure}: {WorkingDirectory.Cause}", WorkingDirectory.Hint); // '.' can still be opened
        }

        // Without waiting: at a named pipe that nobody writes to, the wait for a writer is PolledStream's, which can be ended.
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(location.Path)), O_RDONLY | O_NOCTTY | O_NONBLOCK, out var file);
        return error switch
        {
            Errno.None => OfDescriptor(file!, location, staging, failure, limits, cancellationToken),
            Errno.ENOENT => throw new StoreException($"{failure}: there is no such file"),
            _ => throw new StoreException($"{failure}: {error.Describe()}"),
        };
    }

    private static ArchiveInput OfDescriptor(Fd file, ImageLocation location, StagingArea staging, string failure, ImageLimits limits, CancellationToken cancellationToken)
    {
        var owned = true;
        try
        {
            var status = FileSystem.Status(file);
            if (status.Kind is FileKind.Regular or FileKind.Directory)
            {
                owned = false;
                return new ArchiveInput(file, status.Size, status.IsDirectory);
            }

            if (status.Kind == FileKind.BlockDevice)
            {
                throw new StoreException($"{failure}: it is a block device");
            }

            return Keep(new PolledStream(file, cancellationToken), location, staging, failure, limits, cancellationToken);
        }
        finally
        {
            if (owned)
            {
                file.Dispose();
            }
        }
    }

    private static ArchiveInput Keep(Stream stream, ImageLocation location, StagingArea staging, string failure, ImageLimits limits, CancellationToken cancellationToken)
    {
        var spool = new Spool(staging, failure, limits.UnpackedBytes, begun => Survey.RequireArchive(begun, location, failure, limits));
        try
        {
            spool.Append(stream, cancellationToken);
            return new ArchiveInput(spool.File, spool.Length, IsDirectory: false);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }
}
