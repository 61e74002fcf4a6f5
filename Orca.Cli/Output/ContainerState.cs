using System.Globalization;
using Orca.Core.Containers;

namespace Orca.Cli.Output;

/// <summary>A container's state in docker's words. It comes from the lock: what nobody holds does not run, whatever is written down.</summary>
internal static class ContainerState
{
    /// <summary>Returns <c>created</c>, <c>running</c> or <c>exited</c>.</summary>
    public static string Word(ContainerSummary container) => container.IsHeld ? "running" : container.Times is null ? "created" : "exited";

    /// <summary>Returns the state with its time, as <c>docker ps</c> shows it: <c>Up 3 minutes</c>, <c>Exited (0) 2 hours ago</c>.</summary>
    public static string Status(ContainerSummary container, DateTimeOffset now) => container switch
    {
        { IsHeld: true, Times: { Ended: null } times } => "Up " + Span(now - times.Started),
        { IsHeld: true, Kept: false } => "Up " + Span(now - container.Record.Created),
        { IsHeld: true } => "Up",
        { Times: null } => "Created",
        { Times.Ended: { } ended } => string.Create(CultureInfo.InvariantCulture, $"Exited ({container.Times.ExitCode}) {Span(now - ended)} ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"Exited ({RunTimes.Lost}) end unknown"),
    };

    /// <summary>Returns the exit status; 0 for a container that runs or never ran.</summary>
    public static int ExitCode(ContainerSummary container) => container.IsHeld || container.Times is null ? 0 : container.Times.ExitCode ?? RunTimes.Lost;

    /// <summary>Returns docker's word for the network.</summary>
    public static string Network(ContainerRecord record) => record.Options.Network.Mode == NamespaceMode.Own ? "none" : "host";

    /// <summary>Returns the command that a container was made with. Docker cuts it at 20 characters, too.</summary>
    public static string Command(ContainerRecord record, bool whole = false)
    {
        const int most = 19;
        var command = string.Join(' ', [.. record.Options.Process.Entrypoint ?? [], .. record.Options.Process.Command]);
        return whole || command.Length <= most ? command : command[..most] + "…";
    }

    private static string Span(TimeSpan time) => time.TotalSeconds switch
    {
        < 1 => "less than a second",
        < 60 => Some((int)time.TotalSeconds, "second"),
        < 3600 => Some((int)time.TotalMinutes, "minute"),
        < 86400 * 2.0 => Some((int)time.TotalHours, "hour"),
        < 86400 * 60.0 => Some((int)time.TotalDays, "day"),
        _ => Some((int)(time.TotalDays / 30), "month"),
    };

    private static string Some(int count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? string.Empty : "s")}");
}
