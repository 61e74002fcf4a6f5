using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca rmi</c>: takes names away, and images with their last name.</summary>
internal sealed class RemoveImageCommand : Command
{
    private static readonly Option s_force = new('f', "force", null, "Also when containers were made from it; a missing image is no error");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca rmi",
        Usage = ["[OPTIONS] IMAGE..."],
        Summary = "Remove images, by name or digest.",
        Argument = "IMAGE",
        AtLeast = 1,
        Interspersed = true,
        Options = [s_force],
        Examples = [("orca rmi alpine", "the name, and the image when it has no other")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var store = context.Get<IImageStore>();
        var force = arguments.IsOn(s_force);
        return EachArgument.Do(arguments, context, text =>
        {
            foreach (var reference in References(store, text))
            {
                var isThere = store.Find(reference) is not null;
                var deleted = store.Remove(reference, force);
                if (isThere || deleted.Count > 0) // a damaged image counts as absent, and goes nevertheless
                {
                    context.Out.Write($"untagged: {reference.Familiar}\n");
                }

                foreach (var digest in deleted)
                {
                    context.Out.Write($"deleted: {digest}\n");
                }
            }
        });
    }

    /// <summary>One name; or, for what <c>images -q</c> prints, all names of the image.</summary>
    private static IReadOnlyList<ImageReference> References(IImageStore store, string text)
    {
        if (!Digest.TryParse(text, out var digest))
        {
            return [ImageReference.Parse(text)];
        }

        var image = store.Find(digest) ?? throw new StoreException($"cannot remove image '{text}': it is not in the store", "'orca images' lists what is there");
        return image.References.Count > 0 ? image.References
            : throw new StoreException($"cannot remove image '{text}': it has no name", "'orca system prune' deletes what has no name, once no container is made from it");
    }
}
