using Orca.Core.Errors;
using Orca.Core.Host;

namespace Orca.Cli.Parsing;

/// <summary>Commands and options that orca does not have and that people know from Docker, podman and toolbox, with what replaces them.</summary>
internal static class DockerWords
{
    /// <summary>Returns the hint for a command; null when there is none.</summary>
    public static string? InsteadOfCommand(string name) => name switch
    {
        "build" or "buildx" => "orca reads no Dockerfiles: 'orca run --name NAME IMAGE' makes changes and 'orca commit NAME IMAGE' an image of them; 'orca load' takes what 'docker save' and 'podman save' write",
        "clean" or "gc" => "'orca prune' deletes what nothing refers to",
        "container" => "containers are listed by 'orca ps', removed by 'orca rm', run by 'orca run'",
        "delete" or "remove" => "'orca rm NAME' deletes a kept container with its changes, 'orca rmi IMAGE' an image",
        "enter" or "shell" => "'orca run --name NAME IMAGE' makes a kept container and starts its shell; 'orca run --name NAME' enters it again",
        "image" => "images are listed by 'orca images', removed by 'orca rmi', brought in by 'orca pull' and 'orca load'",
        "list" or "ls" => "'orca ps -a' lists containers, 'orca images' lists images",
        "network" => "containers use the host's network, or none: 'orca run --network none IMAGE'",
        "stats" => "'orca top NAME' lists the processes of a container; they are processes of this machine: see ps(1) and top(1)",
        "events" => "there is no daemon that could tell: 'orca wait NAME' returns when a container ends, 'orca ps -a' shows the states",
        _ => null,
    };

    /// <summary>Returns the hint for an option; null when there is none.</summary>
    public static string? InsteadOfOption(string name) => name switch
    {
        "-p" or "--publish" or "-P" or "--publish-all" => "leave the option out, and tell the program inside which port and address to open",
        "--gpus" => Gpus(),
        "--health-cmd" or "--health-interval" or "--health-retries" or "--health-timeout" or "--health-start-period" or "--health-on-failure" =>
            "there is no daemon that could look: a timer of systemd or cron can, with a command that fails when the container is ill",
        "--link" => "containers use the host's network: what another one opens is on 'localhost'",
        "--volumes-from" => "name the directories again, with -v",
        _ => null,
    };

    /// <summary>Returns the hint for graphics cards, with the device nodes that this machine has.</summary>
    private static string Gpus()
    {
        string[] nodes = [.. HostFileReader.ListDefault("/dev").Names.Where(static name => name is "dri" or "kfd" || name.StartsWith("nvidia", StringComparison.Ordinal)).Select(static name => "/dev/" + name)];
        return nodes.Length == 0 ? "leave the option out: this machine has no graphics device (/dev/dri, /dev/kfd, /dev/nvidia0)"
            : $"pass the devices one by one: {ShellWords.Join(nodes.SelectMany(static node => (string[])["--device", node]))}";
    }
}
