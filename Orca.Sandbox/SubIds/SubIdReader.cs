using System.Globalization;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Sandbox.SubIds;

/// <summary>Finds the caller's subordinate ids and the programs that map them (newuidmap(1)): what is there, or what is missing and who can mend it.</summary>
/// <remarks>
/// The files are read by name and by number. Where they have no line, or nsswitch.conf(5) names another source, getsubids(1) is asked,
/// for a static program can load no plug-in of the name service; so is getent(1) for the name of a user who is not in passwd(5).
/// </remarks>
/// <param name="readFile">A small file of the host as text; null when it cannot be read.</param>
/// <param name="run">Runs a program of the host by its name and gives what it printed; null when there is none or it failed.</param>
/// <param name="problem">What keeps a program from writing maps; null when nothing does.</param>
internal sealed class SubIdReader(Func<string, string?> readFile, Func<string, string[], string?> run, Func<string, string?> problem)
{
    private const string Users = "/etc/subuid", Groups = "/etc/subgid", Order = "/etc/nsswitch.conf";
    private const string Package = "install it: 'sudo apt-get install uidmap' (Debian, Ubuntu), 'sudo dnf install shadow-utils' (Fedora, RHEL)";

    private const int MaxFile = 16 << 20;
    private const uint SetUid = 0x800; // 04000

    /// <summary>Looks at this host.</summary>
    internal static SubIdReader OfHost() => new(Read, static (program, arguments) => HostProgram.Find(program) is { } path ? HostProgram.Run(path, arguments) is { Status: 0 } result ? result.Output : null : null, ProblemOf);

    /// <summary>What the caller has.</summary>
    internal SubIdFinding Find(uint uid, uint gid)
    {
        var name = NameOf(uid);
        if ((problem("newuidmap") ?? problem("newgidmap")) is { } lacking)
        {
            return SubIdFinding.Missing(lacking, Package);
        }

        var source = Source();
        var (users, groups) = (SubIdFile.Parse(readFile(Users) ?? string.Empty), SubIdFile.Parse(readFile(Groups) ?? string.Empty));
        var free = Math.Max(users.FirstFree(), groups.FirstFree());
        if (source is not null || users.Of(name, uid, uid).Count == 0 || groups.Of(name, uid, gid).Count == 0)
        {
            var (listed, listedGroups) = (run("getsubids", [name]), run("getsubids", ["-g", name]));
            if (listed is not null && listedGroups is not null)
            {
                (users, groups) = (SubIdFile.ParseListing(listed), SubIdFile.ParseListing(listedGroups));
            }
            else if (source is not null)
            {
                return SubIdFinding.Missing(
                    $"{Order} says that '{source}' knows the sub-ids, and getsubids, which asks it, tells none for '{name}'", $"let an administrator give '{name}' sub-ids there, or say 'subid: files'");
            }
        }

        var (ownUsers, ownGroups) = (users.Of(name, uid, uid), groups.Of(name, uid, gid));
        var fault = Fault(Users, users, ownUsers, name, uid) ?? Fault(Groups, groups, ownGroups, name, uid);
        return fault is null
            ? new SubIdFinding(new SubordinateIds(ownUsers, ownGroups), null, null) { User = name }
            : SubIdFinding.Missing(fault, Cure(name, uid, free));
    }

    private static string? Fault(string path, SubIdFile file, List<IdRange> own, string name, uint uid) => (own, file.Rival(name, uid, own)) switch
    {
        ({ Count: 0 }, _) => $"{path} has no line for '{name}'",
        (_, { } rival) => $"{path} gives {rival.Range} to '{rival.Owner}' too: the files of the one would be open to the other",
        _ when SubordinateIds.Total(own) is var total and < SubordinateIds.Needed => string.Create(CultureInfo.InvariantCulture, $"{path} gives '{name}' {total} ids, fewer than {SubordinateIds.Needed}"),
        _ => null,
    };

    /// <summary>usermod(8) knows the users of passwd(5) only.</summary>
    private string Cure(string name, uint uid, uint free)
    {
        var last = free + SubordinateIds.Needed - 1;
        return PasswdName(uid) is not null
            ? string.Create(CultureInfo.InvariantCulture, $"sudo usermod --add-subuids {free}-{last} --add-subgids {free}-{last} {name}")
            : string.Create(CultureInfo.InvariantCulture, $"'{name}' comes from a directory service, so an administrator adds the line '{name}:{free}:{SubordinateIds.Needed}' to {Users} and {Groups}, or sets 'subid: sss' in {Order}");
    }

    private string NameOf(uint uid)
    {
        var number = uid.ToString(CultureInfo.InvariantCulture);
        return PasswdName(uid) ?? (run("getent", ["passwd", number])?.Split(':') is [{ Length: > 0 } name, ..] ? name : number);
    }

    private string? PasswdName(uint uid)
    {
        var number = uid.ToString(CultureInfo.InvariantCulture);
        foreach (var line in (readFile("/etc/passwd") ?? string.Empty).Split('\n'))
        {
            if (line.Split(':') is [{ Length: > 0 } name, _, var id, ..] && id == number)
            {
                return name;
            }
        }

        return null;
    }

    private string? Source()
    {
        foreach (var line in (readFile(Order) ?? string.Empty).Split('\n'))
        {
            if (line.StartsWith("subid:", StringComparison.Ordinal) && line["subid:".Length..].Trim() is { Length: > 0 } source && source != "files")
            {
                return source;
            }
        }

        return null;
    }

    private static string? Read(string path) => HostFileReader.ReadDefault(path, MaxFile) is { IsRead: true } file ? file.Text : null;

    /// <summary>A copy of the program (a container image unpacked by hand, a backup put back) has lost what makes it more than its caller.</summary>
    private static string? ProblemOf(string program)
    {
        if (HostProgram.Find(program) is not { } path)
        {
            return $"{program} is not installed";
        }

        using var file = FileSystem.TryOpen(null, PathZ.From(path), Tmds.Linux.LibC.O_RDONLY, out var opened) == Errno.None ? opened : null;
        if (CurrentUser.Uid == 0 || file is null)
        {
            return null;
        }

        var status = FileSystem.Status(file);
        return (status.Uid == 0 && (status.Permissions & SetUid) != 0) || FileSystem.GetXattr(file, PathZ.OfTerminated("security.capability\0"u8)) is not null
            ? null : $"{path} is neither set-uid root nor has file capabilities";
    }
}

/// <summary>Sub-ids, or why there are none.</summary>
/// <param name="Ids">The ids; null when something is missing.</param>
/// <param name="Problem">What is missing.</param>
/// <param name="Cure">What to do about it, and who.</param>
internal sealed record SubIdFinding(SubordinateIds? Ids, string? Problem, string? Cure)
{
    /// <summary>Whose they are.</summary>
    internal string? User { get; init; }

    internal static SubIdFinding Missing(string problem, string cure) => new(null, problem, cure);
}
