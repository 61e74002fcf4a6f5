namespace Orca.Tests.EndToEnd;

/// <summary>An option of <c>orca run</c> and what holds inside a container that has it.</summary>
/// <param name="Words">The option as it is typed. D is a directory of the host, % another number in each run.</param>
/// <param name="Script">A line of shell that succeeds inside.</param>
internal sealed record OptionRow(string Words, string Script = ":")
{
    /// <summary>The option without its value.</summary>
    public string Option => Words.Split(' ')[0];

    /// <summary>What a refusal calls it by.</summary>
    public string Key { get; init; } = KeyOf(Words.Split(' ')[^1]);

    /// <summary>The place inside that the script looks at, when another option may show something else there.</summary>
    public string? Looks { get; init; }

    /// <summary>The place inside where another thing is seen than without the option.</summary>
    public string? Shows { get; init; }

    private static string KeyOf(string last) => last.StartsWith('-') ? last : last.Split(':', ',')[0];
}

/// <summary>The options whose pairs are tried.</summary>
internal static class OptionPairs
{
    public static readonly OptionRow[] Rows =
    [
        Bind("-v D/d:/m", "/m"), Bind("-v D/d:/mro:ro", "/mro"), Bind("--mount type=bind,src=D/d,dst=/m2,readonly", "/m2"), Bind("-v D/d:/m/sub", "/m/sub"), Bind("-v D/d:/mro/sub", "/mro/sub"),
        Memory("/mro/new"), Memory("/mro/sub"), Memory("/m/new/deep"), Memory("/tmp"), Memory("/tmp/a/b:ro") with { Script = "! touch /tmp/a/b/x 2>/dev/null" }, Bind("-v D/d:/tmp/a", "/tmp/a"), Bind("-v D/d:/tmp/a/b/c", "/tmp/a/b/c"),
        File("-v D/f:/m/file", "/m/file"), File("-v D/f:/one", "/one"), Memory("/one/below"), new("--mount type=tmpfs,dst=/m3,tmpfs-size=1m,tmpfs-mode=700", "touch /m3/x") { Key = "/m3", Looks = "/m3", Shows = "/m3" },
        Bind("-v D/d:/run", "/run"), Memory("/run"), Bind("-v D/d:/var/run", "/var/run"), Memory("/var/run:exec,size=1m"), Bind("-v D/d:/run/orca", "/run/orca"), Bind("-v D/d:/var/lock", "/var/lock"), Memory("/run/lock"),
        Bind("-v D/etc:/etc", "/etc"), Memory("/etc"), Memory("/etc/apt"), Bind("-v D/d:/etc/apt", "/etc/apt"), File("-v D/f:/etc/hosts", "/etc/hosts"), Bind("-v D/d:/etc/hosts", "/etc/hosts"),
        File("-v D/f:/etc/resolv.conf:ro", "/etc/resolv.conf"), File("-v D/f:/etc/hostname", "/etc/hostname"), File("-v D/f:/etc/localtime:ro", "/etc/localtime"), Bind("-v D/etc:/etc:ro", "/etc") with { Key = "/etc:ro" },
        Bind("-v D/d:/dev", "/dev"), Memory("/dev"), Bind("-v D/d:/dev/shm", "/dev/shm"), Memory("/dev/shm:size=1m"), new("--device /dev/null:/dev/mine", "[ -c /dev/mine ]") { Key = "/dev/mine", Looks = "/dev/mine" },
        Bind("-v D/d:/sys", "/sys"), Memory("/sys"), Bind("-v D/d:/var", "/var"),
        new("--tmpfs-upper=8m", "df -k / | grep -q 8192") { Key = "--tmpfs-upper", Looks = "/" },
        new("--read-only", "! touch /x 2>/dev/null") { Key = "--read-only" },
        new("--network none"), new("--ipc host") { Shows = "/dev/shm" }, new("--uts host") { Key = "--uts" }, new("--pid host"),
        new("--userns keep-id"), new("--userns auto"), new("--privileged"), new("--cap-drop ALL"), new("--cap-add NET_ADMIN"),
        new("--security-opt seccomp=unconfined"), new("--security-opt no-new-privileges"), new("--security-opt systempaths=unconfined"),
        new("-u 1000", "[ $(id -u) = 1000 ]"), new("-u 0:5", "[ $(id -g) = 5 ]"), new("-h box", "[ $(cat /proc/sys/kernel/hostname) = box ]") { Key = "--hostname" },
        new("--add-host a:192.0.2.7", "grep -q 192.0.2.7 /etc/hosts") { Looks = "/etc/hosts", Key = "a:192.0.2.7" }, new("--add-host h:host-gateway", "grep -q h /etc/hosts") { Looks = "/etc/hosts", Key = "h:host-gateway" },
        new("--dns 192.0.2.53", "grep -q 192.0.2.53 /etc/resolv.conf") { Looks = "/etc/resolv.conf" },
        new("--tz UTC"), new("-t", "[ -t 1 ]") { Key = "terminal" }, new("-i") { Key = "input" }, new("--init=false"), new("--stop-signal INT"), new("--timeout 60"),
        new("--shm-size 1m", "df -k /dev/shm | grep -q 1024") { Looks = "/dev/shm", Key = "--shm-size" }, new("--ulimit nofile=64", "[ $(ulimit -n) = 64 ]"),
        new("--name pair --rm") { Key = "--name" }, new("-e A=1", "[ $A = 1 ]"), new("-w /mro/new", "[ $(pwd) = /mro/new ]"), new("-w /one"), new("-w /work", "[ $(pwd) = /work ]"),
        new("--cidfile D/id-%"), new("--pull never"), new("-q"),
    ];

    /// <summary>Every two of them.</summary>
    public static (OptionRow First, OptionRow Second)[] All { get; } =
        [.. Enumerable.Range(0, Rows.Length).SelectMany(i => Enumerable.Range(i + 1, Rows.Length - i - 1).Select(j => (Rows[i], Rows[j])))];

    /// <summary>Every three mounts.</summary>
    public static OptionRow[][] Triples { get; } = [.. Threes(Rows.Where(static row => row.Option is "-v" or "--mount" or "--tmpfs").ToArray())];

    private static IEnumerable<OptionRow[]> Threes(OptionRow[] rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = i + 1; j < rows.Length; j++)
            {
                for (var k = j + 1; k < rows.Length; k++)
                {
                    yield return [rows[i], rows[j], rows[k]];
                }
            }
        }
    }

    private static OptionRow Bind(string words, string place) => new(words, $"[ -f {place}/f ]") { Key = place, Looks = place + "/f", Shows = place };

    private static OptionRow File(string words, string place) => new(words, $"[ $(cat {place}) = text ]") { Key = place, Looks = place, Shows = place };

    private static OptionRow Memory(string text)
    {
        var place = text.Split(':')[0];
        return new("--tmpfs " + text, $"touch {place}/x") { Key = place, Looks = place + "/x", Shows = place };
    }
}
