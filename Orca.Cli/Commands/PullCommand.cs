using Orca.Cli.Commands.Run;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca pull</c>: prints the digest of what was pulled.</summary>
internal sealed class PullCommand : Command
{
    private static readonly Option s_policy = new(null, "policy", "WHEN", "Pull 'always' (default), when it is 'missing', or 'never': only say what is there");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca pull",
        Usage = ["[OPTIONS] IMAGE"],
        Summary = "Bring an image into the store, or up to date, and print its digest.",
        Argument = "IMAGE",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options =
        [
            RunSyntax.Architecture, RegistryOptionTable.AuthFile, RegistryOptionTable.ImageLimit, RegistryOptionTable.NoResume, RunSyntax.OperatingSystem, RunSyntax.Platform, s_policy, RegistryOptionTable.Progress, RunSyntax.Quiet, LoadSyntax.Replace, LoadSyntax.Tag, RegistryOptionTable.TlsVerify,
            RunSyntax.Variant, AcceptedSyntax.Take(null, "disable-content-trust", null, string.Empty), .. AcceptedSyntax.Retries,
        ],
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
        if (Stored(arguments, context) is { } stored)
        {
            context.Out.Write(stored.Digest + "\n");
            return 0;
        }

        var request = LoadSyntax.Request(arguments, ImageLocation.Parse(arguments.Positionals[0])) with { Single = true };
        context.Out.Write(Puller.Load(context, request, LoadSyntax.Progress(arguments))[0].Image.Digest + "\n");
        return 0;
    }

    /// <summary>The image in the store, where the policy is content with it; null where it is to be pulled.</summary>
    /// <exception cref="ReferenceException">There is no such policy.</exception>
    /// <exception cref="StoreException">Nothing may be pulled, and the image is not there.</exception>
    private static StoredImage? Stored(ParsedArguments arguments, CommandContext context)
    {
        var policy = arguments.Last(s_policy) ?? "always";
        if (policy is not ("always" or "newer" or "missing" or "never"))
        {
            throw new ReferenceException($"cannot use option '--policy': '{Quoted.Text(policy)}' is none of always, missing, never, newer", UsageError.SeeHelp(s_syntax));
        }

        if (policy is "always" or "newer" || ImageLocation.IsElsewhere(arguments.Positionals[0]))
        {
            return null;
        }

        var store = context.Get<IImageStore>();
        var image = store.Find(context.Get<IShortNames>().InStore(store, ImageReference.Parse(arguments.Positionals[0])));
        var platform = RunSyntax.ReadPlatform(arguments);
        return image is not null && platform?.Accepts(image.Config.Platform) != false ? image
            : policy == "missing" ? null
            : throw new StoreException($"cannot pull '{Quoted.Text(arguments.Positionals[0])}': it is not in the store, and '--policy never' allows no registry", "'orca images' lists what is there");
    }
}
