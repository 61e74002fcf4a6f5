using Orca.Cli.Parsing;
using Orca.Core.Containers;

namespace Orca.Cli.Commands;

/// <summary>podman's <c>image exists</c> and <c>container exists</c>: an exit status, and no text.</summary>
internal sealed class ExistsCommand(string group) : Command
{
    private const int Missing = 1;

    /// <inheritdoc/>
    public override CommandSyntax Syntax { get; } = new()
    {
        Name = $"orca {group} exists",
        Usage = ["[OPTIONS] NAME"],
        Summary = group == "image" ? "Tell by the exit status whether an image is in the store: 0 or 1." : "Tell by the exit status whether there is a container of a name: 0 or 1.",
        Argument = "NAME",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Examples = [(group == "image" ? "orca image exists alpine || orca pull alpine" : "orca container exists work && orca run --name work", "for scripts")],
    };

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var name = arguments.Positionals[0];
        var exists = group == "image" ? !StoredImages.IsMissing(context, name) : context.Get<IContainerStore>().Find(name.TrimStart('/')) is not null;
        return exists ? 0 : Missing;
    }
}
