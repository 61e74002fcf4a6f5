using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca rmi</c>: takes names away, and images with their last name.</summary>
internal sealed class RemoveImageCommand : Command
{
    private static readonly Option s_force = new('f', "force", null, "Also when containers were made from it; a missing image is no error");

    private static readonly Option s_all = new('a', "all", null, "Remove all images of this store");
    private static readonly Option s_ignore = new('i', "ignore", null, "A missing image is no error");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca rmi",
        Usage = ["[OPTIONS] IMAGE...", "[OPTIONS] --all"],
        Summary = "Remove images, by name or digest.",
        Argument = "IMAGE",
        Interspersed = true,
        Options = [s_all, s_force, s_ignore, AcceptedSyntax.Take(null, "no-prune", null, string.Empty)],
        Examples =
        [
            ("orca rmi alpine", "the name, and the image when it has no other"),
            ("orca rmi 92f444235dd9", "the image of that digest, and all its names"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var store = context.Get<IImageStore>();
        var force = arguments.IsOn(s_force);
        if (arguments.IsOn(s_all) == arguments.Positionals.Count > 0)
        {
            throw new ReferenceException(
                arguments.Positionals.Count > 0 ? "cannot use option '--all': it stands for all images, and some are named too" : "cannot use 'orca rmi': IMAGE is missing", UsageError.SeeHelp(s_syntax));
        }

        var names = !arguments.IsOn(s_all) ? arguments.Positionals
            : store.List().Where(static image => image.Store is null)
                .SelectMany(static image => image.References.Count == 0 ? [image.Digest.ToString()] : image.References.Select(static reference => reference.ToString())).ToList();
        var ignore = arguments.IsOn(s_ignore);
        return EachArgument.Do(names, context, text =>
        {
            if (ignore && StoredImages.IsMissing(context, text))
            {
                return;
            }

            if (StoredImages.ByDigest(context, text, "cannot remove image") is not { } image)
            {
                Remove(context, store, Named(context, store, text), force);
                return;
            }

            if (!force)
            {
                RequireUnused(context, image, text);
            }

            foreach (var reference in image.References)
            {
                Remove(context, store, reference, force);
            }

            if (image.References.Count == 0)
            {
                Report(context, store.Remove(StoredImages.Pinned(image), force));
            }
        });
    }

    private static ImageReference Named(CommandContext context, IImageStore store, string text) => context.Get<IShortNames>().InStore(store, ImageReference.Parse(text));

    /// <summary>With the last name the store refuses; the others would be gone by then.</summary>
    private static void RequireUnused(CommandContext context, StoredImage image, string text)
    {
        if (context.Get<IContainerStore>().List().FirstOrDefault(container => container.Record.ImageDigest == image.Digest) is { } user)
        {
            throw new StoreException(
                $"cannot remove image '{text}': container '{user.Record.Name}' is made of it",
                user.Kept ? $"to take its names away now, and delete it when its last container is removed: orca rmi -f {text}"
                : $"wait until it has ended; or take the names away at once, and the image when it is free: orca rmi -f {text}");
        }
    }

    private static void Remove(CommandContext context, IImageStore store, ImageReference reference, bool force)
    {
        var isThere = store.Find(reference) is not null;
        var deleted = store.Remove(reference, force);
        if (isThere || deleted.Count > 0) // a damaged image counts as absent, and goes nevertheless
        {
            context.Out.Write($"untagged: {reference.Familiar}\n");
        }

        Report(context, deleted);
    }

    private static void Report(CommandContext context, IReadOnlyList<Digest> deleted)
    {
        foreach (var digest in deleted)
        {
            context.Out.Write($"deleted: {digest}\n");
        }
    }
}
