using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Archives;
using Orca.Registry.Layers;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Transfers;

/// <summary>Copies through a tar archive that is never stored: one side walks a tree and writes it, the other reads and unpacks it.</summary>
/// <remarks>So a copy between two trees keeps what an archive keeps, and what comes out of a container is read as every foreign archive is.</remarks>
internal sealed class FileTransfer : IFileTransfer
{
    private const uint NewDirectory = 0b111_101_101; // 0755

    /// <inheritdoc/>
    public IReadOnlyList<string> Copy(TransferPlace from, TransferPlace to, bool followLinks, CancellationToken cancellationToken)
    {
        var source = Find(from, followLinks, out var status);
        var isOurs = IsOurs(from, status);
        using var target = OpenTarget(TransferPath.Of(to), to, source.Name, status.IsDirectory, out var inRoot, out var name);
        if (status.IsDirectory)
        {
            RequireApart(source, from, target, to);
        }

        using var archive = Open(source, isOurs);
        var notes = Explain(from, () => Unpack(archive, target, inRoot, to, source.Name is null ? null : name, cancellationToken));
        return archive.SkippedSockets == 0 ? notes : [.. notes, $"left out {archive.SkippedSockets} sockets: they belong to the programs that made them"];
    }

    /// <inheritdoc/>
    public void Read(TransferPlace from, bool followLinks, Stream archive, CancellationToken cancellationToken)
    {
        var source = Find(from, followLinks, out var status);
        using var tar = Open(source, IsOurs(from, status));
        Explain(from, () =>
        {
            TarArchiveWriter.Copy(tar, archive, cancellationToken);
            return 0;
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Write(Stream archive, TransferPlace to, CancellationToken cancellationToken)
    {
        var path = TransferPath.Of(to);
        if (path.Look() is not { IsDirectory: true })
        {
            throw path.Failure("an archive is unpacked into a directory, and there is none at this path");
        }

        using var target = path.OpenDirectory();
        return Unpack(LayerDecompressor.Open(archive, "the archive", ratio: int.MaxValue), target, path.Bytes, to, name: null, cancellationToken);
    }

    /// <summary>What cannot be read is the source's: the extractor says itself what cannot be written.</summary>
    private static T Explain<T>(TransferPlace from, Func<T> copy)
    {
        try
        {
            return copy();
        }
        catch (LinuxException e) when (e.Call != "write")
        {
            throw new StoreException($"cannot copy '{Quoted.Text(from.Shown)}': {e.Message}", e.Hint, e);
        }
    }

    /// <summary>What is to be copied; a link at its end is that itself unless it is followed.</summary>
    private static TransferPath Find(TransferPlace from, bool followLinks, out FileStatus status)
    {
        var path = TransferPath.Of(from);
        var followed = followLinks || path.MustBeDirectory ? path.Followed() : path;
        if (followed.Name is not { } name)
        {
            using var directory = followed.OpenDirectory();
            status = FileSystem.Status(directory);
            return followed;
        }

        using var parent = followed.OpenParent();
        var error = FileSystem.TryStatus(parent, PathZ.From(name), out status);
        if (error != Errno.None)
        {
            throw path.Failure(error == Errno.ENOENT ? "there is nothing at this path" : error.Describe());
        }

        return path.MustBeDirectory && !status.IsDirectory ? throw path.Failure(Errno.ENOTDIR.Describe())
            : status.Kind is FileKind.Socket or FileKind.CharDevice or FileKind.BlockDevice ? throw path.Failure("it is a socket or a device, which cannot be copied") : followed;
    }

    private static TreeTarStream Open(TransferPath source, bool isOurs) =>
        new(() => TreeWalker.OfLive(source.Name is null ? source.OpenDirectory() : source.OpenParent(), source.Name, isOurs)) { TakesAnyName = true };

    /// <summary>Whether the files are the container's root's, to whom no permission matters, and so this user's.</summary>
    private static bool IsOurs(TransferPlace from, FileStatus status) => from.Root is not null && status.Uid == CurrentUser.EffectiveUid;

    /// <summary>Opens the directory that a copy goes into, and chooses its name there.</summary>
    /// <param name="path">The target.</param>
    /// <param name="to">The same, for messages.</param>
    /// <param name="source">The source's name; null for the content of a directory.</param>
    /// <param name="isDirectory">Whether the source is a directory.</param>
    /// <param name="inRoot">The path of what is opened.</param>
    /// <param name="name">The copy's name; null for the content of a directory.</param>
    private static Fd OpenTarget(TransferPath path, TransferPlace to, byte[]? source, bool isDirectory, out byte[] inRoot, out byte[]? name)
    {
        var followed = path.Followed();
        var found = followed.Look();
        if (found is { IsDirectory: true })
        {
            (name, inRoot) = (source, followed.Bytes);
            return followed.OpenDirectory();
        }

        if (found is not null && (isDirectory || path.MustBeDirectory))
        {
            throw path.Failure(isDirectory ? "a directory cannot be copied over a file" : Errno.ENOTDIR.Describe());
        }

        if (found is { Kind: not FileKind.Regular })
        {
            throw path.Failure("it is a device, a pipe or a socket, in whose place there would be a file");
        }

        if (found is null && path.MustBeDirectory && !isDirectory)
        {
            throw path.Failure("there is no such directory", to.Root is null && ShellWords.Join("mkdir", "-p", to.Path) is { } make ? $"make it with: {make}" : null);
        }

        name = followed.Name ?? throw path.Failure(Errno.ENOENT.Describe());
        var parent = followed.OpenParent();
        inRoot = followed.Parent.ToArray();
        if (source is not null)
        {
            return parent;
        }

        using (parent)
        {
            inRoot = followed.Bytes;
            FileSystem.MakeDirectory(parent, PathZ.From(name), NewDirectory);
            return FileSystem.OpenDirectory(parent, PathZ.From(name));
        }
    }

    /// <summary>A directory that is copied into itself has no end.</summary>
    private static void RequireApart(TransferPath source, TransferPlace from, Fd target, TransferPlace to)
    {
        using var walked = source.Name is null ? source.OpenDirectory() : OpenIn(source);
        var own = FileSystem.Status(walked);
        var here = FileSystem.Open(target, PathZ.OfTerminated(".\0"u8), O_PATH | O_DIRECTORY);
        while (true)
        {
            var status = FileSystem.Status(here);
            if ((status.Device, status.Inode) == (own.Device, own.Inode))
            {
                here.Dispose();
                throw new StoreException($"cannot copy '{Quoted.Text(from.Shown)}' to '{Quoted.Text(to.Shown)}': a directory cannot be copied into itself");
            }

            var above = FileSystem.Open(here, PathZ.OfTerminated("..\0"u8), O_PATH | O_DIRECTORY);
            here.Dispose();
            here = above;
            var next = FileSystem.Status(here);
            if ((next.Device, next.Inode) == (status.Device, status.Inode))
            {
                here.Dispose();
                return; // the root
            }
        }
    }

    private static Fd OpenIn(TransferPath source)
    {
        using var parent = source.OpenParent();
        return FileSystem.Open(parent, PathZ.From(source.Name!), O_PATH | O_DIRECTORY | O_NOFOLLOW);
    }

    private static IReadOnlyList<string> Unpack(
        Stream archive, Fd target, byte[] inRoot, TransferPlace to, byte[]? name, CancellationToken cancellationToken)
    {
        using var extractor = new TarExtractor(archive, target, inRoot, to, name);
        return extractor.Run(cancellationToken);
    }
}
