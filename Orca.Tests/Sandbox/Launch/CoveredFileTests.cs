using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Sandbox;
using Orca.Tests.Core.Containers;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>The caller's mounts at, above and below files of orca's: they win, the container starts, and nothing of orca's is written into what is the caller's.</summary>
/// <remarks>On the host: a directory d with the file hostname and the directory kernel, and a file f. In the image: /var/run leads to /run, /etc/alias to /etc/hosts.</remarks>
[TestFixture]
public sealed class CoveredFileTests : RealLaunches
{
    private string _host = string.Empty;

    [SetUp]
    public void MakeHost()
    {
        _host = Directory.CreateTempSubdirectory("orca-covered-").FullName;
        Directory.CreateDirectory(Path.Combine(_host, "d/kernel/own"));
        File.WriteAllText(Path.Combine(_host, "d/hostname"), "caller\n");
        File.WriteAllText(Path.Combine(_host, "f"), "caller\n");
        File.WriteAllText(Path.Combine(_host, "script"), "#!/bin/sh\n");
        File.SetUnixFileMode(Path.Combine(_host, "script"), (UnixFileMode)Convert.ToInt32("755", 8));
    }

    [TearDown]
    public void RemoveHost() => Directory.Delete(_host, recursive: true);

    [TestCase("--tmpfs /run --tmpfs /tmp", "[ -f /run/orca/apt.conf ] && [ -f /etc/hosts ] && echo > /run/x && echo > /tmp/x")]
    [TestCase("--tmpfs /var/run", "[ -f /run/orca/apt.conf ] && echo > /run/x")]
    [TestCase("--tmpfs /etc", "[ -f /etc/hosts ] && [ -f /etc/hostname ] && [ $(readlink /etc/localtime) = /zone ]")]
    [TestCase("--tmpfs /etc:nr_inodes=1", "[ ! -e /etc/hosts ] && [ ! -e /etc/.orca-new ]")]
    [TestCase("--tmpfs /etc:nr_inodes=2", "[ \"$(ls -A /etc)\" = localtime ]")]
    [TestCase("--tmpfs /etc:size=4k", "[ $(readlink /etc/localtime) = /zone ] && [ $(cat /etc/hosts | wc -l) = 1 ] && [ ! -e /etc/.orca-new ]")]
    [TestCase("-v D/f:/etc/mtab", "[ $(cat /etc/mtab) = caller ]")]
    [TestCase("--tmpfs /etc:ro", "[ -f /etc/hosts ] && ! echo > /etc/x")]
    [TestCase("-v D/d:/run", "[ ! -e /run/orca ] && [ -f /run/hostname ]")]
    [TestCase("-v D/d:/var/run", "[ ! -e /run/orca ] && [ -f /run/hostname ]")]
    [TestCase("-v D/d:/etc", "[ $(cat /etc/hostname) = caller ] && [ ! -e /etc/hosts ] && [ ! -e /etc/localtime ]")]
    [TestCase("-v D/d:/etc:ro", "[ $(cat /etc/hostname) = caller ]")]
    [TestCase("-v D/f:/etc/hosts", "[ $(cat /etc/hosts) = caller ] && [ -f /etc/hostname ]")]
    [TestCase("-v D/f:/etc/alias", "[ $(cat /etc/hosts) = caller ]")]
    [TestCase("-v D/d:/etc/hosts", "[ -f /etc/hosts/hostname ]")]
    [TestCase("--tmpfs /etc/hosts", "[ -d /etc/hosts ]")]
    [TestCase("-v D/d:/etc/hosts/below", "[ -f /etc/hosts/below/hostname ]")]
    [TestCase("-v D/d:/run/orca/apt.conf", "[ -f /run/orca/apt.conf/hostname ]")]
    [TestCase("-v D/d:/run/orca -v D/f:/etc/hostname", "[ -f /run/orca/hostname ] && [ $(cat /etc/hostname) = caller ]")]
    [TestCase("-v D/f:/run/orca", "[ $(cat /run/orca) = caller ]")]
    [TestCase("-v D/d:/etc/new/deep --tmpfs /etc", "[ -f /etc/new/deep/hostname ] && [ -f /etc/hosts ]")]
    [TestCase("--tmpfs /run:ro -v D/d:/run/new", "[ -f /run/new/hostname ] && [ -f /run/orca/apt.conf ] && ! echo > /run/x && echo > /run/new/x")]
    [TestCase("-v D/d:/dev", "[ -f /dev/hostname ] && [ ! -e /dev/null ]")]
    [TestCase("--tmpfs /dev:size=1m", "[ -c /dev/null ] && [ -d /dev/pts ] && echo > /dev/null && grep -q ' /dev tmpfs .*size=1024k' /proc/mounts")]
    [TestCase("--tmpfs /dev:size=4k,nr_inodes=1", "[ -c /dev/null ] && [ -f /etc/hosts ]")]
    [TestCase("--tmpfs /dev:nr_blocks=1,nr_inodes=200", "[ -c /dev/null ] && [ -f /etc/hosts ]")]
    [TestCase("--tmpfs /dev:ro", "[ -c /dev/null ] && ! echo > /dev/x && echo > /dev/shm/x")]
    [TestCase("-v D/d:/dev/shm", "[ -f /dev/shm/hostname ] && [ -c /dev/null ]")]
    [TestCase("-v D/d:/sys", "[ -d /sys/kernel/own ]")]
    [TestCase("-v D/d:/sys/kernel", "[ -f /sys/kernel/hostname ]")]
    [TestCase("--tmpfs /sys", "echo > /sys/x")]
    [TestCase("-v /sys:/sys", "[ -d /sys/class ] && [ -z \"$(ls /sys/kernel)\" ]")]
    [TestCase("-v D/d:/sys/kernel/debug/deep", "[ -f /sys/kernel/debug/deep/hostname ] && [ $(ls /sys/kernel) = debug ] && ! busybox mkdir /sys/kernel/x")]
    [TestCase("-v D/d:/var/run/a --tmpfs /run", "[ -f /run/a/hostname ] && [ -f /run/orca/apt.conf ]")]
    public void CallersMount_Wins(string line, string script)
    {
        var options = MountLayoutTests.Options(line.Replace("D/", _host + "/", StringComparison.Ordinal));
        var before = Names();
        foreach (var readOnly in (bool[])[false, true])
        {
            var spec = Spec(script) with { Mounts = options.Files.Mounts, TemporaryMounts = options.Files.TemporaryMounts, ReadOnly = readOnly };
            Assert.That(Launcher.Run(spec, new SandboxRunOptions(), default).Code, Is.Zero, $"{script} (read-only root: {readOnly})");
        }

        var made = Names().Except(before).Select(path => path[(_host.Length + 1)..]);
        Assert.That(made, Is.SubsetOf(["d/x"]), "what the script itself writes");
    }

    /// <summary>A file of orca's comes back where a directory was mounted by an earlier run, and leaves alone what the container has put there.</summary>
    [TestCase("etc/hosts", "[ -f /etc/hosts ]")]
    [TestCase("etc/localtime", "[ $(readlink /etc/localtime) = /zone ]")]
    [TestCase("etc/localtime/own", "[ -d /etc/localtime/own ] && [ ! -e /etc/.orca-new ]")]
    public void PlaceOfALostMount_IsAFilesAgain(string directory, string script)
    {
        var spec = Spec(script);
        var upper = Path.Combine(Root.Store, spec.Root.Upper!);
        File.Delete(Path.Combine(upper, "etc/hosts"));
        Directory.CreateDirectory(Path.Combine(upper, directory));
        Assert.That(Launcher.Run(spec, new SandboxRunOptions(), default).Code, Is.Zero);
    }

    [TestCase("noexec", false)]
    [TestCase("", true)]
    public void HostPath_IsAsRestrictedAsAsked(string words, bool runs)
    {
        var mount = new BindMount(_host, "/m", ReadOnly: false) { NoExec = words.Contains("noexec", StringComparison.Ordinal) };
        Assert.That(Launcher.Run(Root.Script("/m/script") with { Mounts = [mount] }, new SandboxRunOptions(), default).Code, runs ? Is.Zero : Is.EqualTo(126));
    }

    private SandboxSpec Spec(string script)
    {
        var spec = Root.Script(script);
        var upper = Path.Combine(Root.Store, spec.Root.Upper!);
        foreach (var directory in new[] { "etc", "run", "var" })
        {
            Directory.CreateDirectory(Path.Combine(upper, directory));
        }

        File.CreateSymbolicLink(Path.Combine(upper, "var/run"), "../run");
        File.CreateSymbolicLink(Path.Combine(upper, "etc/alias"), "hosts");
        File.WriteAllText(Path.Combine(upper, "etc/hosts"), "image\n");
        return spec with
        {
            Places = new Dictionary<string, string> { ["/var/run"] = "/run", ["/var/run/a"] = "/run/a", ["/etc/alias"] = "/etc/hosts" },
            Files = [new GeneratedFile("/etc/hostname", "box\n"), new GeneratedFile("/etc/hosts", "127.0.0.1\tlocalhost\n"), new GeneratedFile("/run/orca/apt.conf", "x\n")],
            RootFiles = [new RootFile("/etc/localtime", "/zone", default) { MayLack = true }],
        };
    }

    private string[] Names() => Directory.GetFileSystemEntries(_host, "*", SearchOption.AllDirectories);
}
