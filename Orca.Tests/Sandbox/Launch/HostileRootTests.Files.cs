using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Sandbox.Launch;

public sealed partial class HostileRootTests
{
    /// <summary>While orca puts its files into the root, descriptors of the caller's volumes are open, and /proc leads to them.</summary>
    [Test]
    public void LinkIntoProc_LeadsNoFileOfOrcasIntoAVolume([Values("self/fd/3", "self/fd/4", "self/fd/5", "self/fd/6", "self/fd/7", "self/fd/8", "self/cwd", "1/root")] string way, [Values("replaced", "attached", "cleared")] string kind)
    {
        var spec = _root.Script("true") with
        {
            Mounts = [new BindMount(_victim, "/mnt", ReadOnly: false), new BindMount(Path.Combine(_victim, "file"), "/etc/file", ReadOnly: false)],
            RootFiles = [new RootFile("/etc/passwd", null, "evil"u8.ToArray()), new RootFile("/etc/zone", "/x", default)],
            Files = [new GeneratedFile("/etc/hosts", "x")],
        };
        File.CreateSymbolicLink(Path.Combine(Upper(spec), "etc"), "/proc/" + way);
        spec = kind switch
        {
            "replaced" => spec with { Mounts = [spec.Mounts[0]], Files = [] },
            "attached" => spec with { Mounts = [spec.Mounts[0]], RootFiles = [] },
            _ => spec with { RootFiles = [], Files = [new GeneratedFile("/etc/file", "x")] },
        };
        Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>().With.Message.Contains("ELOOP"));
    }

    [TestCase("/proc/self/fd/4/made")]
    [TestCase("/proc/self/fd/5/made")]
    [TestCase("/proc/self/cwd/../made")]
    public void WorkingDirectoryBehindALinkOfProc_IsNotMade(string path)
    {
        var spec = _root.Script("true") with { WorkingDirectory = path, Mounts = [new BindMount(_victim, "/mnt", ReadOnly: false)] };
        Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>());
    }

    /// <summary>The parts that a link puts there must exist; what orca needs below is made.</summary>
    [Test]
    public void FileOfOrcas_BelowALinkOfTheImage_IsMade()
    {
        var spec = _root.Script("[ \"$(cat /real/deep/er/mark)\" = x ]") with { Files = [new GeneratedFile("/l/er/mark", "x")] };
        Directory.CreateDirectory(Path.Combine(Upper(spec), "real", "deep"));
        File.CreateSymbolicLink(Path.Combine(Upper(spec), "l"), "/m");
        File.CreateSymbolicLink(Path.Combine(Upper(spec), "m"), "real/../real/deep");
        Assert.That(Run(spec), Is.Zero);
    }

    [Test]
    public void FileThatMayLack_IsLeftOut_WhereThereIsNoRoom([Values("file", "nowhere", "run")] string kind, [Values] bool readOnly, [Values] bool mayLack)
    {
        var spec = _root.Script("true") with { Files = [new GeneratedFile("/run/mark", "x") { MayLack = mayLack }], ReadOnly = readOnly };
        var path = Path.Combine(Upper(spec), "run");
        if (kind == "file")
        {
            File.WriteAllText(path, "no directory");
        }
        else
        {
            File.CreateSymbolicLink(path, kind); // 'run' leads to itself
        }

        Assert.That(() => Run(spec), mayLack ? Is.Zero : Throws.TypeOf<SandboxException>().With.Message.Contains("/run/mark"));
    }
}
