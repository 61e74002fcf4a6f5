using System.Globalization;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Sandbox.Diagnosis;

/// <summary>Looks for a range of subordinate ids and the programs that map it (subuid(5), newuidmap(1)). Orca works without.</summary>
internal static class SubIdProbe
{
    private const string Subject = "sub-ids";
    private const string Goes = "containers run under one id, which is the default";
    private const uint SetUid = 0x800; // 04000

    /// <summary>One finding.</summary>
    internal static IEnumerable<HostFinding> Examine()
    {
        var name = UserName();
        var lacking = LackingProgram();
        if (Surrounding.Read("/etc/nsswitch.conf") is { } order && Source(order) is { } source)
        {
            yield return new HostFinding(Subject, lacking is null ? HostVerdict.Works : HostVerdict.Fallback, lacking is null ? $"ranges come from '{source}'" : $"{lacking}; {Goes}")
            {
                Cure = lacking is null ? null : "sudo apt-get install uidmap (Debian, Ubuntu), sudo dnf install shadow-utils (Fedora, RHEL)",
            };
            yield break;
        }

        var uid = CurrentUser.Uid.ToString(CultureInfo.InvariantCulture);
        var problem = Range("/etc/subuid", name, uid) ?? Range("/etc/subgid", name, uid) ?? lacking;
        yield return problem is null
            ? new HostFinding(Subject, HostVerdict.Works, $"'{name}' has ranges, for --userns subids")
            : new HostFinding(Subject, HostVerdict.Fallback, $"{problem}; {Goes}") { Cure = Cure(problem == lacking, name) };
    }

    private static string Cure(bool isProgram, string name) =>
        isProgram ? "only for --userns subids: sudo apt-get install uidmap (Debian, Ubuntu), sudo dnf install shadow-utils (Fedora, RHEL)"
        : IsLocal() ? $"only for --userns subids: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {name}"
        : $"only for --userns subids: '{name}' comes from a directory service, so an administrator adds the lines '{name}:100000:65536' to /etc/subuid and /etc/subgid, or sets 'subid: sss' in /etc/nsswitch.conf";

    private static bool IsLocal() => Surrounding.Read("/etc/passwd") is { } passwd
        && passwd.Split('\n').Any(static line => line.Split(':') is { Length: > 2 } fields && fields[2] == CurrentUser.Uid.ToString(CultureInfo.InvariantCulture));

    private static string UserName()
    {
        var uid = CurrentUser.Uid.ToString(CultureInfo.InvariantCulture);
        foreach (var line in (Surrounding.Read("/etc/passwd") ?? string.Empty).Split('\n'))
        {
            if (line.Split(':') is { Length: > 2 } fields && fields[2] == uid)
            {
                return fields[0];
            }
        }

        return Environment.GetEnvironmentVariable("USER") is { Length: > 0 } name ? name : uid;
    }

    private static string? Source(string order)
    {
        foreach (var line in order.Split('\n'))
        {
            if (line.StartsWith("subid:", StringComparison.Ordinal) && line["subid:".Length..].Trim() is { Length: > 0 } source && source != "files")
            {
                return source;
            }
        }

        return null;
    }

    /// <summary>What is wrong with a file; null when it gives the user at least 65536 ids.</summary>
    private static string? Range(string file, string name, string uid)
    {
        long most = 0;
        foreach (var line in (Surrounding.Read(file) ?? string.Empty).Split('\n'))
        {
            var fields = line.Split(':');
            if (fields.Length == 3 && (fields[0] == name || fields[0] == uid) && long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                most = Math.Max(most, count);
            }
        }

        return most >= 65536 ? null : most == 0 ? $"{file} has no line for '{name}'" : $"{file} gives '{name}' {most} ids, fewer than 65536";
    }

    private static string? LackingProgram()
    {
        foreach (var program in (string[])["newuidmap", "newgidmap"])
        {
            var path = Array.Find(["/usr/bin/", "/bin/", "/usr/local/bin/"], directory => FileSystem.TryStatus(null, PathZ.From(directory + program), out _) == Errno.None);
            if (path is null)
            {
                return $"{program} is not installed";
            }

            // Some distributions give it file capabilities in the place of set-uid.
            using var file = FileSystem.TryOpen(null, PathZ.From(path + program), Tmds.Linux.LibC.O_RDONLY, out var opened) == Errno.None ? opened : null;
            if (file is not null && (FileSystem.Status(file).Permissions & SetUid) == 0 && FileSystem.GetXattr(file, PathZ.OfTerminated("security.capability\0"u8)) is null)
            {
                return $"{path}{program} is neither set-uid nor has capabilities";
            }
        }

        return null;
    }
}
