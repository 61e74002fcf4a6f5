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
        Options = [RegistryOptionTable.AuthFile, RunSyntax.Platform, RegistryOptionTable.Progress, RunSyntax.Quiet, RegistryOptionTable.TlsVerify],
        Remarks = """
            With --progress json, all that goes to standard error is one JSON object a line, errors too.
            """,
        Examples =
        [
            ("orca pull alpine", "docker.io/library/alpine:latest"),
            ("orca pull localhost:5000/dev:1", "from a registry on this machine, plain http"),
            ("orca pull --tls-verify=false 10.0.0.5:5000/dev:1", "from a registry without TLS, or with a certificate of its own"),
            ("orca pull --platform linux/arm64 debian:bookworm", "for another machine"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var platform = arguments.Last(RunSyntax.Platform) is { } text ? Platform.Parse(text) : null;
        var image = Puller.Pull(context, ImageReference.Parse(arguments.Positionals[0]), platform, Progress(arguments));
        context.Out.Write(image.Digest + "\n");
        return 0;
    }

    private static string Progress(ParsedArguments arguments) => arguments.IsOn(RunSyntax.Quiet) ? "none" : RegistryOptionTable.ReadProgress(arguments);
}
