using Orca.Core.Errors;

namespace Orca.Cli.Parsing;

/// <summary>The options of every command that may speak with a registry.</summary>
internal static class RegistryOptionTable
{
    public static readonly Option AuthFile = new(null, "authfile", "FILE", "Read logins from FILE only (default: those of docker and podman)");
    public static readonly Option ImageLimit = new(null, "image-limit", "NAME=N", "Allow an image more or less, as in 'size=200g'; names: 'orca pull --help'");
    public static readonly Option NoResume = new(null, "no-resume", null, "Write no compressed layers to the disk; a pull that is ended begins anew");
    public static readonly Option TlsVerify = new(null, "tls-verify", null, "Check who the registry is (default); =false allows plain http and any certificate");
    public static readonly Option Progress = new(null, "progress", "HOW", "Show the pull as 'auto' (default), 'tty', 'plain', 'json' or 'none'");

    /// <summary>All of them.</summary>
    public static readonly Option[] All = [AuthFile, ImageLimit, NoResume, Progress, TlsVerify];

    /// <summary>How a pull is shown.</summary>
    /// <exception cref="ReferenceException">It is none of the ways.</exception>
    public static string ReadProgress(ParsedArguments arguments) => arguments.Last(Progress) switch
    {
        null => "auto",
        "auto" or "tty" or "plain" or "json" or "none" => arguments.Last(Progress)!,
        var other => throw new ReferenceException($"cannot use option '--progress': '{Quoted.Text(other)}' is none of auto, tty, plain, json, none"),
    };
}
