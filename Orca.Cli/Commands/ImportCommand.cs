using Orca.Cli.Commands.Run;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca import</c>: a root file system as an image; prints its digest.</summary>
internal sealed class ImportCommand : Command
{
    private static readonly Option s_change = new('c', "change", "INSTRUCTION", "How the image is run, as in a Dockerfile: CMD, ENTRYPOINT, ENV, USER, WORKDIR, STOPSIGNAL");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca import",
        Usage = ["[OPTIONS] SOURCE [NAME]"],
        Summary = "Make an image of the tarball or the directory of a root file system, and print its digest.",
        Argument = "SOURCE",
        AtLeast = 1,
        AtMost = 2,
        Interspersed = true,
        Options =
        [
            RunSyntax.Architecture, s_change, RegistryOptionTable.ImageLimit, RunSyntax.OperatingSystem, RunSyntax.Platform, RegistryOptionTable.Progress, RunSyntax.Quiet, LoadSyntax.Replace,
            LoadSyntax.Tag, RunSyntax.Variant, AcceptedSyntax.Take('m', "message", "TEXT", "an image that is imported has no history"),
        ],
        Remarks = LoadSyntax.Sources + """


            NAME is the same as --tag NAME. Without it the image is called after the file and pinned to its digest. Without
            --change it runs /bin/sh. Of a directory, what is yours becomes root's; sockets are left out, mounts not entered.
            """,
        Examples =
        [
            ("orca import rootfs.tar.gz mine:1", "from a tarball"),
            ("debootstrap stable tree && orca import ./tree debian:own", "from a directory"),
            ("curl -s ADDRESS | orca import - --change 'CMD [\"bash\", \"-l\"]'", "from a pipe, with a command of its own"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var text = arguments.Positionals[0];
        if (text == ImageLocation.StandardInput && StandardStreams.TerminalSize(0) is not null)
        {
            throw new ReferenceException("cannot load 'standard input': it is a terminal", "redirect a file: orca import - < FILE");
        }

        var request = LoadSyntax.Request(arguments, LoadSyntax.FileFirst(text));
        if (arguments.Positionals.Count > 1)
        {
            request = request.Name is null
                ? request with { Name = ImageReference.Parse(arguments.Positionals[1]) }
                : throw new ReferenceException("cannot use option '--tag' and a NAME together", UsageError.SeeHelp(s_syntax));
        }

        var changes = arguments.All(s_change);
        request = request with { Single = true, Defaults = changes.Count == 0 ? null : ChangeReader.Read(changes, request.Platform) };
        context.Out.Write(Puller.Load(context, request, LoadSyntax.Progress(arguments))[0].Image.Digest + "\n");
        return 0;
    }
}
