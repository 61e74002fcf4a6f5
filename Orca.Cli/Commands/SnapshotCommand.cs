using System.Globalization;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary><c>orca snapshot</c>.</summary>
internal sealed class SnapshotCommand : Command
{
    private static readonly Option s_message = new('m', "message", "TEXT", "What 'orca history' says about it");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca snapshot",
        Usage = ["[OPTIONS] NAME", "rm NAME NUMBER..."],
        Summary = "Keep the state of a container that does not run, and print the snapshot's number.",
        Argument = "NAME",
        AtLeast = 1,
        Interspersed = true,
        Options = [s_message],
        Remarks = """
            Nothing is copied: what the container has changed is set aside, and later changes go to a new layer above it.
            'orca snapshot rm' forgets snapshots; what no other snapshot or container needs is deleted.
            """,
        Examples =
        [
            ("orca snapshot -m 'before gcc' work", "keep the state"),
            ("orca undo work", "take back what was changed since"),
            ("orca snapshot rm work 1", "forget snapshot 1"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var words = arguments.Positionals;
        if (words is ["rm", var container, _, ..])
        {
            return EachArgument.DoAll([.. words.Skip(2)], context, word =>
            {
                context.Get<ISnapshotStore>().Remove(container, Number(word, s_syntax));
                context.Out.Write(word + "\n");
                return 0;
            });
        }

        return words.Count > 1 ? throw new ReferenceException($"cannot take a snapshot: '{Quoted.Text(words[1])}' is one name too many", UsageError.SeeHelp(s_syntax)) : ContainerFailure.Catch(context, () =>
        {
            var taken = context.Get<ISnapshotStore>().Take(words[0], arguments.Last(s_message) ?? string.Empty);
            if (taken.IsCopied)
            {
                context.Note("all files of the container were copied, as the host has no overlay mounts");
            }

            context.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{taken.Number}\n"));
            return 0;
        });
    }

    /// <summary>The number of a snapshot.</summary>
    /// <exception cref="Core.Errors.ReferenceException">The word is no number.</exception>
    public static int Number(string word, CommandSyntax syntax) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new ReferenceException($"cannot use '{Quoted.Text(word)}' as a snapshot: it is not a number", UsageError.SeeHelp(syntax));
}
