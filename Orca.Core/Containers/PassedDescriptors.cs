using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Descriptors of this process, from 3 on, that the command gets under the same numbers.</summary>
/// <param name="Count">How many; all of them must be open, and not close-on-exec. This process keeps its own copies.</param>
public sealed record PassedDescriptors(int Count)
{
    /// <summary>The first number; those below are the standard streams.</summary>
    public const int First = 3;

    /// <summary>True: they are sockets of a service manager (sd_listen_fds(3)), and the command gets the variables that say so. Not with the host's processes, where its id is not known beforehand.</summary>
    public bool Listening { get; init; }

    /// <summary>The names of the sockets, as in <c>LISTEN_FDNAMES</c>; null for none.</summary>
    public string? Names { get; init; }

    /// <summary>Throws when one of them cannot be passed.</summary>
    /// <remarks>A descriptor that is close-on-exec is one that this program has opened itself. From a directory '..' would lead to all of the host (CVE-2024-21626).</remarks>
    /// <exception cref="SandboxException">One is not open, was not given by the caller, or is a directory.</exception>
    public void Check()
    {
        for (var number = First; number < First + Count; number++)
        {
            if (!Kernel.IsInherited(number))
            {
                throw new SandboxException($"cannot pass descriptor {number} to the container: it is not open", $"open it with '{number}<FILE', or ask for fewer");
            }

            using var fd = Fd.Borrow(number);
            if (FileSystem.TryStatus(fd, out var status) == Errno.None && status.IsDirectory)
            {
                throw new SandboxException($"cannot pass descriptor {number} to the container: it is a directory, through which all of the host could be reached", "show it inside with '-v DIR:DIR'");
            }
        }
    }

    /// <summary>What the caller's variables say: sockets that are for this process (sd_listen_fds(3)); null for none.</summary>
    public static PassedDescriptors? Listen(Func<string, string?> variable) =>
        int.TryParse(variable("LISTEN_PID"), out var process) && process == Environment.ProcessId && int.TryParse(variable("LISTEN_FDS"), out var count) && count > 0
            ? new PassedDescriptors(count) { Listening = true, Names = variable("LISTEN_FDNAMES") } : null;

    /// <summary>The variables for the command.</summary>
    internal IEnumerable<string> Variables(bool hasInit)
    {
        if (Listening)
        {
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"LISTEN_FDS={Count}");
            yield return hasInit ? "LISTEN_PID=2" : "LISTEN_PID=1"; // the first that the init starts
            if (Names is not null)
            {
                yield return "LISTEN_FDNAMES=" + Names;
            }
        }
    }
}
