using System.Text;
using Orca.Cli.Parsing;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca push</c>: an image into a registry; prints its digest there.</summary>
internal sealed class PushCommand : Command
{
    private const string Transport = "docker://"; // as podman and skopeo write it

    private static readonly Option s_digestFile = new(null, "digestfile", "FILE", "Write the digest to FILE, too");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca push",
        Usage = ["[OPTIONS] IMAGE [NAME]"],
        Summary = "Bring an image into a registry, and print its digest there.",
        Argument = "IMAGE",
        AtLeast = 1,
        AtMost = 2,
        Interspersed = true,
        Options =
        [
            RegistryOptionTable.AuthFile, s_digestFile, RegistryOptionTable.TlsVerify, AcceptedSyntax.Take('q', "quiet", null, string.Empty),
            AcceptedSyntax.Take(null, "disable-content-trust", null, string.Empty), .. AcceptedSyntax.Retries,
        ],
        Remarks = """
            NAME is what the image is called there; without it, its own name. What the registry has is not sent. Where it has all
            layers that the image came with, the image keeps its digest; else it is pushed as one layer, the same bytes each time.
            """,
        Examples =
        [
            ("orca push registry.example.com/team/mine:1", "an image of that name"),
            ("orca push mine:1 localhost:5000/mine:1", "under another name, to a registry on this machine"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var text = arguments.Positionals[0];
        var name = arguments.Positionals is [_, var given] ? given.StartsWith(Transport, StringComparison.Ordinal) ? given[Transport.Length..] : given : null;
        var image = StoredImages.Require(context, text, "cannot push image");
        var target = name is not null ? ImageReference.Parse(name)
            : StoredImages.ByDigest(context, text, "cannot push image") is { References: [var first, ..] } ? first : ImageReference.Parse(text);
        ThreadProbe.Require();
        using var interruption = new Interruption();
        Digest digest;
        try
        {
            digest = Task.Run(() => context.Get<IImagePusher>().PushAsync(image, target, null, interruption.Token), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception) when (interruption.Token.IsCancellationRequested)
        {
            throw new InterruptedException(interruption.ExitStatus);
        }

        if (arguments.Last(s_digestFile) is { } file)
        {
            ArchiveOutput.Write(file, "write the digest", (stream, _) => stream.Write(Encoding.ASCII.GetBytes(digest.ToString())));
        }

        context.Out.Write(digest + "\n");
        return 0;
    }
}
