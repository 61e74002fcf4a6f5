using Orca.Cli.Parsing;

namespace Orca.Cli.Commands.Run;

/// <summary>How <c>orca run</c> is typed.</summary>
internal static class RunSyntax
{
    public static readonly Option Detach = new('d', "detach", null, "Leave it running and print its name; 'orca logs NAME' shows what it prints");
    public static readonly Option Architecture = new(null, "arch", "ARCH", "Pull for this architecture, as '--platform linux/ARCH'");
    public static readonly Option IdFile = new(null, "cidfile", "FILE", "Write the container's name to a new file");
    public static readonly Option JsonStatus = new(null, "json-status-fd", "N", "Write process id, namespaces and exit status to descriptor N, a JSON object a line");
    public static readonly Option Name = new(null, "name", "NAME", "Keep the container and its changes; the same NAME re-enters it");
    public static readonly Option OperatingSystem = new(null, "os", "OS", "Pull for this system; only linux runs here");
    public static readonly Option PidFile = new(null, "pidfile", "FILE", "Write the process id of the container's first process to FILE");
    public static readonly Option Platform = new(null, "platform", "OS/ARCH", "Pull for this platform instead of the machine's");
    public static readonly Option Preserve = new(null, "preserve-fds", "N", "Pass N descriptors on, from 3; sockets of systemd ($LISTEN_FDS) are passed on as they are");
    public static readonly Option Pull = new(null, "pull", "WHEN", "Pull the image: 'missing' (default), 'always' or 'never'");
    public static readonly Option Quiet = new('q', "quiet", null, "Do not show how the pull goes");
    public static readonly Option Replace = new(null, "replace", null, "Remove the container of this name first, with its changes");
    public static readonly Option Remove = new(null, "rm", null, "Remove a named container after the run; one without a name always goes");

    public static readonly Option Variant = new(null, "variant", "VARIANT", "Pull for this variant of the architecture, such as v7 of arm");

    public static readonly CommandSyntax Syntax = new()
    {
        Name = "orca run",
        Usage = ["[OPTIONS] IMAGE [COMMAND [ARGUMENT...]]", "[OPTIONS] --name NAME"],
        Summary = "Run a command in a container of an image; pull the image when it is missing.",
        Argument = "IMAGE",
        Options = [Architecture, IdFile, Detach, JsonStatus, LabelSyntax.Label, LabelSyntax.LabelFile, Name, OperatingSystem, PidFile, Platform, Preserve, Pull, Quiet, Replace, Remove, Variant],
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

    /// <summary>Returns the platform that is asked for, in docker's word or in podman's three; null for the machine's.</summary>
    /// <exception cref="Orca.Core.Errors.ReferenceException">It is none that can run here.</exception>
    public static Orca.Core.References.Platform? ReadPlatform(ParsedArguments arguments)
    {
        if (arguments.Last(Platform) is { } platform)
        {
            return Orca.Core.References.Platform.Parse(platform);
        }

        var (system, architecture, variant) = (arguments.Last(OperatingSystem), arguments.Last(Architecture), arguments.Last(Variant));
        return system is null && architecture is null && variant is null ? null
            : Orca.Core.References.Platform.Parse($"{system ?? "linux"}/{architecture ?? Orca.Core.References.Platform.Current.Architecture}{(variant is null ? string.Empty : "/" + variant)}");
    }
}
