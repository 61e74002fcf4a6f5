using Orca.Cli.Parsing;
using Orca.Core.Images;

namespace Orca.Cli.Commands;

/// <summary><c>orca export</c>: a container's root file system as a tar archive.</summary>
internal sealed class ExportCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca export",
        Usage = ["[OPTIONS] CONTAINER"],
        Summary = "Write the root file system of a container as a tar archive.",
        Argument = "CONTAINER",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [ArchiveOutput.File],
        Remarks = """
            The image and the container's changes as the container sees them, without what is mounted into it. It may run: then
            files that change meanwhile are written as they were found.
            """,
        Examples =
        [
            ("orca export work -o work.tar", "a kept container"),
            ("orca export work | orca import - work:1", "an image of it"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        ArchiveOutput.Write(arguments.Last(ArchiveOutput.File), "export", (stream, token) => context.Get<IArchiveWriter>().Export(arguments.Positionals[0], stream, token));
        return 0;
    }
}
