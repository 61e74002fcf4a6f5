using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>Finds images by what <c>images</c> and <c>pull -q</c> print of their digests.</summary>
internal static class StoredImages
{
    /// <summary>How many digits <c>images</c> prints. Fewer may be meant as the name of an image that is not there yet.</summary>
    private const int Printed = 12;

    /// <summary>The image whose digest begins with the text; null where the text is a name instead. An image of that name goes first.</summary>
    /// <exception cref="StoreException">Several begin so, or the text is a whole digest and none is it.</exception>
    internal static StoredImage? ByDigest(CommandContext context, string text, string failure)
    {
        var store = context.Get<IImageStore>();
        if (!DigestPrefix.TryParse(text, out var prefix) || (ImageReference.TryParse(text, out var name) && store.Find(context.Get<IShortNames>().InStore(store, name)) is not null))
        {
            return null;
        }

        var images = store.List().Where(image => prefix.Matches(image.Digest)).ToList();
        return images.Count switch
        {
            1 => images[0],
            0 when Digest.TryParse(text, out _) => throw new StoreException($"{failure} '{text}': it is not in the store", "'orca images' lists what is there"),
            0 => null,
            var many => throw new StoreException($"{failure} '{text}': {many} digests begin so", "give more digits: 'orca images -q' prints them all"),
        };
    }

    /// <summary>The image of a name or of the beginning of a digest.</summary>
    /// <exception cref="StoreException">There is none.</exception>
    internal static StoredImage Require(CommandContext context, string text, string failure)
    {
        if (ByDigest(context, text, failure) is { } image)
        {
            return image;
        }

        var store = context.Get<IImageStore>();
        var reference = context.Get<IShortNames>().InStore(store, ImageReference.Parse(text));
        return store.Find(reference) ?? throw new StoreException($"{failure} '{reference.Familiar}': it is not in the store", "'orca images' lists what is there");
    }

    /// <summary>Whether no image has this name or digest.</summary>
    internal static bool IsMissing(CommandContext context, string text)
    {
        var store = context.Get<IImageStore>();
        return !(DigestPrefix.TryParse(text, out var prefix) && store.List().Any(image => prefix.Matches(image.Digest)))
            && !(ImageReference.TryParse(text, out var name) && store.Find(context.Get<IShortNames>().InStore(store, name)) is not null);
    }

    /// <summary>What a run calls the image: the text's name, or a name of the image whose digest it is.</summary>
    /// <exception cref="OrcaException">It is neither.</exception>
    internal static ImageReference ToRun(CommandContext context, string text) =>
        text.Length >= Printed && ByDigest(context, text, "cannot run image") is { } image ? Pinned(image) : ImageReference.Parse(text);

    /// <summary>A name for a table: a pinned one without the digest, of which the table has a column. <c>&lt;none&gt;</c> is where a tag would be.</summary>
    internal static string Shown(ImageReference reference, bool whole)
    {
        var name = reference.Familiar;
        return whole || reference.Digest is null ? name : name[..name.IndexOf('@', StringComparison.Ordinal)] + (reference.Tag is null ? ":<none>" : string.Empty);
    }

    /// <summary>A reference that means this image and no other; where it has no name, any does.</summary>
    internal static ImageReference Pinned(StoredImage image) => image.References.Count > 0 ? image.References[0].WithDigest(image.Digest) : ImageReference.Parse($"image@{image.Digest}");
}
