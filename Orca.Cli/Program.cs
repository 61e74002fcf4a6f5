using Orca.Cli;
using Orca.Cli.Commands;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Cli.Process;
using Orca.Cli.Start;
using Orca.Core.Linux;

ProcessStart.Done();
StandardStreams.EnsureOpen();
if (CurrentUser.IsElevated)
{
    StandardOutput.Messages.Write("orca: cannot run: the program is set-uid, set-gid or has file capabilities\nhint: orca needs no rights of its own; take them away with 'chmod a-s' or 'setcap -r'\n");
    return ErrorReport.Failed;
}

var environment = new HostEnvironment(ProcessImage.Variables);
var files = new NamedFiles(environment);
using var context = new CommandContext
{
    Out = StandardOutput.Results,
    Error = StandardOutput.Messages,
    Environment = environment,
    Files = files,
    Compose = Composition.Compose,
    Restart = image => Handoff.ToLauncher(image, files),
#if !FRONT
    Input = new TerminalInput(),
#endif
};
return CommandLine.Run(RawArguments.Restore(args, ProcessImage.Arguments), context);
