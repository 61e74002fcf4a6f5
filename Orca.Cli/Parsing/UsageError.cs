using Orca.Core.Errors;

namespace Orca.Cli.Parsing;

/// <summary>Creates the errors about command lines that cannot be parsed.</summary>
internal static class UsageError
{
    /// <summary>Returns the hint that names the help of a command.</summary>
    public static string SeeHelp(CommandSyntax syntax) => $"see '{syntax.Name} --help'";

    /// <summary>Returns the error about an unknown option, with the nearest known one as its hint.</summary>
    public static ReferenceException UnknownOption(CommandSyntax syntax, string name, string? bundle = null)
    {
#if FRONT
        Process.Handoff.ToFullBinary(); // which has the table of what is refused
#else
        if (RefusedOptions.Reason(syntax.Name[(syntax.Name.IndexOf(' ', StringComparison.Ordinal) + 1)..], LongName(name)) is { } reason)
        {
            return Refused(name, reason, LongName(name));
        }

#endif
        var within = bundle is null || bundle == name ? string.Empty : $" (in '{Quoted.Text(bundle)}')";
        var hint = DockerWords.InsteadOfOption(name) ?? (Nearest(syntax, name) is { } near ? $"did you mean '{near}'? {SeeHelp(syntax)}" : SeeHelp(syntax));
        return new ReferenceException($"cannot use option '{Quoted.Text(name)}'{within}: '{syntax.Name}' has no such option", hint);
    }

    /// <summary>Returns the error about an option or a value of one that docker or podman has and orca does not.</summary>
    public static ReferenceException Refused(string typed, string reason, string name) => new($"cannot use option '{Quoted.Text(typed)}': {reason}", RefusedOptions.Way(name));
#if !FRONT

    private static string LongName(string typed) => typed switch
    {
        "-c" => "cpu-shares",
        "-l" => "latest",
        "-a" => "all-tags",
        _ => typed.TrimStart('-'),
    };
#endif

    /// <summary>Returns the error about an unknown command, with its replacement or the nearest known one as its hint.</summary>
    public static ReferenceException UnknownCommand(string name, IEnumerable<string> commands) => new(
        NoSuchCommand(name),
        DockerWords.InsteadOfCommand(name) ?? (Suggestion.Nearest(name, commands) is { } near ? $"did you mean 'orca {near}'? see 'orca --help'" : "see 'orca --help'; to run an image, type 'orca run IMAGE'"));

    /// <summary>Returns the error about an unknown subcommand.</summary>
    public static ReferenceException UnknownCommand(string name, CommandSyntax parent, IEnumerable<string> commands) =>
        new(NoSuchCommand($"{parent.Name["orca ".Length..]} {name}"), Suggestion.Nearest(name, commands) is { } near ? $"did you mean '{parent.Name} {near}'? {SeeHelp(parent)}" : SeeHelp(parent));

    private static string NoSuchCommand(string name) => $"cannot use command '{Quoted.Text(name)}': there is no such command";

    private static string? Nearest(CommandSyntax syntax, string name)
    {
        if (name.Length < 3)
        {
            return null;
        }

        var names = new List<string>();
        foreach (var option in syntax.AllOptions)
        {
            if (!option.IsHidden)
            {
                names.Add(option.Name);
            }
        }

        return Suggestion.Nearest(name.TrimStart('-'), names) is { } near ? "--" + near : null;
    }
}
