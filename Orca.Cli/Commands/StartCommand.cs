using Orca.Cli.Commands.Run;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;

namespace Orca.Cli.Commands;

/// <summary><c>orca start</c>.</summary>
internal sealed class StartCommand : Command
{
    private static readonly Option s_attach = new('a', "attach", null, "Stay in the foreground, and exit as the command does");
    private static readonly Option s_interactive = new('i', "interactive", null, "Stay in the foreground and pass standard input on");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca start",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Start kept containers again, with the command they were made with.",
        Argument = "NAME",
        AtLeast = 1,
        Interspersed = true,
        Options = [s_attach, s_interactive, AcceptedSyntax.Take(null, "detach-keys", "KEYS", string.Empty)],
        Examples = [("orca start web", "in the background"), ("orca start -ai work", "at this terminal")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        if (DetachedStart.Name(context.Environment) is { } mine)
        {
            return Launcher.RunHere(context, Request(context, mine), RunReport.None);
        }

        if (!arguments.IsOn(s_attach) && !arguments.IsOn(s_interactive))
        {
            return EachArgument.DoAll(arguments.Positionals, context, name => Start(context, name));
        }

        if (arguments.Positionals.Count > 1)
        {
            throw new ReferenceException("cannot start several containers with '-a' or '-i': there is one terminal");
        }

        RunRequest request;
        try
        {
            request = Request(context, arguments.Positionals[0]);
            if (Require(context, request.Name!).IsHeld)
            {
                throw new StoreException($"cannot start container '{request.Name}' with '-a': it runs already", $"see what it prints with 'orca logs -f {request.Name}'");
            }
        }
        catch (StoreException failure)
        {
            ErrorReport.Print(failure, context.Error, context.Global, context.Environment);
            return ContainerFailure.Status;
        }

        return Launcher.RunHere(context, request with { Detached = false, Options = request.Options with { Process = request.Options.Process with { Interactive = arguments.IsOn(s_interactive) } } }, RunReport.None);
    }

    /// <summary>Starts a container in the background and prints its name; one that runs is left alone.</summary>
    /// <returns>0, or the exit status of a start that has failed and has said so.</returns>
    internal static int Start(CommandContext context, string name)
    {
        if (Require(context, name).IsHeld)
        {
            context.Out.Write(name + "\n");
            return 0;
        }

        List<byte[]> arguments = [ProcessImage.Arguments()[0]];
        if (context.Global.Root is { } root)
        {
            arguments.AddRange([.. "--root"u8], NativeText.Encode(root));
        }

        arguments.AddRange([.. "start"u8], NativeText.Encode(name));
        return DetachedStart.Run(context, name, arguments) == 0 ? 0 : ContainerFailure.Status;
    }

    private static ContainerSummary Require(CommandContext context, string name) =>
        context.Get<IContainerStore>().Look(name) ?? throw ContainerFailure.Missing("start", name);

    /// <summary>What the container was made to do, or what it last did in the background.</summary>
    private static RunRequest Request(CommandContext context, string name)
    {
        var known = context.Get<IContainerStore>().Find(name) ?? throw ContainerFailure.Missing("start", name);
        return new RunRequest
        {
            Name = name,
            Detached = true,
            Pull = PullPolicy.Never,
            Options = new RunOptions { Process = new ProcessOptions { Command = known.Options.Process.Command, Terminal = known.Options.Process.Terminal, Interactive = known.Options.Process.Interactive } },
        };
    }
}
