using Orca.Cli.Commands.Run;

namespace Orca.Cli.Commands;

/// <summary>All commands by name; each is made only when it is wanted.</summary>
internal static class CommandTable
{
    /// <summary>The names, in the order help lists them.</summary>
    public static readonly string[] Names = ["run", "create", "exec", "plan", "pull", "load", "import", "save", "export", "commit", "push", "images", "history", "tag", "untag", "rmi", "ps", "start", "stop", "restart", "kill", "wait", "logs", "attach", "top", "inspect", "diff", "snapshot", "undo", "restore", "branch", "cp", "rename", "rm", "volume", "unit", "system", "prune", "login", "logout", "hello", "doctor", "info", "completion", "man", "version", "help"];

    /// <summary>The command of this name.</summary>
    /// <exception cref="Core.Errors.ReferenceException">There is none.</exception>
    public static Command Find(string name) => name switch
    {
        "run" => new RunCommand(),
        "exec" => new ExecCommand(),
        "images" => new ImagesCommand(),
        "rmi" => new RemoveImageCommand(),
        "ps" => new PsCommand(),
        "start" => new StartCommand(),
        "stop" => new StopCommand(),
        "kill" => new KillCommand(),
        "wait" => new WaitCommand(),
        "logs" => new LogsCommand(),
        "restart" => new RestartCommand(),
        "rm" => new RemoveCommand(),
        "version" => new VersionCommand(),
        "help" => new HelpCommand(),
#if FRONT
        _ => Elsewhere(),
#else
        "create" => new CreateCommand(),
        "rename" => new RenameCommand(),
        "volume" => new VolumeCommand(),
        "diff" => new DiffCommand(),
        "cp" => new CopyCommand(),
        "snapshot" => new SnapshotCommand(),
        "history" => new HistoryCommand(),
        "undo" => new UndoCommand(),
        "restore" => new RestoreCommand(),
        "branch" => new BranchCommand(),
        "unit" => new UnitCommand(),
        "top" => new TopCommand(),
        "attach" => new AttachCommand(),
        "inspect" => new InspectCommand(),
        "pull" => new PullCommand(),
        "load" => new LoadCommand(),
        "import" => new ImportCommand(),
        "save" => new SaveCommand(),
        "export" => new ExportCommand(),
        "commit" => new CommitCommand(),
        "push" => new PushCommand(),
        "tag" => new TagCommand(),
        "untag" => new UntagCommand(),
        "login" => new LoginCommand(),
        "logout" => new LogoutCommand(),
        "hello" => new HelloCommand(),
        "plan" => new PlanCommand(),
        "doctor" => new DoctorCommand(),
        "info" => new InfoCommand(),
        "completion" => new CompletionCommand(),
        "man" => new ManCommand(),
        "system" => new SystemCommand(),
        "prune" => new PruneCommand("orca prune"),
        _ => throw Parsing.UsageError.UnknownCommand(name, Names),
#endif
    };
#if FRONT

    private static Command Elsewhere()
    {
        Process.Handoff.ToFullBinary();
        return null;
    }
#endif
}
