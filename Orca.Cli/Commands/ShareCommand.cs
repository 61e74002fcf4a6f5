using System.Globalization;
using Orca.Cli.Parsing;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca system share</c>.</summary>
internal sealed class ShareCommand : Command
{
    private static readonly Option s_off = new(null, "off", null, "Close the store to other users again");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca system share",
        Usage = ["[OPTIONS]"],
        Summary = "Let every user of this machine run the store's images.",
        AtMost = 0,
        Interspersed = true,
        Options = [s_off],
        Remarks = """
            Others name the store in ORCA_STORES; it then stands behind their own one, and they run its images without a
            copy. They can read images and names, and nothing else; containers stay private. Files in images that are
            set-uid or set-gid lose that bit on the disk, now and in later pulls, because whoever runs such a file outside
            of a container would become you.
            """,
        Examples =
        [
            ("orca --root /srv/orca system share", "open the store"),
            ("ORCA_STORES=/srv/orca orca run debian", "what another user types then"),
            ("orca --root /srv/orca system share --off", "close it"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var upkeep = context.Get<IStoreUpkeep>();
        if (arguments.IsOn(s_off))
        {
            upkeep.Unshare();
            return 0;
        }

        var report = upkeep.Share();
        if (report.Cleared > 0)
        {
            context.Note(string.Create(CultureInfo.InvariantCulture, $"{report.Cleared} files in images were set-uid or set-gid, and are not any more on the disk"));
        }

        context.Out.Write(report.Store + "\n");
        return 0;
    }
}
