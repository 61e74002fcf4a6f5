using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca save</c>: images as an archive that other tools load.</summary>
internal sealed class SaveCommand : Command
{
    private static readonly Option s_format = new(null, "format", "FORMAT", "'docker-archive' (default) or 'oci-archive'");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca save",
        Usage = ["[OPTIONS] IMAGE..."],
        Summary = "Write images as an archive that docker, podman, skopeo and orca load.",
        Argument = "IMAGE",
        AtLeast = 1,
        Interspersed = true,
        Options =
        [
            s_format, ArchiveOutput.File, AcceptedSyntax.Take('m', "multi-image-archive", null, string.Empty), AcceptedSyntax.Take('q', "quiet", null, string.Empty),
            AcceptedSyntax.Take(null, "uncompressed", null, string.Empty),
        ],
        Remarks = """
            Each image is written as one layer, with the owners, modes and devices that it came with. The same image always
            gives the same bytes. The archive is not compressed.
            """,
        Examples =
        [
            ("orca save alpine | docker load", "into Docker"),
            ("orca save -o images.tar alpine debian", "two images"),
            ("orca save --format oci-archive dev | zstd > dev.tar.zst", "compressed; 'orca load dev.tar.zst' reads it"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var format = arguments.Last(s_format) switch
        {
            null or "docker-archive" => ArchiveFormat.DockerArchive,
            "oci-archive" => ArchiveFormat.OciArchive,
            var other => throw new ReferenceException($"cannot use option '--format': '{Quoted.Text(other)}' is none of docker-archive, oci-archive", UsageError.SeeHelp(s_syntax)),
        };
        var store = context.Get<IImageStore>();
        var images = arguments.Positionals.Select(text => Find(context, store, text)).GroupBy(static one => one.Image.Digest)
            .Select(static same => new SavedImage(same.First().Image, [.. same.Select(static one => one.Name).OfType<ImageReference>().Distinct()])).ToList();
        ArchiveOutput.Write(arguments.Last(ArchiveOutput.File), "save", (stream, token) => context.Get<IArchiveWriter>().Save(images, format, stream, token));
        return 0;
    }

    /// <summary>By name; or by digest, and then without a name, as Docker does.</summary>
    private static (StoredImage Image, ImageReference? Name) Find(CommandContext context, IImageStore store, string text)
    {
        if (StoredImages.ByDigest(context, text, "cannot save image") is { } image)
        {
            return (image, null);
        }

        var reference = context.Get<IShortNames>().InStore(store, ImageReference.Parse(text));
        return store.Find(reference) is { } named ? (named, reference)
            : throw new StoreException($"cannot save image '{reference.Familiar}': it is not in the store", "'orca images' lists what is there");
    }
}
