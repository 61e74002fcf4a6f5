using System.Text;
using Orca.Cli.Parsing;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca commit</c>: an image made of a container; prints its digest.</summary>
internal sealed class CommitCommand : Command
{
    private static readonly Option s_author = new('a', "author", "TEXT", "Who made the image");
    private static readonly Option s_change = new('c', "change", "INSTRUCTION", "How the image is run, as in a Dockerfile: CMD, ENTRYPOINT, ENV, USER, WORKDIR, STOPSIGNAL");
    private static readonly Option s_idFile = new(null, "iidfile", "FILE", "Write the image's digest to FILE, too");
    private static readonly Option s_message = new('m', "message", "TEXT", "What was changed, for 'orca history'");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca commit",
        Usage = ["[OPTIONS] NAME [IMAGE]"],
        Summary = "Make an image of a container: its image, with its changes as one more layer.",
        Argument = "NAME",
        AtLeast = 1,
        AtMost = 2,
        Interspersed = true,
        Options =
        [
            s_author, s_change, s_idFile, s_message, AcceptedSyntax.Take('q', "quiet", null, string.Empty),
            AcceptedSyntax.Take('f', "format", "FORMAT", "an image is stored in one form, which 'orca save --format' writes as either"),
            AcceptedSyntax.Take('p', "pause", null, string.Empty), AcceptedSyntax.Take(null, "no-pause", null, string.Empty),
        ],
        Remarks = """
            The image runs as the container does: command, entrypoint, variables, user and directory are the container's,
            but for what --change says. What is mounted into the container is left out. Owners are those that programs of
            the container set. It may run, and goes on meanwhile: stop it first where files must fit together.
            Without IMAGE the image is called after the container and pinned to its digest.
            """,
        Examples =
        [
            ("orca commit work mine:1", "an image of a kept container"),
            ("orca commit -m 'with gcc' -c 'CMD [\"make\"]' work tools", "with a note for 'orca history', and another command"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        var changes = arguments.All(s_change);
        var request = new CommitRequest
        {
            Container = arguments.Positionals[0],
            Name = arguments.Positionals is [_, var name] ? ImageReference.Parse(name) : null,
            Message = arguments.Last(s_message),
            Author = arguments.Last(s_author),
            Changes = changes.Count == 0 ? null : ChangeReader.Read(changes, Platform.Current),
        };
        using var interruption = new Interruption();
        StoredImage image;
        try
        {
            image = context.Get<IContainerCommitter>().Commit(request, interruption.Token);
        }
        catch (Exception) when (interruption.Token.IsCancellationRequested)
        {
            throw new InterruptedException(interruption.ExitStatus);
        }

        foreach (var warning in image.Warnings)
        {
            context.Note(warning);
        }

        if (arguments.Last(s_idFile) is { } file)
        {
            ArchiveOutput.Write(file, "write the digest", (stream, _) => stream.Write(Encoding.ASCII.GetBytes(image.Digest.ToString())));
        }

        context.Out.Write(image.Digest + "\n");
        return 0;
    });
}
