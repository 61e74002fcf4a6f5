using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.Launch;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>Images made to lead a tool out of the root while it sets the container up: rows S01 to S09 of docs/hostile-inputs.md. A victim outside must stay as it was.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed partial class HostileRootTests : IDisposable
{
    private readonly SandboxLauncher _launcher = new(NullLogger.Instance);
    private readonly MinimalRoot _root = new();
    private readonly string _victim = Directory.CreateTempSubdirectory("orca-victim-").FullName;
    private readonly string _source = Directory.CreateTempSubdirectory("orca-source-").FullName;

    public HostileRootTests()
    {
        File.WriteAllText(Path.Combine(_victim, "file"), "victim");
        File.WriteAllText(Path.Combine(_source, "data"), "source");
    }

    public void Dispose()
    {
        Assert.That(Directory.GetFileSystemEntries(_victim), Is.EqualTo([Path.Combine(_victim, "file")]), "nothing may be made outside the root");
        Assert.That(File.ReadAllText(Path.Combine(_victim, "file")), Is.EqualTo("victim"));
        Directory.Delete(_victim, recursive: true);
        Directory.Delete(_source, recursive: true);
        _root.Dispose();
    }

    [Test]
    public void Cve_2019_16884_Cve_2023_27561_Cve_2023_28642_MountPointThatIsNoDirectory_IsRefused(
        [Values("proc", "sys", "dev")] string name, [Values("/tmp", "../..", "self", "file")] string kind)
    {
        var spec = _root.Script("true");
        var path = Path.Combine(Upper(spec), name);
        if (kind == "file")
        {
            File.WriteAllText(path, "no directory");
        }
        else
        {
            File.CreateSymbolicLink(path, kind == "self" ? name : kind);
        }

        Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>().With.Message.Contains($"the image's '/{name}' is not a directory"));
    }

    [Test]
    public void Cve_2026_41579_Cve_2026_47766_DevThatIsALinkToTheHost_IsRefused()
    {
        var spec = _root.Script("true");
        File.CreateSymbolicLink(Path.Combine(Upper(spec), "dev"), _victim);
        Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>());
    }

    [Test]
    public void MissingMountPoints_AreMade() => Holds("[ -d /proc/1 ] && [ -e /sys/class ] && [ -c /dev/null ]", _ => { }); // MinimalRoot has none of them

    [Test]
    public void RootOfASingleProgram_Runs()
    {
        var spec = _root.Command("/busybox", "sh", "-c", "[ \"$(/busybox cat /etc/hosts)\" = x ] && [ -d /w/d ]");
        Directory.CreateDirectory(Path.Combine(_root.Store, "single"));
        File.Copy("/bin/busybox", Path.Combine(_root.Store, "single/busybox"));
        spec = spec with { Root = spec.Root with { Lower = "single" }, Files = [new GeneratedFile("/etc/hosts", "x\n")], WorkingDirectory = "/w/d", ReadOnly = true };
        Assert.That(Run(spec), Is.Zero);
    }

    [Test]
    public void LinksBelowSysAndDev_AreNeverSeen() => Holds("[ -d /sys/class ] && [ -d /dev/pts ] && [ -d /dev/shm ]", upper => // S03: they lie under new mounts
    {
        foreach (var name in new[] { "dev/pts", "dev/shm", "dev/mqueue", "sys/fs", "sys/kernel" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(upper, name))!);
            File.CreateSymbolicLink(Path.Combine(upper, name), _victim);
        }
    });

    [Test]
    public void ReadOnlyRootWithoutThePlaces_IsRefusedByName()
    {
        var spec = _root.Command("/busybox", "true");
        Directory.CreateDirectory(Path.Combine(_root.Store, "lent"));
        File.Copy("/bin/busybox", Path.Combine(_root.Store, "lent/busybox"));
        spec = spec with { Root = new RootFileSystem { Store = _root.Store, Directory = spec.Root.Directory, Copy = "lent", IsShared = true } };
        Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>().With.Message.Contains("'/dev'").And.Message.Contains("EROFS").And.Property("Hint").Contains("lacks this place"));
    }

    [Test]
    public void Cve_2025_24965_WhatLiesWhereOrcasFilesGo_IsCoveredNotFollowed(
        [Values("resolv.conf", "hosts", "hostname")] string name, [Values("link", "climb", "dangling", "loop", "fifo", "file")] string kind) => Holds(
        $"[ \"$(cat /etc/{name})\" = orca ]", upper => Place(Path.Combine(upper, "etc", name), kind), spec => spec with { Files = [new GeneratedFile("/etc/" + name, "orca\n")] });

    [Test]
    public void DirectoryWhereAFileOfOrcasGoes_IsRefusedByName()
    {
        var spec = WithFile(_root.Script("true"));
        Directory.CreateDirectory(Path.Combine(Upper(spec), "etc/resolv.conf/full"));
        Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>().With.Message.Contains("resolv.conf").And.Property("Hint").Contains("directory"));
    }

    [Test]
    public void EtcThatIsALink_EndsInsideTheRoot() => Holds(
        "[ \"$(cat /tmp/inside/resolv.conf)\" = orca ]",
        upper =>
        {
            Directory.CreateDirectory(Path.Combine(upper, "tmp/inside"));
            File.CreateSymbolicLink(Path.Combine(upper, "etc"), "../../../../tmp/inside");
        },
        WithFile);

    [Test]
    public void EtcThatLeadsToTheHost_ReachesNothing()
    {
        var spec = WithFile(_root.Script("true"));
        File.CreateSymbolicLink(Path.Combine(Upper(spec), "etc"), _victim);
        try
        {
            Run(spec);
        }
        catch (SandboxException)
        {
            // refused; either way Dispose looks at the victim
        }
    }

    [TestCase("console", "link")]
    [TestCase("console", "file")]
    [TestCase("console", "directory")]
    [TestCase("ptmx", "file")]
    [TestCase("pts", "link")]
    [TestCase("pts/0", "file")]
    [TestCase("null", "link")]
    public void Cve_2025_52565_Cve_2025_31133_NodesOfTheImagesDev_AreNeverUsed(string name, string kind) => Holds(
        "[ -c /dev/null ] && [ -d /dev/pts ] && [ -c /dev/pts/ptmx ] && [ -z \"$(cat /proc/timer_list)\" ] && ! readlink /dev/null && ! readlink /dev/console",
        upper => Place(Path.Combine(upper, "dev", name), kind));

    [TestCase("link")]
    [TestCase("climb")]
    public void Cve_2021_30465_VolumeOnALinkOfTheImage_EndsInsideTheRoot(string kind) => Holds(
        kind == "climb" ? "[ -f /tmp/aim/data ]" : "true",
        upper =>
        {
            Directory.CreateDirectory(Path.Combine(upper, "tmp/aim"));
            File.CreateSymbolicLink(Path.Combine(upper, "dst"), kind == "climb" ? "../../../../tmp/aim" : "tmp/aim");
        },
        spec => spec with { Mounts = [new BindMount(_source, "/dst", ReadOnly: false)] });

    [TestCase("gone/deep", "/gone/deep/data")]
    [TestCase("/gone", "/gone/data")]
    [TestCase("../../../../gone/", "/gone/data")]
    [TestCase("other", "/tmp/aim/new/data", Description = "by another link, which leads to what is not there")]
    [TestCase("VICTIM/new", "VICTIM/new/data")]
    public void Cve_2025_9566_VolumeOnADanglingLink_IsMadeInsideTheRoot(string target, string seen) => Holds(
        $"[ -f {seen.Replace("VICTIM", _victim, StringComparison.Ordinal)} ] && [ -f /dst/data ] && [ -f /below/dst/sub/data ]",
        upper =>
        {
            Directory.CreateDirectory(Path.Combine(upper, "below"));
            File.CreateSymbolicLink(Path.Combine(upper, "dst"), target.Replace("VICTIM", _victim, StringComparison.Ordinal));
            File.CreateSymbolicLink(Path.Combine(upper, "other"), "tmp/aim/new");
            File.CreateSymbolicLink(Path.Combine(upper, "below/dst"), "../nothing/../here");
        },
        spec => spec with { Mounts = [new BindMount(_source, "/dst", ReadOnly: false), new BindMount(_source, "/below/dst/sub", ReadOnly: false)] });

    [Test]
    public void FileOnADanglingLink_IsMadeInsideTheRoot() => Holds(
        "[ \"$(cat /new/file)\" = source ] && [ \"$(cat /dst)\" = source ]",
        upper => File.CreateSymbolicLink(Path.Combine(upper, "dst"), "new/file"),
        spec => spec with { Mounts = [new BindMount(Path.Combine(_source, "data"), "/dst", ReadOnly: false)] });

    [TestCase("/proc")]
    [TestCase("/proc/sys")]
    [TestCase("../proc/self/attr")]
    [TestCase("/proc/1/root")]
    [TestCase("/proc/self/cwd")]
    [TestCase("/proc/thread-self/fd/0")]
    [TestCase("dst")]
    public void Cve_2025_52881_VolumeOnALinkIntoProc_IsRefused(string target)
    {
        foreach (var destination in new[] { "/dst", "/dst/x" })
        {
            var spec = _root.Script("true") with { Mounts = [new BindMount(_source, destination, ReadOnly: false)] };
            File.CreateSymbolicLink(Path.Combine(Upper(spec), "dst"), target);
            Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>().With.Message.Contains("ELOOP").And.Property("Hint").Contains("leads from there into /proc"));
            spec = _root.Script("true") with { TemporaryMounts = [new TemporaryMount(destination)] };
            File.CreateSymbolicLink(Path.Combine(Upper(spec), "dst"), target);
            Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>().With.Message.Contains("ELOOP"));
        }
    }

    [Test]
    public void Cve_2024_21626_VolumeThroughAnOpenDescriptor_MakesNothingThere()
    {
        for (var descriptor = 3; descriptor < 30; descriptor++)
        {
            var spec = _root.Script("true") with { Mounts = [new BindMount(_victim, "/v", ReadOnly: false), new BindMount(_source, "/dst/made", ReadOnly: false)] };
            File.CreateSymbolicLink(Path.Combine(Upper(spec), "dst"), $"/proc/self/fd/{descriptor}");
            Assert.That(() => Run(spec), Throws.TypeOf<SandboxException>());
        }
    }

    [Test]
    public void Cve_2024_45310_DirectoriesBelowAClimbingLink_AreMadeInsideTheRoot() => Holds(
        "[ -f /tmp/new/deep/data ]",
        upper =>
        {
            Directory.CreateDirectory(Path.Combine(upper, "tmp"));
            File.CreateSymbolicLink(Path.Combine(upper, "a"), "../../../../tmp");
        },
        spec => spec with { Mounts = [new BindMount(_source, "/a/new/deep", ReadOnly: false)] });

    [Test]
    public void Cve_2026_34078_SourceThatIsALink_IsThatOfTheStart_AndShowsNoMore()
    {
        var link = Path.Combine(_root.Store, "source-link");
        File.CreateSymbolicLink(link, _source);
        Holds("[ -f /dst/data ] && [ ! -e /dst/file ]", _ => { }, spec => spec with { Mounts = [new BindMount(link, "/dst", ReadOnly: true)] });
    }

    [TestCase("with:colon")]
    [TestCase("with,comma")]
    [TestCase("with\\backslash")]
    [TestCase("with space")]
    [TestCase("with\nnewline")]
    [TestCase("with\"quote")]
    public void DestinationWithOddLetters_IsTaken(string name) => Holds(
        "[ -f \"/$NAME/data\" ]", _ => { }, spec => spec with { Env = [.. spec.Env, "NAME=" + name], Mounts = [new BindMount(_source, "/" + name, ReadOnly: true)] });

    [Test]
    public void FileOnADirectory_AndDirectoryOnAFile_AreRefused()
    {
        Assert.That(
            () => Run(_root.Script("true") with { Mounts = [new BindMount(Path.Combine(_source, "data"), "/tmp", false)] }), Throws.TypeOf<SandboxException>().With.Property("Hint").Not.Null);
        Assert.That(
            () => Run(_root.Script("true") with { Mounts = [new BindMount(_source, "/bin/busybox", false)] }), Throws.TypeOf<SandboxException>().With.Property("Hint").Not.Null);
    }

    [TestCase("/proc")]
    [TestCase("/proc/self/attr")]
    [TestCase("/proc/sys")]
    [TestCase("/proc/sysrq-trigger")]
    [TestCase("/proc/../proc/self")]
    public void Cve_2025_52881_MountOverProc_IsRefused(string destination) => Assert.That(
        () => Run(_root.Script("true") with { Mounts = [new BindMount(_source, destination, false)] }), Throws.TypeOf<SandboxException>().With.Message.Contains("nothing may cover /proc"));

    [Test]
    public void MountBelowSysAndDev_IsRefusedOrHarmless()
    {
        Assert.That(() => Run(_root.Script("true") with { Mounts = [new BindMount(_source, "/sys/x", false)] }), Throws.TypeOf<SandboxException>());
        Holds("[ -f /dev/x/data ] && [ -c /dev/null ]", _ => { }, spec => spec with { Mounts = [new BindMount(_source, "/dev/x", false)] });
    }

    [Test]
    public void TwoHundredMounts_AllAppear() => Holds( // more than the child has room for are refused by name
        "[ $(ls -d /m/*/data | busybox wc -l) = 200 ]", _ => { },
        spec => spec with { Mounts = [.. Enumerable.Range(0, 200).Select(i => new BindMount(_source, $"/m/{i}", ReadOnly: true))] });

    [Test]
    public void MoreMountsThanThereIsRoomFor_AreRefused() => Assert.That(
        () => Run(_root.Script("true") with { Mounts = [.. Enumerable.Range(0, 500).Select(i => new BindMount(_source, $"/m/{i}", ReadOnly: true))] }),
        Throws.TypeOf<SandboxException>().With.Message.Contains("too many mounts"));

    private static string Upper(MinimalRoot root, SandboxSpec spec) => Path.Combine(root.Store, spec.Root.Upper!);

    private static SandboxSpec WithFile(SandboxSpec spec) => spec with { Files = [new GeneratedFile("/etc/resolv.conf", "orca\n")] };

    private string Upper(SandboxSpec spec) => Upper(_root, spec);

    private void Place(string path, string kind)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        switch (kind)
        {
            case "directory": Directory.CreateDirectory(path); break;
            case "link": File.CreateSymbolicLink(path, Path.Combine(_victim, "file")); break;
            case "climb": File.CreateSymbolicLink(path, "../../../../../.." + _victim + "/file"); break;
            case "dangling": File.CreateSymbolicLink(path, _victim + "/new"); break;
            case "loop": File.CreateSymbolicLink(path, Path.GetFileName(path)); break;
            case "fifo": System.Diagnostics.Process.Start("mkfifo", [path]).WaitForExit(); break;
            default: File.WriteAllText(path, "the image's"); break;
        }
    }

    private void Holds(string script, Action<string> prepare, Func<SandboxSpec, SandboxSpec>? change = null)
    {
        var spec = _root.Script(script);
        prepare(Upper(spec));
        Assert.That(Run(change is null ? spec : change(spec)), Is.Zero, script);
    }

    private int Run(SandboxSpec spec) => _launcher.Run(spec, new SandboxRunOptions(), default).Code;
}
