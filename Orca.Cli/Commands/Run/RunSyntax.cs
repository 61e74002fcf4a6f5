using Orca.Cli.Parsing;

namespace Orca.Cli.Commands.Run;

/// <summary>How <c>orca run</c> is typed.</summary>
internal static class RunSyntax
{
    public static readonly Option Detach = new('d', "detach", null, "Leave it running and print its name; 'orca logs NAME' shows what it prints");
    public static readonly Option IdFile = new(null, "cidfile", "FILE", "Write the container's name to a new file");
    public static readonly Option JsonStatus = new(null, "json-status-fd", "N", "Write process id, namespaces and exit status to descriptor N, a JSON object a line");
    public static readonly Option Name = new(null, "name", "NAME", "Keep the container and its changes; the same NAME re-enters it");
    public static readonly Option PidFile = new(null, "pidfile", "FILE", "Write the process id of the container's first process to FILE");
    public static readonly Option Platform = new(null, "platform", "OS/ARCH", "Pull for this platform instead of the machine's");
    public static readonly Option Preserve = new(null, "preserve-fds", "N", "Pass N descriptors on, from 3; sockets of systemd ($LISTEN_FDS) are passed on as they are");
    public static readonly Option Pull = new(null, "pull", "WHEN", "Pull the image: 'missing' (default), 'always' or 'never'");
    public static readonly Option Quiet = new('q', "quiet", null, "Do not show how the pull goes");
    public static readonly Option Remove = new(null, "rm", null, "Remove a named container after the run; one without a name always goes");

    public static readonly CommandSyntax Syntax = new()
    {
        Name = "orca run",
        Usage = ["[OPTIONS] IMAGE [COMMAND [ARGUMENT...]]", "[OPTIONS] --name NAME"],
        Summary = "Run a command in a container of an image; pull the image when it is missing.",
        Argument = "IMAGE",
        Options = [IdFile, Detach, JsonStatus, Name, PidFile, Platform, Preserve, Pull, Quiet, Remove],
        Groups =
        [
            ("Command", ProcessSyntax.Options), ("Files", FileSyntax.Options), ("Network and names", NetworkSyntax.Options), ("Limits", LimitSyntax.Options),
            ("Isolation", SecuritySyntax.Options), ("Registries", RegistryOptionTable.All), ("Accepted", AcceptedSyntax.Options),
        ],
        Remarks = """
            With neither -i nor -t, the command gets a terminal where standard input, output and error are one;
            else standard input is passed on unless it is a terminal, whose keys stay the shell's or a pager's.
            The exit status is the command's own; 128+n when signal n ended it; 127 when it was not found, 126 when it
            could not be run, 125 when orca failed.
            A detached container is kept, unless --rm is given. It outlives the login where logind lets it (KillUserProcesses=no,
            the usual); else start it with 'systemd-run --user --scope orca run -d ...' after 'loginctl enable-linger'.
            """,
        Examples =
        [
            ("orca run alpine", "a shell; nothing is left behind"),
            ("orca run --name work debian", "a shell whose changes stay under the name 'work'"),
            ("orca run --name work", "back into it"),
            ("orca run -d --name web IMAGE", "in the background; 'orca stop web' ends it"),
            ("orca run -v ./src:/src:ro -w /src gcc make -n", "with a directory of the host"),
            ("orca run -e CI=1 --entrypoint sh IMAGE -c 'env'", "another program than the image's"),
        ],
    };
}
