using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca tag</c>: further names of an image.</summary>
internal sealed class TagCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca tag",
        Usage = ["IMAGE NAME..."],
        Summary = "Give an image further names.",
        Argument = "IMAGE",
        AtLeast = 2,
        Interspersed = true,
        Remarks = "A name that is another image's already is taken from it.",
        Examples = [("orca tag mine:1 registry.example.com/team/mine:1", "to push it there")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        List<ImageReference> names = [.. arguments.Positionals.Skip(1).Select(Name)]; // a wrong one before the first is written
        var image = StoredImages.Require(context, arguments.Positionals[0], "cannot tag image");
        foreach (var name in names)
        {
            context.Get<IImageStore>().Tag(name, image.Digest);
        }

        return 0;
    }

    private static ImageReference Name(string text) => ImageReference.Parse(text) is { Digest: null } name ? name
        : throw new ReferenceException($"cannot give an image the name '{Quoted.Text(text)}': a name with a digest means the image of that digest", "leave out what begins with the '@'");
}
