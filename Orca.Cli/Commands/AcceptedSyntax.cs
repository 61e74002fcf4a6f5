using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Host;

namespace Orca.Cli.Commands;

/// <summary>Options that command lines written for Docker or podman often have, and that orca can do without: they are taken, and where it matters a note says so.</summary>
/// <remarks>None of them makes a container safer where they work: what would is never passed over in silence.</remarks>
internal static class AcceptedSyntax
{
    private const string NoMetadata = "orca keeps no metadata of a container";
    private const string OwnLog = "a detached container has a log of orca's own, of at most 16 MiB";

    private static readonly Option s_restart = Take(null, "restart", "POLICY", string.Empty);
    private static readonly Option s_labelFile = Take(null, "label-file", "FILE", NoMetadata);

    public static readonly Option[] Options =
    [
        Take('l', "label", "NAME=VALUE", NoMetadata),
        s_labelFile,
        Take(null, "annotation", "NAME=VALUE", NoMetadata),
        Take(null, "expose", "PORT", "a port that is opened inside is open on the host"),
        Take(null, "group-add", "GROUP", "the container has one group; in files of the host the groups of the caller count"),
        Take(null, "log-driver", "DRIVER", OwnLog),
        Take(null, "log-opt", "OPTION", OwnLog),
        s_restart,
        Take(null, "no-healthcheck", null, string.Empty),
        Take(null, "detach-keys", "KEYS", string.Empty), // there are none, whatever is asked
        Take(null, "disable-content-trust", null, string.Empty),
        Take(null, "stop-timeout", "SECONDS", string.Empty),
        Take(null, "isolation", "KIND", string.Empty),
        Take(null, "network-alias", "NAME", "there is no network of containers that could know the name"),
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

        foreach (var file in arguments.All(s_labelFile))
        {
            if (HostFileReader.Problem(file) is { } problem)
            {
                throw new ReferenceException($"cannot read '{Quoted.Text(file)}': {problem}", "correct the path after '--label-file', or leave the option out");
            }
        }

        foreach (var given in arguments.Given.Where(static option => option.Note is { Length: > 0 }).GroupBy(static option => option.Note))
        {
            context.Note($"{string.Join(", ", given.Select(static option => "--" + option.Name).Distinct())} has no effect: {given.Key}");
        }
    }

    /// <summary>An option that is taken and does nothing; <paramref name="note"/> says why, where that matters.</summary>
    public static Option Take(char? letter, string name, string? value, string note) => new(letter, name, value, string.Empty) { Note = note };
}
