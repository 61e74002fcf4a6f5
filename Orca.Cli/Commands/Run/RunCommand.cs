using System.Globalization;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands.Run;

/// <summary><c>orca run</c>.</summary>
internal sealed class RunCommand : Command
{
    /// <inheritdoc/>
    public override CommandSyntax Syntax => RunSyntax.Syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) =>
        Launcher.Run(context, Request(arguments, context), Location(arguments), RunReport.Of(arguments), arguments.IsOn(RunSyntax.Quiet) ? "none" : RegistryOptionTable.ReadProgress(arguments));

    /// <summary>Where the image comes from when that is no registry.</summary>
    internal static ImageLocation? Location(ParsedArguments arguments) =>
        arguments.Positionals is [var image, ..] && ImageLocation.IsElsewhere(image) ? ImageLocation.Parse(image) : null;

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="ReferenceException">It cannot be understood.</exception>
    internal static RunRequest Request(ParsedArguments arguments, CommandContext context)
    {
        var positionals = arguments.Positionals;
        var detached = arguments.IsOn(RunSyntax.Detach);
        var name = arguments.Last(RunSyntax.Name) ?? (detached && positionals.Count > 0 ? DetachedStart.Name(context.Environment) ?? DetachedStart.NewName() : null);
        name = name is ['/', ..] ? name[1..] : name; // docker writes names so, and takes them
        if (positionals.Count == 0 && name is null)
        {
            throw new ReferenceException("cannot use 'orca run': IMAGE is missing", UsageError.SeeHelp(RunSyntax.Syntax));
        }

        if (arguments.IsOn(RunSyntax.Replace) && (name is null || positionals.Count == 0))
        {
            throw new ReferenceException("cannot use option '--replace': it needs '--name NAME' and IMAGE", UsageError.SeeHelp(RunSyntax.Syntax));
        }

        return new RunRequest
        {
            Image = positionals.Count == 0 || ImageLocation.IsElsewhere(positionals[0]) ? null : StoredImages.ToRun(context, positionals[0]),
            Name = name,
            Detached = detached,
            RemoveAfter = arguments.IsOn(RunSyntax.Remove),
            Pull = Policy(arguments.Last(RunSyntax.Pull)),
            Platform = RunSyntax.ReadPlatform(arguments),
            Replace = arguments.IsOn(RunSyntax.Replace),
            IdFile = arguments.Last(RunSyntax.IdFile),
            Descriptors = Descriptors(arguments.Last(RunSyntax.Preserve), context),
            Options = Options(arguments, context, positionals.Count < 2 ? [] : [.. positionals.Skip(1)]),
        };
    }

    /// <summary>What is asked for goes before what a service manager has left, as in podman.</summary>
    private static PassedDescriptors? Descriptors(string? text, CommandContext context)
    {
        if (text is null)
        {
            return PassedDescriptors.Listen(context.Environment.Find);
        }

        var passed = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new PassedDescriptors(count)
            : throw new ReferenceException($"cannot use option '--preserve-fds': '{Quoted.Text(text)}' is not a number of descriptors", UsageError.SeeHelp(RunSyntax.Syntax));
        passed.Check(); // before anything is pulled
        return count == 0 ? null : passed;
    }

    /// <summary>Returns the options, each concern's as its own syntax reads it.</summary>
    private static RunOptions Options(ParsedArguments arguments, CommandContext context, string[] command)
    {
        AcceptedSyntax.Note(arguments, context);
        LimitSyntax.Note(arguments, context);
        return new RunOptions
        {
            Process = ProcessSyntax.Read(arguments, context, command),
            Files = FileSyntax.Read(arguments, context),
            Network = NetworkSyntax.Read(arguments),
            Limits = LimitSyntax.Read(arguments),
            Security = SecuritySyntax.Read(arguments),
            Labels = LabelSyntax.Read(arguments, context),
        };
    }

    private static PullPolicy Policy(string? text) => text switch
    {
        null or "missing" => PullPolicy.Missing,
        "always" => PullPolicy.Always,
        "never" => PullPolicy.Never,
        _ => throw new ReferenceException($"cannot use option '--pull': '{Quoted.Text(text)}' is none of missing, always, never", UsageError.SeeHelp(RunSyntax.Syntax)),
    };
}
