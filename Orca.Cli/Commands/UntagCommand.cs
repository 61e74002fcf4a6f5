using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca untag</c>: takes names away, and leaves the image.</summary>
internal sealed class UntagCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca untag",
        Usage = ["IMAGE [NAME...]"],
        Summary = "Take names away from an image: those that are given, or all.",
        Argument = "IMAGE",
        AtLeast = 1,
        Interspersed = true,
        Remarks = "An image without a name stays, under its digest, until 'orca prune'.",
        Examples = [("orca untag mine:1", "all its names"), ("orca untag mine:1 registry.example.com/team/mine:1", "one of them")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var (store, names) = (context.Get<IImageStore>(), context.Get<IImageNames>());
        var image = StoredImages.Require(context, arguments.Positionals[0], "cannot untag image");
        if (arguments.Positionals.Count == 1)
        {
            foreach (var name in image.References.ToList())
            {
                names.Untag(name);
            }

            return 0;
        }

        return EachArgument.Do(arguments.Positionals.Skip(1), context, text =>
        {
            var name = context.Get<IShortNames>().InStore(store, ImageReference.Parse(text));
            if (store.Find(name)?.Digest != image.Digest || !names.Untag(name))
            {
                throw new StoreException($"cannot untag image '{arguments.Positionals[0]}': '{name.Familiar}' is not a name of it", "'orca images' lists what is there");
            }
        });
    }
}
