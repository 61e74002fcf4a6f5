using System.Globalization;
using System.Text;
using Orca.Core.Errors;

namespace Orca.Core.Containers;

/// <summary>Whom a command runs as: ids, and the home directory that passwd(5) names.</summary>
/// <param name="Uid">User id inside the container.</param>
/// <param name="Gid">Group id inside the container.</param>
/// <param name="Home">Home directory; null when the user has no entry.</param>
public sealed record Account(uint Uid, uint Gid, string? Home)
{
    private const long MaxId = int.MaxValue;
    private const int MaxGroups = 1024; // beyond what any user is in; the kernel takes 65536

    /// <summary>The groups that group(5) lists the user in, besides <see cref="Gid"/>; none when a group was given by name or number, as in Docker.</summary>
    public IReadOnlyList<uint> Groups { get; init; } = [];

    /// <summary>Finds <c>user</c>, <c>uid</c>, <c>user:group</c>, <c>uid:gid</c>, ... in the container's own passwd(5) and group(5).</summary>
    /// <param name="user">What the image or the command line says; null or empty means root.</param>
    /// <param name="passwd">The bytes of /etc/passwd; null when there is none.</param>
    /// <param name="group">The bytes of /etc/group; null when there is none.</param>
    /// <remarks>
    /// As Docker does: a name is looked up first, then read as a number. Numbers go from 0 to 2147483647 (CVE-2024-40635: a larger one
    /// wrapped to root elsewhere). The files are the image's: lines that are no entries are passed over.
    /// </remarks>
    /// <exception cref="SandboxException">No such user or group, or a number out of range.</exception>
    public static Account Find(string? user, ReadOnlySpan<byte> passwd, ReadOnlySpan<byte> group)
    {
        var text = string.IsNullOrEmpty(user) ? "0" : user;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, groupName) = colon < 0 ? (text, string.Empty) : (text[..colon], text[(colon + 1)..]);
        if (groupName.Contains(':', StringComparison.Ordinal))
        {
            throw new SandboxException($"cannot run as '{Quoted.Text(text)}': it is not 'user' or 'user:group'");
        }

        if (name.Length == 0)
        {
            name = "0";
        }

        var entry = FindEntry(passwd, name, fields: 7);
        var uid = entry is null ? ParseId(name, text, "user") : ReadId(entry[2], text);
        var gid = groupName.Length > 0 ? FindGroup(group, groupName, text) : entry is null ? 0 : ReadId(entry[3], text);
        return new Account(uid, gid, entry is { Length: >= 6 } && entry[5].Length > 0 ? entry[5] : null)
        {
            Groups = groupName.Length > 0 || entry is null ? [] : GroupsOf(group, entry[0], gid),
        };
    }

    private static uint[] GroupsOf(ReadOnlySpan<byte> file, string name, uint primary)
    {
        var groups = new List<uint>();
        foreach (var range in file.Split((byte)'\n'))
        {
            var line = file[range];
            if (groups.Count < MaxGroups && !line.IsEmpty && line[0] is not ((byte)'#' or (byte)'+' or (byte)'-')
                && Encoding.UTF8.GetString(line).Split(':', 4) is { Length: 4 } entry && entry[3].Split(',').Contains(name)
                && IsId(entry[2]) && uint.TryParse(entry[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= MaxId && id != primary && !groups.Contains(id))
            {
                groups.Add(id);
            }
        }

        return [.. groups];
    }

    private static uint FindGroup(ReadOnlySpan<byte> group, string name, string text) =>
        FindEntry(group, name, fields: 4) is { } entry ? ReadId(entry[2], text) : ParseId(name, text, "group");

    /// <summary>The first entry of this name; else, for a number, the first with this id.</summary>
    private static string[]? FindEntry(ReadOnlySpan<byte> file, string name, int fields)
    {
        string[]? byId = null;
        foreach (var range in file.Split((byte)'\n'))
        {
            var line = file[range];
            if (line.IsEmpty || line[0] is (byte)'#' or (byte)'+' or (byte)'-')
            {
                continue;
            }

            var entry = Encoding.UTF8.GetString(line).Split(':', fields);
            if (entry.Length < 3 || !IsId(entry[2]) || (fields == 7 && (entry.Length < 4 || !IsId(entry[3]))))
            {
                continue;
            }

            if (entry[0] == name)
            {
                return entry;
            }

            if (byId is null && entry[2] == name)
            {
                byId = entry;
            }
        }

        return byId;
    }

    private static bool IsId(string text) => text.Length is > 0 and <= 10 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static uint ParseId(string name, string text, string kind) => name.AsSpan().ContainsAnyExceptInRange('0', '9')
        ? throw new SandboxException(
            $"cannot run as '{Quoted.Text(text)}': the container has no {kind} '{Quoted.Text(name)}'", "give a number, or a name that its /etc/passwd and /etc/group have")
        : ReadId(name, text);

    private static uint ReadId(string digits, string text) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= MaxId
            ? (uint)id
            : throw new SandboxException($"cannot run as '{Quoted.Text(text)}': ids go from 0 to {MaxId}");
}
