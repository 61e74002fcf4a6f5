using Orca.Cli.Commands.Run;
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
        Options = [RegistryOptionTable.AuthFile, RegistryOptionTable.ImageLimit, RegistryOptionTable.NoResume, RunSyntax.Platform, RegistryOptionTable.Progress, RunSyntax.Quiet, LoadSyntax.Replace, LoadSyntax.Tag, RegistryOptionTable.TlsVerify],
        Remarks = """
            The limits of an image are size (64g, unpacked), entries (10000000), ratio (250, of a layer unpacked and packed),
            path (32k) and depth (16384) of a name, header (1m), json-size (8m) and json-depth (64) of its description.

            With --progress json, all that goes to standard error is one JSON object a line, errors too.
            """,
        Examples =
        [
            ("orca pull alpine", "docker.io/library/alpine:latest"),
            ("orca pull localhost:5000/dev:1", "from a registry on this machine, plain http"),
            ("orca pull --tls-verify=false 10.0.0.5:5000/dev:1", "from a registry without TLS, or with a certificate of its own"),
            ("orca pull --no-resume debian", "onto a memory card, which every write wears"),
            ("orca pull --platform linux/arm64 debian:bookworm", "for another machine"),
            ("orca pull oci:./layout:3.20", "from a directory; 'orca load --help' tells what else there is"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var request = LoadSyntax.Request(arguments, ImageLocation.Parse(arguments.Positionals[0])) with { Single = true };
        context.Out.Write(Puller.Load(context, request, LoadSyntax.Progress(arguments))[0].Image.Digest + "\n");
        return 0;
    }
}
