using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.References;

namespace Orca.Cli.Commands.Run;

/// <summary><c>orca -d IMAGE [COMMAND]</c>, the form of orca's ancestor: a kept container named after its image.</summary>
internal static class AncestorCommand
{
    public static readonly Option Image = new('d', "image", "IMAGE", "Run in a kept container of IMAGE, named after it");
    public static readonly Option Tag = new('t', "tag", "TAG", "With -d: the image's tag");
    public static readonly Option Name = new('n', "name", "NAME", "With -d: the container's name");
    public static readonly Option Fresh = new(null, "init", null, "With -d: begin afresh, throw the container's changes away");
    public static readonly Option Remove = new(null, "rm", null, "With -d: remove the container after the run");

    /// <summary>Runs the command.</summary>
    /// <returns>The command's exit status.</returns>
    public static int Execute(ParsedArguments arguments, CommandContext context) => Launcher.Run(context, Request(arguments), location: null, RunReport.None, progress: "auto");

    /// <summary>Returns what the command line asks for.</summary>
    /// <exception cref="Core.Errors.ReferenceException">It cannot be understood.</exception>
    internal static RunRequest Request(ParsedArguments arguments)
    {
        var image = ImageReference.Parse(arguments.Last(Image)!);
        return new RunRequest
        {
            Image = arguments.Last(Tag) is { } tag ? image.WithTag(tag) : image,
            Name = arguments.Last(Name) ?? image.ShortName,
            Fresh = arguments.IsOn(Fresh),
            RemoveAfter = arguments.IsOn(Remove),
            Options = new RunOptions { Process = new() { Command = arguments.Positionals } },
        };
    }
}
