using Orca.Cli.Commands.Run;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands;

/// <summary><c>orca exec</c>.</summary>
internal sealed class ExecCommand : Command
{
    private static readonly Option s_detach = new('d', "detach", null, "Do not wait for the command, which gets no input and shows no output");
    private static readonly Option s_privileged = new(null, "privileged", null, "Refused: rights are given to a container at its start");
    private static readonly Option s_user = new('u', "user", "USER[:GROUP]", "Run as this user of the container, by name or number");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca exec",
        Usage = ["[OPTIONS] NAME COMMAND [ARGUMENT...]"],
        Summary = "Run a command in a container that runs already.",
        Argument = "NAME",
        AtLeast = 2,
        Options =
        [
            s_detach, ProcessSyntax.Env, ProcessSyntax.EnvFile, ProcessSyntax.Interactive, ProcessSyntax.Terminal, s_user, ProcessSyntax.WorkingDirectory,
            AcceptedSyntax.Take(null, "detach-keys", "KEYS", string.Empty), s_privileged,
        ],
        Remarks = """
            The command has what the container's own has: its files, users, limits, and what it may not do. It ends with the
            container. Terminal, standard input and exit status are as for 'orca run'.
            """,
        Examples =
        [
            ("orca exec work sh", "a second shell in the container that 'orca run --name work' runs"),
            ("orca exec -u postgres db psql -c 'select 1'", "as a user of the container"),
            ("orca exec -d web nginx -s reload", "without waiting"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        if (arguments.IsOn(s_privileged))
        {
            throw new ReferenceException(
                "cannot use option '--privileged': what the container may not do was given up for good when it was started", "run the container with '--privileged', or with the capabilities that the command needs");
        }

        // No token: there is nothing to clean up, and the keeper that takes this process's place tells the status by itself.
        return context.Get<IContainerRunner>().Exec(
            arguments.Positionals[0],
            Request(arguments, context, s_detach),
            new SandboxRunOptions { ForwardSignals = true, Handover = new HandoverOptions(), Note = context.Note },
            CancellationToken.None).Code;
    }

    /// <summary>What the command line asks for; its first argument is the container.</summary>
    /// <exception cref="ReferenceException">It cannot be understood.</exception>
    internal static ExecRequest Request(ParsedArguments arguments, CommandContext context, Option? detach = null)
    {
        var (terminal, interactive) = ProcessSyntax.ResolveTtyDefaults(arguments.Switch(ProcessSyntax.Terminal), arguments.Switch(ProcessSyntax.Interactive));
        return new ExecRequest
        {
            Command = [.. arguments.Positionals.Skip(1)],
            Env = ProcessSyntax.ReadEnvironment(arguments, context),
            WorkingDirectory = arguments.Last(ProcessSyntax.WorkingDirectory),
            User = arguments.Last(s_user),
            Terminal = terminal,
            Interactive = interactive,
            Detached = detach is not null && arguments.IsOn(detach),
        };
    }
}
