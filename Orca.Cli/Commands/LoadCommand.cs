using Orca.Cli.Commands.Run;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca load</c>: every image of an archive.</summary>
internal sealed class LoadCommand : Command
{
    private static readonly Option s_input = new('i', "input", "FILE", "Read this file; the same as the argument");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca load",
        Usage = ["[OPTIONS] [SOURCE]"],
        Summary = "Bring the images of an archive, a directory or standard input into the store.",
        Argument = "SOURCE",
        AtMost = 1,
        Interspersed = true,
        Options = [s_input, RegistryOptionTable.ImageLimit, RunSyntax.Platform, RegistryOptionTable.Progress, RunSyntax.Quiet, LoadSyntax.Replace, LoadSyntax.Tag],
        Remarks = LoadSyntax.Sources + """


            Without SOURCE standard input is read. An archive brings names along. One that is another image's already is not
            touched: nothing is loaded then, unless --replace or --tag says what to do. An image without a name is called after
            the file and pinned to its digest.
            """,
        Examples =
        [
            ("docker save alpine | orca load", "from Docker"),
            ("orca load -i images.tar.zst", "all images of a compressed archive"),
            ("orca load --tag mine:1 oci:./layout:3.20", "one of a layout, under another name"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var input = arguments.Last(s_input);
        if (input is not null && arguments.Positionals.Count > 0)
        {
            throw new ReferenceException("cannot use option '--input' and a SOURCE together", UsageError.SeeHelp(s_syntax));
        }

        var text = input ?? (arguments.Positionals.Count > 0 ? arguments.Positionals[0] : ImageLocation.StandardInput);
        if (text == ImageLocation.StandardInput && StandardStreams.TerminalSize(0) is not null)
        {
            throw new ReferenceException("cannot load 'standard input': it is a terminal", "name a file, or redirect one: orca load < FILE");
        }

        foreach (var one in Puller.Load(context, LoadSyntax.Request(arguments, Location(text, isFile: input is not null)), LoadSyntax.Progress(arguments)))
        {
            foreach (var name in one.Names)
            {
                context.Out.Write($"loaded: {name.Familiar}\n");
            }
        }

        return 0;
    }

    /// <summary>What -i names is a file, also when it is not there.</summary>
    private static ImageLocation Location(string text, bool isFile) => isFile && !ImageLocation.IsElsewhere(text) ? ImageLocation.OfPath(text) : LoadSyntax.FileFirst(text);
}
