using System.Text;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands;

/// <summary><c>orca export</c>: a container's root file system as a tar archive.</summary>
internal sealed class ExportCommand : Command
{
    /// <summary>Says that this process is root over the container's ids already. Set by hand it changes who is asked, not who may read.</summary>
    private const string Inside = "ORCA_SUBIDS";

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
            files that change meanwhile are written as they were found. Owners are the image's and those that programs of the
            container set, though it has one id; with --userns=subids, what it has made or changed has the owners that it sees.
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
        var container = arguments.Positionals[0];
        if (context.Environment.Find(Inside) is null
            && context.Get<IContainerStore>().Find(container)?.Options.Security.UserNamespace == UserNamespaceMode.SubIds)
        {
            return AmongItsIds(context);
        }

        ArchiveOutput.Write(arguments.Last(ArchiveOutput.File), "export", (stream, token) => context.Get<IArchiveWriter>().Export(container, stream, token));
        return 0;
    }

    /// <summary>The same command, by root over the container's ids: nobody else may read all, or sees whose it is.</summary>
    private static int AmongItsIds(CommandContext context)
    {
        using var interruption = new Interruption();
        var status = context.Get<ISubIdProgram>().Run(
            "/proc/self/exe", ProcessImage.Arguments(), [.. ProcessImage.Variables(), Encoding.ASCII.GetBytes($"{Inside}=1")], interruption.Token).Code;
        return interruption.Token.IsCancellationRequested ? throw new InterruptedException(interruption.ExitStatus) : status;
    }
}
