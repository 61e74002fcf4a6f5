using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Compression;

namespace Orca.Registry.Archives;

/// <summary>What a file of unknown content is: read once to its end, if it is compressed.</summary>
/// <param name="Index">What is in it.</param>
/// <param name="MediaType">How it is compressed, in the words of layers.</param>
/// <param name="Measured">Its digest and that of the archive inside; null when it is not compressed and nobody needed them yet.</param>
internal sealed record Survey(TarIndex Index, string MediaType, (Digest Digest, Digest DiffId)? Measured)
{
    /// <summary>Writers fill the last block of an empty archive with zeros, up to their blocking factor; none is as large.</summary>
    private const long LargestEmpty = 512 << 10;

    /// <summary>True when it has to be unpacked to be read in any order.</summary>
    internal bool IsCompressed => MediaType != MediaTypes.OciLayer;

    /// <summary>True for an OCI layout; the archives that Docker writes since version 25 are both, and OCI's digests are those of registries.</summary>
    internal bool IsOci => Index.Has(TarIndex.OciLayout) && (Index.Has(TarIndex.OciIndex) || !IsDocker);

    internal bool IsDocker => Index.Has(TarIndex.DockerManifest);

    /// <summary>True for what <c>docker save</c> wrote before 1.10, when an image was its layers, each with a config of its own.</summary>
    internal bool IsAncientDocker => !IsDocker && !IsOci && Index.Has(TarIndex.DockerRepositories) && Index.HasNameEndingIn("/layer.tar");

    /// <exception cref="OrcaException">It is no tar archive, damaged, or compressed in a way that orca does not know.</exception>
    internal static Survey Read(ArchiveInput input, ImageLocation location, string failure, ImageLimits limits, CancellationToken cancellationToken)
    {
        var type = RequireArchive(input, location, failure, limits);
        try
        {
            return type == MediaTypes.OciLayer
                ? new Survey(TarIndex.Read(Whole(input), limits, cancellationToken), type, null)
                : ReadCompressed(input, type, limits, cancellationToken);
        }
        catch (LayerException e)
        {
            throw new LayerException($"{failure}: {e.Message}", e.Hint, e);
        }
        catch (ContentException e)
        {
            throw new ContentException($"{failure}: {e.Message}", e.Hint, e);
        }
    }

    /// <summary>Looks at the beginning alone, so that gigabytes of what cannot be an archive (/dev/zero, a disk image) are not read first.</summary>
    /// <returns>The media type of what begins so.</returns>
    /// <exception cref="OrcaException">What begins so is no archive, or compressed in a way that orca does not know.</exception>
    internal static string RequireArchive(ArchiveInput input, ImageLocation location, string failure, ImageLimits limits)
    {
        Span<byte> block = stackalloc byte[TarHeader.Size];
        block = block[..FileSystem.ReadAt(input.File, block, 0)];
        var start = block[..Math.Min(block.Length, CompressionSniffer.LongestMagic)];
        if (start.IsEmpty)
        {
            throw new ContentException($"{failure}: it is empty");
        }

        if (Compression.Unsupported(start) is { } format)
        {
            throw new ContentException(
                $"{failure}: it is compressed with {format}, which is not supported; gzip, zstd, xz, bzip2, lzip and compress (.Z) are",
                LocationHints.Unpack(format, location));
        }

        var type = Compression.TypeOf(start);
        if (type != MediaTypes.OciLayer || block.Length < TarHeader.Size)
        {
            return type;
        }

        var header = new TarHeader(block);
        if (header.IsZero && input.Length > LargestEmpty)
        {
            throw new ContentException($"{failure}: it begins with zeros, as the end of an archive does, so there is nothing in it");
        }

        return header.IsZero || header.HasValidChecksum() ? type
            : throw new LayerException($"{failure}: {LayerFault.At(0, 0, "this is not a tar archive: wrong header checksum").Message}");
    }

    internal static FileSlice Whole(ArchiveInput input) => new(input.File, 0, input.Length);

    private static Survey ReadCompressed(ArchiveInput input, string type, ImageLimits limits, CancellationToken cancellationToken)
    {
        var source = Whole(input);
        var compressed = new DigestStream(source);
        using var archive = new DigestStream(new ReadAheadStream(LayerDecompressor.Open(compressed, "the archive", limits.InflateRatio), source, cancellationToken));
        var index = TarIndex.Read(archive, limits, cancellationToken);
        return new Survey(index, type, (compressed.ToDigest(), archive.ToDigest()));
    }
}
