using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary>Options that command lines written for Docker or podman often have, and that orca can do without: they are taken, and where it matters a note says so.</summary>
/// <remarks>None of them makes a container safer where they work: what would is never passed over in silence.</remarks>
internal static class AcceptedSyntax
{
    private const string NoMetadata = "orca keeps labels of a container, and no annotations";
    private const string Ports = "a port that is opened inside is open on the host, or nowhere with '--network none'";
    private const string OwnLog = "a detached container has a log of orca's own, of at most 16 MiB";

    private static readonly Option s_restart = Take(null, "restart", "POLICY", string.Empty);
    private static readonly Option s_publish = Take('p', "publish", "PORTS", Ports);

    /// <summary>How often a pull is tried again: orca decides that by what failed.</summary>
    public static readonly Option[] Retries =
    [
        Take(null, "retry", "NUMBER", "a pull is tried again as long as that makes sense, after a time that grows"),
        Take(null, "retry-delay", "TIME", "a pull is tried again as long as that makes sense, after a time that grows"),
    ];

    public static readonly Option[] Options =
    [
        Take(null, "annotation", "NAME=VALUE", NoMetadata),
        Take(null, "expose", "PORT", Ports),
        Take(null, "group-add", "GROUP", "the container has one group; in files of the host the groups of the caller count"),
        Take(null, "log-driver", "DRIVER", OwnLog),
        Take(null, "log-opt", "OPTION", OwnLog),
        s_restart,
        Take(null, "no-healthcheck", null, string.Empty),
        Take(null, "detach-keys", "KEYS", string.Empty), // 'orca run' has none; 'orca attach' has its own option
        Take(null, "disable-content-trust", null, string.Empty),
        Take(null, "stop-timeout", "SECONDS", string.Empty),
        Take(null, "isolation", "KIND", string.Empty),
        Take(null, "network-alias", "NAME", "there is no network of containers that could know the name"),
        s_publish,
        Take('P', "publish-all", null, Ports),
        Neutral('a', "attach", "STREAM", "stdin,stdout,stderr"),
        Neutral(null, "cgroupns", "WHOSE", "private"),
        Neutral(null, "cgroups", "HOW", "enabled,no-conmon,split"),
        Neutral(null, "image-volume", "HOW", "anonymous,bind,ignore"),
        Neutral(null, "kernel-memory", "SIZE", "0"),
        Neutral(null, "memory-swappiness", "NUMBER", "-1"),
        Neutral(null, "oom-kill-disable", null, "false"),
        Neutral(null, "passwd", null, "true"),
        Neutral(null, "personality", "NAME", "LINUX"),
        Neutral(null, "sdnotify", "HOW", "ignore"),
        Neutral(null, "sig-proxy", null, "true"),
        Neutral(null, "systemd", "HOW", "false,true"),
        Neutral(null, "seccomp-policy", "HOW", "default"),
        Take(null, "no-hostname", null, "the container's host name is in its /etc/hostname and /etc/hosts"),
        .. Retries,
    ];

    /// <summary>Says once what has no effect.</summary>
    /// <exception cref="ReferenceException">A file that is named is not there.</exception>
    public static void Note(ParsedArguments arguments, CommandContext context)
    {
        if (arguments.Last(s_restart) is not (null or "" or "no") and { } policy)
        {
            throw new ReferenceException(
                $"cannot use '--restart {Quoted.Text(policy)}': there is no daemon that could start the container again",
                "systemd can: leave the option out, and 'orca unit NAME' prints a unit for a container that has a name");
        }

        foreach (var ports in arguments.All(s_publish))
        {
            RequireEqual(ports);
        }

        foreach (var option in arguments.Given.Where(static option => option.Neutral is not null).Distinct())
        {
            RequireNeutral(option, arguments.All(option));
        }

        NoteGiven(arguments, context);
    }

    /// <summary>Says of each option that is taken and does nothing why it does nothing.</summary>
    public static void NoteGiven(ParsedArguments arguments, CommandContext context)
    {
        foreach (var given in arguments.Given.Where(static option => option.Note is { Length: > 0 }).GroupBy(static option => option.Note))
        {
            context.Note($"{string.Join(", ", given.Select(static option => "--" + option.Name).Distinct())} has no effect: {given.Key}");
        }
    }

    /// <summary>An option of which some values ask for what is so in any case.</summary>
    private static Option Neutral(char? letter, string name, string? value, string values) => new(letter, name, value, string.Empty) { Note = string.Empty, Neutral = values };

    /// <exception cref="ReferenceException">A value asks for something else.</exception>
    private static void RequireNeutral(Option option, List<string> values)
    {
        foreach (var value in values)
        {
            if (!option.Neutral!.Split(',').Contains(value, StringComparer.OrdinalIgnoreCase))
            {
#if FRONT
                Process.Handoff.ToFullBinary(); // which has the table of what is refused
#else
                throw UsageError.Refused($"--{option.Name}={value}", RefusedOptions.Reason("run", option.Name)!, option.Name);
#endif
            }
        }
    }

    /// <summary>On the host's network each port has the same number inside and outside, and the address that the program takes.</summary>
    /// <exception cref="ReferenceException">Another number or address is asked for: who believed it would be wrong about who reaches the container.</exception>
    private static void RequireEqual(string ports)
    {
        var text = ports[..(ports.LastIndexOf('/') is >= 0 and var slash ? slash : ports.Length)];
        var parts = text.Split(':');
        if (parts.Length > 2 || (parts.Length == 2 && parts[0] != parts[1] && parts[0].Length > 0))
        {
#if FRONT
            Process.Handoff.ToFullBinary(); // which has the table of what is refused
#else
            throw UsageError.Refused($"-p {ports}", RefusedOptions.Reason("run", "publish")!, "publish");
#endif
        }
    }

    /// <summary>An option that is taken and does nothing; <paramref name="note"/> says why, where that matters.</summary>
    public static Option Take(char? letter, string name, string? value, string note) => new(letter, name, value, string.Empty) { Note = note };
}
