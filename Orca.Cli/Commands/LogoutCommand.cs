using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca logout</c>.</summary>
internal sealed class LogoutCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca logout",
        Usage = ["[OPTIONS] [REGISTRY]"],
        Summary = "Forget the login for a registry, wherever docker, podman or orca keep it.",
        Argument = "REGISTRY",
        AtMost = 1,
        Interspersed = true,
        Options = [RegistryOptionTable.AuthFile],
        Examples = [("orca logout ghcr.io", "the next pull from there is anonymous"), ("orca logout", "Docker Hub")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var registry = arguments.Positionals.Count == 0 ? ImageReference.DefaultRegistry : arguments.Positionals[0];
        var places = context.Get<IRegistryLogins>().LogoutAsync(registry, CancellationToken.None).GetAwaiter().GetResult();
        context.Out.Write(places.Count == 0
            ? $"not logged in to '{Quoted.Text(registry)}'\n"
            : $"logged out of '{Quoted.Text(registry)}'; removed from '{string.Join("' and '", places.Select(Quoted.Text))}'\n");
        return 0;
    }
}
