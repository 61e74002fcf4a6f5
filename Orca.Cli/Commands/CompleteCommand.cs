using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;

namespace Orca.Cli.Commands;

/// <summary><c>orca __complete WORDS...</c>: prints what the last word can become, one a line. Shells ask it; help does not list it.</summary>
internal static class CompleteCommand
{
    private static readonly string[] s_ofImages = ["run", "create", "plan", "rmi", "save", "pull", "images", "history", "tag", "untag", "push"];
    private static readonly string[] s_ofContainers = ["rm", "start", "stop", "restart", "kill", "wait", "logs", "attach", "top", "diff", "snapshot", "undo", "restore", "branch", "rename", "exec", "export", "commit", "unit", "cp"];

    /// <summary>Prints the candidates for the last of the words.</summary>
    public static int Print(IReadOnlyList<string> words, CommandContext context)
    {
        var current = words.Count == 0 ? string.Empty : words[^1];
        foreach (var candidate in Candidates([.. words.SkipLast(1)], current, context).Distinct().Order(StringComparer.Ordinal))
        {
            if (candidate.StartsWith(current, StringComparison.Ordinal) && !candidate.AsSpan().ContainsAnyInRange('\0', ' '))
            {
                context.Out.Write(candidate + "\n");
            }
        }

        return 0;
    }

    private static IEnumerable<string> Candidates(List<string> before, string current, CommandContext context)
    {
        before = [.. before.SkipWhile(static word => word.StartsWith('-'))];
        if (before.Count == 0)
        {
            return current.StartsWith('-') ? Options(RootSyntax.Syntax) : CommandTable.Names.Concat(["container", "image"]);
        }

        var name = before[0];
        if (before.Count == 1 && name is "container" or "image" && !current.StartsWith('-'))
        {
            return Words(name);
        }

        if (name is "container" or "image" && before.Count > 1 && LongForms.Find(name, before[1]) is { } form)
        {
            (name, before) = (form[0], before[1..]);
        }

        if (before.Count == 1 && name is "system" or "volume")
        {
            return name == "system" ? SystemCommand.Names : VolumeCommand.Names;
        }

        if (Array.IndexOf(CommandTable.Names, name) < 0)
        {
            return [];
        }

        var syntax = name == "system" && SystemCommand.Names.Contains(before[1]) ? SystemCommand.Find(before[1]).Syntax
            : name == "volume" && VolumeCommand.Names.Contains(before[1]) ? VolumeCommand.Find(before[1]).Syntax : CommandTable.Find(name).Syntax;
        return current.StartsWith('-') ? Options(syntax)
            : OptionOf(syntax, before[^1]) is { } option ? Values(option, context)
            : IsForTheContainer(syntax, before) ? []
            : name == "help" ? CommandTable.Names
            : name == "completion" ? ["bash", "zsh", "fish"]
            : name == "inspect" ? Images(context).Concat(Containers(context))
            : s_ofImages.Contains(name) ? Images(context)
            : s_ofContainers.Contains(name) ? Containers(context) : [];
    }

    private static IEnumerable<string> Words(string group) => (group == "image" ? (string[])["ls", "rm", "inspect", "pull", "push", "load", "save", "import", "history", "tag", "untag", "prune", "exists"]
        : ["ls", "inspect", "run", "create", "start", "stop", "kill", "restart", "rm", "attach", "logs", "wait", "top", "diff", "rename", "exec", "cp", "export", "commit", "exists"])
        .Where(word => word == "exists" || LongForms.Find(group, word) is not null);

    private static IEnumerable<string> Options(CommandSyntax syntax) => syntax.AllOptions.Where(static option => !option.IsHidden).Select(static option => "--" + option.Name);

    /// <summary>The option whose value the next word is; null when it is none.</summary>
    private static Option? OptionOf(CommandSyntax syntax, string word)
    {
        var option = word.StartsWith("--", StringComparison.Ordinal) && !word.Contains('=', StringComparison.Ordinal) ? syntax.Find(word.AsSpan(2))
            : word is ['-', _] ? syntax.Find(word[1]) : null;
        return option is { IsSwitch: false, Otherwise: null } ? option : null;
    }

    /// <summary>After the image's name the words are the container's.</summary>
    private static bool IsForTheContainer(CommandSyntax syntax, List<string> before)
    {
        for (var i = 1; !syntax.Interspersed && i < before.Count; i++)
        {
            if (!before[i].StartsWith('-') && OptionOf(syntax, before[i - 1]) is null)
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> Values(Option option, CommandContext context) => option.Name switch
    {
        "network" => ["host", "none"],
        "pull" or "policy" => ["always", "missing", "never"],
        "progress" => ["auto", "json", "none", "plain", "tty"],
        "userns" => UserNamespaceWords.All.Split(", "),
        "name" => Containers(context),
        "platform" => ["linux/amd64", "linux/arm64"],
        "format" => ["json", "table"],
        "ipc" => ["host", "none", "private"],
        "pid" or "uts" => ["host", "private"],
        _ => [],
    };

    private static List<string> Images(CommandContext context) => Found(() => context.Get<IImageStore>().List().SelectMany(static image => image.References).Select(static reference => reference.Familiar));

    private static List<string> Containers(CommandContext context) => Found(() => context.Get<IContainerStore>().List().Select(static container => container.Record.Name));

    /// <summary>A store that cannot be read completes nothing, and says so when a command is run.</summary>
    private static List<string> Found(Func<IEnumerable<string>> find)
    {
        try
        {
            return [.. find()];
        }
        catch (OrcaException)
        {
            return [];
        }
    }
}
