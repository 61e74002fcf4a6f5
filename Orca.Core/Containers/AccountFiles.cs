using System.Globalization;
using System.Text;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>Gives the command's user and group an entry in the container's own passwd(5) and group(5), where the image knows only their numbers.</summary>
/// <remarks>
/// Without one, whoami(1), ssh(1), Python's getpass and node's os.userInfo fail. podman adds the same lines, by mounts; here they are written into the container's
/// layer, since a mount point cannot be renamed over: useradd(8) and every package that adds a user replace these files. The image's own files stay as
/// they are, and a kept container finds its line again. An image without the file has nobody who would read it, and gets none.
/// </remarks>
internal static class AccountFiles
{
    internal const string Passwd = "/etc/passwd";
    internal const string Group = "/etc/group";

    private const string Nowhere = "/";
    private const string About = "container user"; // as podman has it
    private const int MaxName = 256; // LOGIN_NAME_MAX

    /// <summary>The home directory that the user's new entry names; null when it gets none.</summary>
    internal static string? HomeOf(Account account, MountLayout layout, Surroundings surroundings) => !NeedsUser(account, layout, surroundings) ? null
        : Caller(account, surroundings)?.Home is { Length: > 0 } home && IsField(home) && layout.Over(home) is not null ? home : Nowhere;

    /// <summary>The files with their new lines; none when both numbers are known.</summary>
    /// <remarks>A kept container loses the lines of other runs' numbers: useradd(8) and groupadd(8) take no number that has one.</remarks>
    internal static IEnumerable<RootFile> Of(Account account, MountLayout layout, Surroundings surroundings)
    {
        if (surroundings.Passwd is { } passwd && layout.Over(Passwd) is null)
        {
            var others = surroundings.Root.Volatile ? passwd : AccountEntries.WithoutOthers(passwd, account.Uid, static entry => entry is [_, "*", _, _, About, _, "/bin/sh"]);
            if (NeedsUser(account, layout, surroundings))
            {
                var caller = Caller(account, surroundings);
                var name = Name(caller?.Name, passwd, account.Uid);
                var about = caller is null ? About : IsField(caller.FullName) ? caller.FullName : string.Empty;
                yield return With(
                    Passwd, others, string.Create(CultureInfo.InvariantCulture, $"{name}:*:{account.Uid}:{account.Gid}:{about}:{HomeOf(account, layout, surroundings)}:/bin/sh\n"));
            }
            else if (others != passwd)
            {
                yield return With(Passwd, others, string.Empty);
            }
        }

        if (surroundings.Group is { } group && layout.Over(Group) is null)
        {
            var others = surroundings.Root.Volatile ? group : AccountEntries.WithoutOthers(group, account.Gid, static entry => entry is [_, "x", _, ""]);
            if (AccountEntries.Find(group, account.Gid, fields: 4) is null)
            {
                var known = account.Gid == surroundings.CallerGid ? surroundings.Caller?.Group : null;
                yield return With(Group, others, string.Create(CultureInfo.InvariantCulture, $"{Name(known, group, account.Gid)}:x:{account.Gid}:\n"));
            }
            else if (others != group)
            {
                yield return With(Group, others, string.Empty);
            }
        }
    }

    private static bool NeedsUser(Account account, MountLayout layout, Surroundings surroundings) =>
        surroundings.Passwd is { } passwd && AccountEntries.Find(passwd, account.Uid, fields: 7) is null && layout.Over(Passwd) is null;

    private static HostAccount? Caller(Account account, Surroundings surroundings) => account.Uid == surroundings.CallerUid ? surroundings.Caller : null;

    /// <summary>The name on the host, unless it cannot be one in these files or is another's inside; then the number, as in podman.</summary>
    private static string Name(string? known, byte[]? file, uint id) => known is { Length: > 0 and <= MaxName } && IsField(known) && known[0] is not ('#' or '+' or '-')
        && !known.AsSpan().ContainsAny(" ,/") && !AccountEntries.HasName(file, known) ? known : id.ToString(CultureInfo.InvariantCulture);

    private static bool IsField(string text) => !text.AsSpan().ContainsAny(':', '\u007f') && !text.AsSpan().ContainsAnyInRange('\0', '\u001f');

    private static RootFile With(string path, byte[] content, string line)
    {
        ReadOnlySpan<byte> end = content.Length == 0 || line.Length == 0 || content[^1] == (byte)'\n' ? [] : "\n"u8;
        return new RootFile(path, null, (byte[])[.. content, .. end, .. Encoding.UTF8.GetBytes(line)]) { MayLack = true };
    }
}
