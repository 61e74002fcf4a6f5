using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>What the path inside of any mount must be.</summary>
public static class MountPath
{
    /// <summary>What lxcfs replaces below /proc: the only things that may be mounted there.</summary>
    public static IReadOnlySet<string> ReplaceableInProc { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime", "/proc/loadavg", "/proc/slabinfo",
        "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled",
    };

    /// <summary>The destination, when something may be mounted there.</summary>
    /// <param name="text">What was typed, for the error.</param>
    /// <param name="destination">The path inside.</param>
    /// <exception cref="ReferenceException">It is relative, the root itself, or in /proc.</exception>
    public static string Check(string text, string destination) => Problem(destination) is not { } problem ? destination : throw Wrong(
        text,
        !destination.StartsWith('/') ? $"the path inside, '{Quoted.Text(destination)}', does not start with '/'" : problem,
        CleanPath.IsAtOrBelow(CleanPath.Of(destination), "/proc") ? "the container's own programs read it; choose another place, such as '/host/proc'" : null);

    /// <summary>Why nothing can be mounted at a path; null when something can.</summary>
    public static string? Problem(string destination)
    {
        if (!destination.StartsWith('/'))
        {
            return "it is not an absolute path";
        }

        var clean = CleanPath.Of(destination);
        return clean == "/" ? "the path inside cannot be '/', the container's root"
            : CleanPath.IsAtOrBelow(clean, "/proc") && !ReplaceableInProc.Contains(clean) ? "nothing may cover /proc"
            : IsTooLong(clean) ? TooLong : null;
    }

    /// <summary>What is wrong with a path that <see cref="IsTooLong"/>.</summary>
    internal const string TooLong = "the path inside is too long: a name has at most 255 bytes, a path 4095";

    /// <summary>Whether Linux takes no path of this length, or with a name of this length.</summary>
    internal static bool IsTooLong(string path)
    {
        const int longestPath = 4095, longestName = 255;
        if (path.Length <= longestName)
        {
            return false;
        }

        var length = 0;
        foreach (var name in path.Split('/'))
        {
            var bytes = NativeText.Encode(name).Length;
            length += bytes + 1;
            if (bytes > longestName)
            {
                return true;
            }
        }

        return length - 1 > longestPath;
    }

    /// <summary>How many directories lie above the path: what is mounted later than its parent shows above it.</summary>
    public static int Depth(string destination) => CleanPath.Of(destination).AsSpan().Count('/');

    /// <summary>The error about one mount of the command line.</summary>
    public static ReferenceException Wrong(string text, string problem, string? hint = null) => new($"cannot mount '{Quoted.Text(text)}': {problem}", hint);

    /// <summary>Whether a word asks for mounts to be passed on, or kept from being mounted again (mount_namespaces(7)). <c>private</c> and <c>rprivate</c> are what is so anyway.</summary>
    public static bool IsPropagation(string word) => word is "shared" or "rshared" or "slave" or "rslave" or "unbindable" or "runbindable";

    /// <summary>The error about such a word.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="word">The word of it.</param>
    /// <param name="hint">What helps.</param>
    public static ReferenceException Propagation(string text, string word, string hint) =>
        Wrong(text, $"propagation '{word}' cannot be: mounts of this machine and of the container are kept apart", hint);
}
