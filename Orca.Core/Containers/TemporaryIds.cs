using System.Globalization;
using Orca.Core.Errors;

namespace Orca.Core.Containers;

/// <summary>Refuses owners of file systems in memory that the container has not: the kernel would answer EINVAL, and not say to what.</summary>
internal static class TemporaryIds
{
    /// <summary>Checks all of them.</summary>
    /// <exception cref="SandboxException">With one id, a mount is to belong to another.</exception>
    internal static void Require(IReadOnlyList<TemporaryMount> mounts, Account account, UserNamespaceMode ids)
    {
        foreach (var mount in ids.HasOneId() ? mounts : [])
        {
            Require(mount, "uid", mount.Uid, account.Uid, account);
            Require(mount, "gid", mount.Gid, account.Gid, account);
        }
    }

    private static void Require(TemporaryMount mount, string word, uint? asked, uint own, Account account)
    {
        if (asked is { } id && id != own)
        {
            var uid = mount.Uid ?? account.Uid;
            var user = mount.Gid is { } gid ? $"-u {uid}:{gid}" : $"-u {uid}";
            throw new SandboxException(
                string.Create(CultureInfo.InvariantCulture, $"cannot mount '--tmpfs {Quoted.Text(mount.Destination)}:{word}={id}': the container has one {word}, {own}, and a file cannot belong to another"),
                string.Create(CultureInfo.InvariantCulture, $"leave out '{word}=': whoever runs inside may write there; or run with '{user}', or with '--userns=subids'"));
        }
    }
}
