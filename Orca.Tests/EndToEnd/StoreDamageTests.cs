using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Each kind of file and directory of a populated store is damaged in each way: all else goes on, the damage is named, and what cures it can be typed.</summary>
/// <remarks>Files of another user are made as root would leave them, so this needs root, as <c>make test</c> has it.</remarks>
[Category("EndToEnd")]
public sealed class StoreDamageTests
{
    private const string Store = ".local/share/orca";

    /// <summary>What lies in a store, as the shell finds it; each damage hits the first match. {one} and {two} are images, {dead} is a container of a killed run.</summary>
    private static readonly string[] s_paths =
    [
        "format", "images", "refs", "containers", "locks", "parts", "staging", "spares", "mountpoints", "frames",
        "mountpoints/etc", "mountpoints/etc/hosts", "mountpoints/etc/mtab", "mountpoints/.dockerenv",
        "images/{one}", "images/{one}/image", "images/{one}/manifest.json", "images/{one}/config.json", "images/{one}/owners", "images/{one}/tree", "images/{one}/rootfs",
        "images/{one}/rootfs/bin", "images/{one}/rootfs/etc/passwd", "images/{one}/layers", "images/{one}/layers/sha256-*.files", "locks/{one}", "refs/localhost:5000%busybox:latest",
        "images/{two}/config.json", "images/{two}/rootfs", "locks/{two}", "refs/*two:1",
        "containers/kept", "containers/kept/record.json", "containers/kept/lock", "containers/kept/upper", "containers/kept/work", "containers/run-*", "containers/run-*/record.json", "containers/run-*/lock",
        "spares/0", "spares/0/lock", "spares/0/upper", "spares/0/work", "parts/sha256-*", "staging/*.lock", "staging/dead", "refs/.new-1", ".new-1",
    ];

    private static readonly string[] s_ways = ["foreign", "closed", "directory", "full directory of root", "FIFO", "socket", "link", "empty", "cut", "garbage", "large"];

    private Home _populated = null!;
    private Home _home = null!;

    [OneTimeSetUp]
    public void Populate()
    {
        _populated = new Home("damage");
        _populated.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        _populated.Shell("mkdir tree && echo 2 > tree/two && $orca import -q ./tree two:1 && $orca save -o busybox.tar " + World.Busybox).Succeeds();
        _populated.Orca("run", "--name", "kept", World.Busybox, "true").Run().Succeeds();
        _populated.Orca("run", World.Busybox, "true").Run().Succeeds();
        _populated.Shell(
            $"cd {Store} && mkdir -p spares/0/upper spares/0/work/old-upper spares/0/work/old/incompat/volatile" // as earlier versions have left it
            + " && mkdir -p containers/run-0123456789ab/upper staging/dead frames && cp containers/kept/record.json containers/run-0123456789ab && : > containers/run-0123456789ab/lock"
            + " && echo 1 > staging/0123456789abcdef.lock && echo 1 > parts/sha256-$(printf %064d 1) && echo 1 > .new-1 && echo 1 > refs/.new-1").Succeeds();
    }

    [OneTimeTearDown]
    public void Remove() => _populated.Dispose();

    [SetUp]
    public void SetUp()
    {
        Needs.Root("files of another user are made");
        _home = new Home();
        World.Tool("cp", "-a", _populated.Directory + "/.", _home.Directory).Succeeds();
    }

    [TearDown]
    public void TearDown()
    {
        World.Tool("chown", "-R", World.User, _home.Directory);
        _home.Dispose();
    }

    private static IEnumerable<TestCaseData> Damages() =>
        from path in s_paths
        from way in s_ways
        where !(path is "images" or "refs" or "containers" && way is "foreign" or "full directory of root") || way is "foreign" // what is lost with all images is no single damage
        select new TestCaseData(path, way).SetArgDisplayNames(path, way);

    [SampledCases(nameof(Damages), 12)]
    public void Damage_DisablesNothingElse_IsNamed_AndItsCureCanBeTyped(string path, string way)
    {
        var found = _home.Shell($"cd {Store} && one=$(head -n 1 refs/*busybox* | tr : -) && two=$(head -n 1 refs/*two:1 | tr : -) && ls -d {path.Replace("{one}", "$one", StringComparison.Ordinal).Replace("{two}", "$two", StringComparison.Ordinal)}").Succeeds().Lines[0];
        var (isOne, isTwo) = (path.Contains("{one}", StringComparison.Ordinal) || path.Contains("busybox", StringComparison.Ordinal), path.Contains("two", StringComparison.Ordinal));
        var isAll = path is "images" or "refs" or "containers";
        if (!Damage($"{_home.Directory}/{Store}/{found}", way))
        {
            return; // as it was: a directory cannot be cut, nor a link be closed
        }

        GoesOn("images");
        GoesOn("ps", "-a");
        GoesOn("system", "df");
        var check = _home.Orca("system", "check").Within(20).Run();
        Assert.That(check.Status, Is.AnyOf(0, 1), check.Errors);
        if (!isAll && !isTwo)
        {
            Assert.That(_home.Orca("run", "--pull", "never", "two:1", "/no").Within(20).Run().Ends(127).Errors, Does.Contain("'/no'"));
        }

        if (!isAll && !isOne)
        {
            GoesOn("run", "--pull", "never", World.Busybox, "true");
        }

        var prune = _home.Orca("system", "prune").Within(20).Run();
        Assert.That(prune.Status == 0 || path.StartsWith("staging", StringComparison.Ordinal) || path.StartsWith("containers/run", StringComparison.Ordinal) || path.StartsWith("spares", StringComparison.Ordinal), Is.True, prune.Errors);
        if (!isAll)
        {
            GoesOn("pull", "-q", World.Busybox);
            GoesOn("load", "-q", "--replace", "busybox.tar");
            GoesOn("run", "--pull", "never", World.Busybox, "true"); // repaired, if it was this one
            GoesOn("rmi", "-f", "two:1");
        }

        TypeCures();
        if (isAll && way is "foreign" or "closed")
        {
            Assert.That(_home.Orca("run", "--pull", "never", "two:1", "/no").Within(20).Run().Ends(127).Errors, Does.Contain("'/no'"), "nothing was deleted meanwhile");
        }

        if (isAll)
        {
            GoesOn("rmi", "-f", "two:1"); // an import that is lost cannot be pulled: its name goes
        }

        GoesOn("rm", "-f", "kept");
        Assert.That(_home.Orca("system", "check").Run().Output, Does.Contain(": all sound\n"));
    }

    /// <summary>Types what the check says, as long as it says something. What only root can do begins with sudo.</summary>
    private void TypeCures()
    {
        for (var round = 0; round < 3; round++)
        {
            foreach (var line in _home.Orca("system", "check").Within(20).Run().Lines.Where(static line => line.StartsWith("repair: ", StringComparison.Ordinal)))
            {
                var cure = line["repair: ".Length..];
                if (cure.StartsWith("sudo ", StringComparison.Ordinal))
                {
                    World.Tool("sh", "-c", cure["sudo ".Length..]).Succeeds();
                }
                else if (!cure.Contains("two:1", StringComparison.Ordinal))
                {
                    _home.Program("sh", "-c", $"orca() {{ {World.Binary} \"$@\"; }}; {cure}").Within(60).Run().Succeeds();
                }
            }
        }
    }

    private void GoesOn(params string[] line)
    {
        var outcome = _home.Orca(line).Within(20).Run();
        Assert.That(outcome.Status, Is.Zero, $"{string.Join(' ', line)}: {outcome.Output}{outcome.Errors}");
    }

    private static bool Damage(string path, string way)
    {
        var isFile = World.Tool("test", "-f", path).Status == 0 && World.Tool("test", "-L", path).Status != 0;
        var isDirectory = World.Tool("test", "-d", path).Status == 0;
        var line = way switch
        {
            "foreign" => isDirectory ? "chown root: $0 && chmod 700 $0" : isFile ? "chown root: $0 && chmod 600 $0" : null,
            "closed" => isFile || isDirectory ? "chmod 000 $0" : null,
            "directory" => isDirectory ? null : "rm -f $0 && mkdir $0 && chown $1 $0",
            "full directory of root" => "rm -rf $0 && mkdir -m 700 $0 && : > $0/x",
            "FIFO" => "rm -rf $0 && mkfifo $0 && chown $1 $0",
            "socket" => "rm -rf $0 && cd $(dirname $0) && python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $(basename $0) && chown $1 $0",
            "link" => "rm -rf $0 && ln -s /nowhere/at/all $0 && chown -h $1 $0",
            "empty" => "rm -rf $0 && : > $0 && chown $1 $0",
            "cut" => isFile ? "truncate -s $(($(stat -c %s $0) / 2)) $0" : null,
            "garbage" => isFile ? "head -c 300 /dev/urandom | dd of=$0 conv=notrunc status=none" : null,
            _ => isFile ? "truncate -s 3G $0" : null,
        };
        if (line is null)
        {
            return false;
        }

        World.Tool("sh", "-c", line, path, World.User).Succeeds();
        return true;
    }
}
