namespace Orca.Cli.Commands;

/// <summary>Docker's and podman's long forms: <c>container ls</c> is <c>ps</c>, <c>image rm</c> is <c>rmi</c>.</summary>
internal static class LongForms
{
    /// <summary>Returns the command that two words stand for, with what goes before its arguments; null when they are no long form of a command that orca has.</summary>
    /// <param name="group">The first word.</param>
    /// <param name="word">The second one.</param>
    public static string[]? Find(string group, string word) => (group, word) switch
    {
        ("container", "ls" or "list" or "ps") => Known("ps"),
        ("container", "inspect") => Known("inspect", "--type=container"),
        ("container", "run" or "create" or "start" or "stop" or "kill" or "restart" or "rm" or "attach" or "logs" or "wait" or "top" or "diff" or "rename" or "exec" or "cp" or "export" or "commit") => Known(word),
        ("image", "ls" or "list") => Known("images"),
        ("image", "rm" or "remove") => Known("rmi"),
        ("image", "inspect") => Known("inspect", "--type=image"),
        ("image", "pull" or "push" or "load" or "save" or "import" or "history" or "tag" or "untag" or "search") => Known(word),
        ("image", "prune") => Known("prune"),
        ("system", "info" or "version") => Known(word),
        _ => null,
    };

    private static string[]? Known(params string[] command) => Array.IndexOf(CommandTable.Names, command[0]) < 0 ? null : command;
}
