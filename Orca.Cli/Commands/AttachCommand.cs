using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Commands;

/// <summary><c>orca attach</c>.</summary>
/// <remarks>
/// What the container prints comes from its log, so that a reader who is slow or stopped never holds the container up. What is typed goes to the keeper's socket. Leaving is
/// nothing but the end of this process: the container does not notice.
/// </remarks>
internal sealed class AttachCommand : Command
{
    private static readonly Option s_keys = new(null, "detach-keys", "KEYS", "Leave at these keys, as 'ctrl-p,ctrl-q', and let it run; by default no key leaves");
    private static readonly Option s_noInput = new(null, "no-stdin", null, "Pass nothing on");
    private static readonly Option s_proxy = new(null, "sig-proxy", null, "Pass signals on to the command (default); --sig-proxy=false: they end 'attach' alone");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca attach",
        Usage = ["[OPTIONS] NAME"],
        Summary = "Show what a detached container prints from now on, and type to it.",
        Argument = "NAME",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [s_keys, s_noInput, s_proxy],
        Remarks = """
            Typing needs a container that was made with -i, as 'orca run -dit'. The exit status is the command's, or 0 after the
            keys that leave. Whoever is attached never holds the container up.
            """,
        Examples = [("orca attach --detach-keys ctrl-p,ctrl-q work", "as in docker")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => ContainerFailure.Catch(context, () =>
    {
        var name = arguments.Positionals[0];
        var keys = arguments.Last(s_keys) is { Length: > 0 } text ? DetachKeys.Parse(text, s_syntax) : null;
        var store = context.Get<IContainerStore>();
        using var watch = store.Watch(name);
        if (!watch.IsHeld)
        {
            throw new StoreException($"cannot attach to container '{name}': it does not run", $"'orca start -ai {name}' starts it at this terminal");
        }

        using var log = new ContainerLog(store.OpenDirectory(name), atEnd: true);
        if (!log.Exists && !IsDetached(store, name))
        {
            throw new StoreException($"cannot attach to container '{name}': it runs at a terminal of its own, or in a program");
        }

        var record = store.FindRunning(name)?.Record;
        using var input = record?.Options.Process.Interactive == true && !arguments.IsOn(s_noInput) ? AttachedInput.Open(store.OpenDirectory(name), record.Options.Process.Terminal == true, keys) : null;
        using var signals = arguments.Switch(s_proxy) == false || (record?.Options.Process.Terminal == true && input is not null) ? null : new SignalProxy(number => TryKill(context, name, number));
        var printer = new LogPrinter(context, withTimes: false);
        for (int pause = 1, last = 0; last < 2;)
        {
            last = watch.IsHeld ? 0 : last + 1; // what was printed before the end is there by then
            if (input?.HasLeft == true)
            {
                return 0;
            }

            var any = false;
            while (log.TryRead(out var record2))
            {
                any = true;
                printer.Print(record2);
            }

            pause = any || input?.TakeActivity() == true ? 1 : Math.Min(pause + 1, 30);
            if (last == 0)
            {
                Thread.Sleep(pause);
            }
        }

        return watch.Times is { } times ? times.ExitCode ?? RunTimes.Lost : 0;
    });

    private static bool IsDetached(IContainerStore store, string name)
    {
        using var directory = store.OpenDirectory(name);
        return FileSystem.TryStatus(directory, PathZ.OfTerminated("input\0"u8), out _) == Errno.None || store.Look(name) is { Kept: true };
    }

    private static void TryKill(CommandContext context, string name, int number)
    {
        if (Core.Sandbox.Signal.TryParse(number.ToString(System.Globalization.CultureInfo.InvariantCulture), out var signal))
        {
            try
            {
                StopCommand.Control(context).Kill(name, signal, CancellationToken.None);
            }
            catch (StoreException)
            {
                // It has ended meanwhile.
            }
        }
    }
}
