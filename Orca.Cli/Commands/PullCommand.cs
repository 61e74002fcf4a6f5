using Orca.Cli.Parsing;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca pull</c>: prints the digest of what was pulled.</summary>
internal sealed class PullCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca pull",
        Usage = ["[OPTIONS] IMAGE"],
        Summary = "Bring an image into the store, or up to date, and print its digest.",
        Argument = "IMAGE",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [RunSyntax.Platform, RunSyntax.Quiet],
        Examples =
        [
            ("orca pull alpine", "docker.io/library/alpine:latest"),
            ("orca pull localhost:5000/dev:1", "from a registry on this machine, plain http"),
            ("orca pull --platform linux/arm64 debian:bookworm", "for another machine"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var platform = arguments.Last(RunSyntax.Platform) is { } text ? Platform.Parse(text) : Platform.Current;
        var image = Puller.Pull(context, ImageReference.Parse(arguments.Positionals[0]), platform, arguments.IsOn(RunSyntax.Quiet));
        context.Out.Write(image.Digest + "\n");
        return 0;
    }
}
