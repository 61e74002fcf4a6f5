using Orca.Cli.Commands;
using Orca.Cli.Commands.Run;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli;

/// <summary>From arguments to exit status.</summary>
internal static class CommandLine
{
    /// <summary>Does what the arguments say. Nothing escapes but the exit status.</summary>
    public static int Run(string[] arguments, CommandContext context)
    {
        try
        {
            return Dispatch(arguments, context);
        }
        catch (InterruptedException interrupted)
        {
            return interrupted.ExitStatus;
        }
        catch (Exception failure)
        {
            return ErrorReport.Print(failure, context.Error, context.Global, context.Environment);
        }
    }

    private static int Dispatch(string[] arguments, CommandContext context)
    {
        var root = ArgumentParser.Parse(RootSyntax.Syntax, arguments);
        context.Global = Merge(context.Global, root);
        if (root.IsOn(RootSyntax.Version))
        {
            return new VersionCommand().Execute(new ParsedArguments(), context);
        }

        if (root.IsOn(CommonOptions.Help))
        {
            context.Out.Write(RootSyntax.Help());
            return 0;
        }

        if (root.Last(AncestorCommand.Image) is not null)
        {
            return RunCompletion.Finish(context) ?? AncestorCommand.Execute(root, context);
        }

        foreach (var option in (Option[])[AncestorCommand.Tag, AncestorCommand.Name, AncestorCommand.Fresh, AncestorCommand.Remove])
        {
            if (root.Last(option) is not null)
            {
                throw new ReferenceException($"cannot use option '--{option.Name}': before a command it needs -d IMAGE", "did you mean 'orca run ...'? see 'orca --help'");
            }
        }

        if (root.Positionals.Count == 0)
        {
            context.Error.Write(RootSyntax.Help());
            return ErrorReport.Failed;
        }

        var words = root.Positionals;
        if (words[0] == "__complete")
        {
#if FRONT
            Process.Handoff.ToFullBinary();
#else
            return CompleteCommand.Print([.. words.Skip(1)], context);
#endif
        }

        if (words.Count > 1 && words[0] is "container" or "image" && words[1] == "exists")
        {
            return Execute(new ExistsCommand(words[0]), [.. words.Skip(2)], context);
        }

        return words.Count > 1 && LongForms.Find(words[0], words[1]) is { } form
            ? Execute(CommandTable.Find(form[0]), [.. form.Skip(1), .. words.Skip(2)], context)
            : Execute(CommandTable.Find(words[0]), [.. words.Skip(1)], context);
    }

    /// <summary>Parses what follows a command's name, and does it; or shows the command's help.</summary>
    internal static int Execute(Command command, string[] arguments, CommandContext context)
    {
        if (command.Syntax.Interspersed && command.Syntax.AllOptions.Contains(RegistryOptionTable.Progress) && IsJsonAsked(arguments))
        {
            context.Global = context.Global with { JsonMessages = true }; // also of what is wrong with the arguments
        }

        var parsed = ArgumentParser.Parse(command.Syntax, arguments);
        context.Global = Merge(context.Global, parsed);
        if (parsed.IsOn(CommonOptions.Help))
        {
            context.Out.Write(HelpText.Of(command.Syntax));
            return 0;
        }

        return (command is RunCommand ? RunCompletion.Finish(context, RunReport.Of(parsed)) : command is StartCommand ? RunCompletion.Finish(context) : null) ?? command.Execute(parsed, context);
    }

    /// <summary>Whether messages are for a program, of arguments that may not be understood otherwise.</summary>
    private static bool IsJsonAsked(string[] arguments) =>
        arguments.Contains("--progress=json") || arguments.Zip(arguments.Skip(1)).Contains(("--progress", "json"));

    private static GlobalOptions Merge(GlobalOptions before, ParsedArguments arguments)
    {
        var root = arguments.Last(CommonOptions.Root) ?? before.Root;
        return root is { Length: 0 }
            ? throw new ReferenceException("cannot use option '--root': its value is empty")
            : before with
            {
                Root = root,
                Debug = arguments.Switch(CommonOptions.Debug) ?? before.Debug,
                TlsVerify = arguments.Switch(RegistryOptionTable.TlsVerify) ?? before.TlsVerify,
                NoResume = arguments.Switch(RegistryOptionTable.NoResume) ?? before.NoResume,
                AuthFile = arguments.Last(RegistryOptionTable.AuthFile) ?? before.AuthFile,
                ImageLimits = arguments.All(RegistryOptionTable.ImageLimit) is { Count: > 0 } limits ? limits : before.ImageLimits,
                JsonMessages = before.JsonMessages || RegistryOptionTable.ReadProgress(arguments) == "json",
            };
    }
}
