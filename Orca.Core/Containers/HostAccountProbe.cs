using System.Globalization;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Reads who the caller is on the host, where the command is to have the caller's number inside.</summary>
/// <remarks>
/// From the files and not by getpwuid(3), which in a static program would load modules of the host. A user of a directory service has no line
/// there; the variables of the login then give the name. It is a name inside the container only, so nothing is gained by a wrong one.
/// </remarks>
internal static class HostAccountProbe
{
    private const int MaxFile = 16 << 20;

    /// <summary>The caller's account; null when the command has another number, or nothing is known.</summary>
    internal static HostAccount? Look(RunOptions run, string? imageUser, Func<string, string?> variable)
    {
        var uid = CurrentUser.Uid.ToString(CultureInfo.InvariantCulture);
        var user = run.Process.User ?? (run.Security.UserNamespace == UserNamespaceMode.KeepId ? uid : imageUser);
        return user is not null && user.Split(':')[0] == uid
            ? Of(CurrentUser.Uid, CurrentUser.Gid, Read(AccountFiles.Passwd), Read(AccountFiles.Group), variable) : null;
    }

    /// <summary>The account by these files; else by the variables.</summary>
    internal static HostAccount? Of(uint uid, uint gid, ReadOnlySpan<byte> passwd, ReadOnlySpan<byte> group, Func<string, string?> variable)
    {
        var groupName = AccountEntries.Find(group, gid, fields: 4)?[0];
        if (AccountEntries.Find(passwd, uid, fields: 7) is { Length: 7 } entry)
        {
            return new HostAccount(entry[0], entry[4], entry[5], groupName);
        }

        var name = variable("LOGNAME") is { Length: > 0 } login ? login : variable("USER");
        return string.IsNullOrEmpty(name) ? null : new HostAccount(name, string.Empty, variable("HOME") ?? string.Empty, groupName);
    }

    /// <summary>A name is a convenience: where the file is closed, the number serves.</summary>
    private static byte[] Read(string path) => HostFileReader.ReadDefault(path, MaxFile).Content;
}
