using System.Globalization;
using Orca.Core.Host;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Reads from the kernel who listens on a port of this machine.</summary>
/// <remarks>Source: proc_net(5), <c>tcp</c> and <c>tcp6</c>: local address and port in hexadecimal, state 0A for listening, user id.</remarks>
internal static class PortOwners
{
    private const int MaxTable = 64 << 20;
    private const uint FirstPerson = 1000; // below are accounts that the administrator made for services (login.defs(5), UID_MIN)

    /// <summary>Why a login should not go to a port of this machine in the clear; null when root, a service's account or the user himself listens there, and nobody else.</summary>
    internal static string? Problem(int port, uint user, string tables = "/proc/self/net")
    {
        var found = false;
        foreach (var table in (ReadOnlySpan<string>)["tcp", "tcp6"])
        {
            foreach (var owner in Listeners(Path.Combine(tables, table), port))
            {
                if (owner >= FirstPerson && owner != user)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"another user of this machine (id {owner}) listens on port {port}");
                }

                found = true;
            }
        }

        return found ? null : string.Create(CultureInfo.InvariantCulture, $"the connection is not encrypted, and it cannot be seen who listens on port {port}");
    }

    private static IEnumerable<uint> Listeners(string path, int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in HostFileReader.ReadDefault(path, MaxTable).Text.Split('\n'))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 7 && fields[1].EndsWith(suffix, StringComparison.Ordinal) && fields[3] == "0A"
                && uint.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var owner))
            {
                yield return owner;
            }
        }
    }
}
