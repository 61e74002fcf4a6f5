using Orca.Cli.Commands.Run;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands;

/// <summary><c>orca plan</c>: what <c>orca run</c> would ask the kernel for.</summary>
internal sealed class PlanCommand : Command
{
    private static readonly Option s_exec = new(null, "exec", "NAME", "Print what 'orca exec NAME' would ask for, with the arguments as its command");

    private static readonly CommandSyntax s_syntax = RunSyntax.Syntax with
    {
        Name = "orca plan",
        Summary = "Print every step that 'orca run' with the same arguments would ask the kernel for, and run nothing.",
        Options = [.. RunSyntax.Syntax.Options, JsonOutput.Format, s_exec],
        Remarks = "The image must be in the store. An error of 'orca run' names the step that failed by the same words.",
        Examples =
        [
            ("orca plan alpine", "what a plain run does"),
            ("orca plan --exec work sh", "what a command in a container that runs does"),
            ("orca plan -v ./src:/src:ro --format json IMAGE make", "for programs"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var runner = context.Get<IContainerRunner>();
        if (arguments.Last(s_exec) is { } name)
        {
            Print(runner.Outline(name, ExecCommand.Request(arguments, context) with { Command = arguments.Positionals }), arguments, context);
            return 0;
        }

        if (RunCommand.Location(arguments) is { } location)
        {
            throw new ReferenceException($"cannot plan '{location.Shown}': it is not in the store", "load it first with 'orca load', and plan the name it gets");
        }

        Print(runner.Outline(RunCommand.Request(arguments, context) with { Pull = PullPolicy.Never }), arguments, context);
        return 0;
    }

    private static void Print(SandboxOutline outline, ParsedArguments arguments, CommandContext context) =>
        context.Out.Write(JsonOutput.IsAsked(arguments) ? Json(outline) : string.Concat(outline.Lines().Select(static line => line + "\n")));

    private static string Json(SandboxOutline outline) => JsonOutput.Build(writer =>
    {
        writer.WriteStartObject();
        JsonOutput.WriteStrings(writer, "namespaces", outline.Namespaces);
        JsonOutput.WriteStrings(writer, "steps", outline.Steps);
        writer.WriteEndObject();
    });
}
