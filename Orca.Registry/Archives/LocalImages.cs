using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>The images of one location, open. Finds out what the location is, by its prefix or by its content.</summary>
internal sealed class LocalImages : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    private readonly ImageLimits _limits;

    private LocalImages(ImageLimits limits) => _limits = limits;

    /// <summary>The images, in the order of the archive.</summary>
    internal IReadOnlyList<LocalImage> Images { get; private set; } = [];

    /// <summary>Opens the images of an input, which is theirs now.</summary>
    internal static LocalImages Open(ArchiveInput input, LoadRequest request, StagingArea staging, string failure, ImageLimits limits, CancellationToken cancellationToken)
    {
        var images = new LocalImages(limits);
        images._owned.Add(input);
        try
        {
            images.Images = input.IsDirectory ? images.OfDirectory(input, request, staging, failure, cancellationToken) : images.OfFile(input, request, staging, failure, cancellationToken);
            foreach (var image in images.Images.Where(static image => image is not TreeImage))
            {
                image.Changes = request.Defaults;
            }

            return images;
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }

    private IReadOnlyList<LocalImage> OfFile(ArchiveInput input, LoadRequest request, StagingArea staging, string failure, CancellationToken cancellationToken)
    {
        var transport = request.Location.Transport;
        if (transport == ImageTransport.OciLayout)
        {
            throw new ContentException($"{failure}: it is not a directory", LocationHints.WithoutPrefix("an archive", request.Location));
        }

        var survey = Survey.Read(input, request.Location, failure, _limits, cancellationToken);
        if (survey.IsAncientDocker)
        {
            throw new ContentException($"{failure}: it is an archive of Docker before 1.10, which is not supported", "load it into a Docker of version 1.10 to 28, and save it there");
        }

        var isArchive = transport is ImageTransport.DockerArchive or ImageTransport.OciArchive || survey.IsOci || survey.IsDocker;
        if (!isArchive)
        {
            MisplacedImage.RequireTree(survey.Index, request.Location, failure);
            return survey.Index.Entries > 0 ? [OfTree(input, survey, request, cancellationToken)] : throw new ContentException($"{failure}: there is nothing in it");
        }

        if (!survey.Index.IsComplete)
        {
            throw new ContentException($"{failure}: it has more files than an archive of images may have");
        }

        if (transport == ImageTransport.OciArchive && !survey.IsOci)
        {
            throw new ContentException($"{failure}: it is not an OCI archive{(survey.IsDocker ? " but Docker's" : string.Empty)}");
        }

        if (transport == ImageTransport.DockerArchive && !survey.IsDocker)
        {
            throw new ContentException($"{failure}: it has no manifest.json");
        }

        var files = new TarFiles(survey.IsCompressed ? Unpack(input, staging, failure, cancellationToken) : input.File, survey.Index, failure, followsLinks: !survey.IsOci) { Documents = Manifests.DocumentLimits.Of(_limits) };
        return survey.IsOci ? OciLayout.Open(files, ImageNames.OfFile(request.Location.Path)) : DockerArchive.Open(files);
    }

    private IReadOnlyList<LocalImage> OfDirectory(ArchiveInput input, LoadRequest request, StagingArea staging, string failure, CancellationToken cancellationToken)
    {
        if (request.Location.Transport is ImageTransport.DockerArchive or ImageTransport.OciArchive)
        {
            throw new ContentException($"{failure}: it is a directory", LocationHints.WithoutPrefix("a directory", request.Location));
        }

        var files = new DirectoryFiles(FileSystem.OpenDirectory(input.File, PathZ.OfTerminated(".\0"u8)), failure) { Documents = Manifests.DocumentLimits.Of(_limits) };
        _owned.Add(files);
        if (request.Location.Transport == ImageTransport.OciLayout || IsFile(input.File, TarIndex.OciLayout))
        {
            return OciLayout.Open(files, ImageNames.OfFile(request.Location.Path));
        }

        MisplacedImage.RequireTree(input.File, request.Location, failure);
        return !staging.IsBelow(input.File) ? [OfHostTree(input.File, request, failure, cancellationToken)] : throw new ContentException(
            $"{failure}: the store is in it, and changes while the directory is read", "give a directory that does not hold the store, or place the store elsewhere with --root or ORCA_ROOT");
    }

    /// <summary>The layer is the file as it is.</summary>
    private static TreeImage OfTree(ArchiveInput input, Survey survey, LoadRequest request, CancellationToken cancellationToken)
    {
        var (digest, diffId) = survey.Measured ?? Same(DigestStream.Measure(Survey.Whole(input), cancellationToken).Digest);
        var layer = new Descriptor { MediaType = survey.MediaType, Digest = digest, Size = input.Length };
        return new TreeImage(layer, diffId, () => Survey.Whole(input), request.Defaults) { Note = MisplacedImage.NoteRoot(survey.Index) };
    }

    /// <summary>The layer is made while it is read: once to know its digest, and once more for the store.</summary>
    private static TreeImage OfHostTree(Fd directory, LoadRequest request, string failure, CancellationToken cancellationToken)
    {
        var place = request.Base is not null || request.Into != "/" ? BuildPlace.Read(request.Into) : null;
        TreeTarStream Open() => new(() => new TreeWalker(FileSystem.Open(directory, PathZ.OfTerminated(".\0"u8), O_RDONLY | O_DIRECTORY), null, TreeOwners.OfHost, isOurs: false), place);
        try
        {
            var (digest, size) = DigestStream.Measure(Open(), cancellationToken);
            return new TreeImage(new Descriptor { MediaType = MediaTypes.OciLayer, Digest = digest, Size = size }, digest, Open, request.Defaults) { Note = MisplacedImage.NoteRoot(directory) };
        }
        catch (Exception e) when (e is StoreException or LinuxException) // of a file, by its path in the directory
        {
            throw new StoreException($"{failure}: {e.Message}", ((OrcaException)e).Hint ?? "a directory is taken as a whole, by a user who may read all of it, while nobody changes it");
        }
    }

    /// <summary>Archives inside a compressed file are unpacked into a spool, to be read in any order.</summary>
    private Fd Unpack(ArchiveInput input, StagingArea staging, string failure, CancellationToken cancellationToken)
    {
        var spool = new Spool(staging, failure, _limits.UnpackedBytes);
        _owned.Add(spool);
        var source = Survey.Whole(input);
        using var archive = new ReadAheadStream(LayerDecompressor.Open(source, "the archive", _limits.InflateRatio), source, cancellationToken);
        spool.Append(archive, cancellationToken);
        return spool.File;
    }

    private static (Digest, Digest) Same(Digest digest) => (digest, digest);

    private static bool IsFile(Fd directory, string name) =>
        FileSystem.TryStatus(directory, PathZ.From(name), out var status) == Errno.None && status.Kind == FileKind.Regular;
}
