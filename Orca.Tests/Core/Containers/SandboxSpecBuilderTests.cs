using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Tests.Core.Containers;

[TestFixture]
public sealed class SandboxSpecBuilderTests
{
    private static readonly ImageConfig s_image = new()
    {
        Platform = Platform.Current,
        DiffIds = [],
        Entrypoint = ["/entry"],
        Cmd = ["image", "cmd"],
        Env = ["PATH=/bin", "A=image"],
        WorkingDir = "/work/./here",
    };

    private static readonly Surroundings s_surroundings = new()
    {
        Root = new RootFileSystem { Store = "/store", Directory = "containers/c" },
        DefaultHostname = "box",
        Passwd = "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n"u8.ToArray(),
    };

    [TestCase(null, "", "/entry image cmd")]
    [TestCase(null, "run", "/entry run")]
    [TestCase("/mine", "", "/mine", Description = "a new entrypoint drops the image's Cmd")]
    [TestCase("/mine", "run", "/mine run")]
    [TestCase("", "run", "run", Description = "an empty entrypoint takes the image's away")]
    public void Arguments_FollowDocker(string? entrypoint, string command, string expected)
    {
        var options = new RunOptions { Process = new() { Entrypoint = entrypoint is null ? null : [entrypoint], Command = command.Length == 0 ? [] : command.Split(' ') } };
        Assert.That(string.Join(' ', SandboxSpecBuilder.Build(s_image, options, s_surroundings).Arguments), Is.EqualTo(expected));
    }

    [Test]
    public void Arguments_NoneAnywhere_IsRefused() => Assert.That(
        () => SandboxSpecBuilder.Build(s_image with { Entrypoint = null, Cmd = null }, new RunOptions(), s_surroundings),
        Throws.TypeOf<SandboxException>().With.Message.Contains("no command"));

    [Test]
    public void Env_TheLastWins_AndNothingIsTheHosts()
    {
        var options = new RunOptions { Process = new() { Env = ["A=run", "B=", "HOME="] } };
        Assert.That(SandboxSpecBuilder.Build(s_image, options, s_surroundings).Env, Is.EqualTo(new[]
        {
            "PATH=/bin", "HOSTNAME=box", "container=orca", "A=run", "B=", "HOME=/root",
        }));
    }

    [Test]
    public void C06_VariableTwiceInTheImage_HasTheLastValue() => Assert.That(
        SandboxSpecBuilder.Build(s_image with { Env = ["A=1", "B=x", "A=2"] }, new RunOptions(), s_surroundings).Env.Where(static item => item[0] is 'A' or 'B'), Is.EquivalentTo(new[] { "A=2", "B=x" }));

    [TestCase("4711", "/")]
    [TestCase("app", "/home/app")]
    [TestCase("root", "/root")]
    public void C08_Home_IsTheUsersOrTheRoot(string user, string home)
    {
        foreach (var env in (string[][])[["PATH=/bin"], ["PATH=/bin", "HOME="]])
        {
            Assert.That(SandboxSpecBuilder.Build(s_image with { Env = env, User = user }, new RunOptions(), s_surroundings).Env, Does.Contain("HOME=" + home));
        }
    }

    [TestCase("FOO")]
    [TestCase("FOO*")]
    [TestCase("*")]
    [TestCase("=x")]
    [TestCase("")]
    public void Cve_2026_57231_VariableWithoutValue_IsDropped(string variable)
    {
        var env = SandboxSpecBuilder.Build(s_image with { Env = [variable] }, new RunOptions(), s_surroundings).Env;
        Assert.That(env.Select(item => item.Split('=')[0]), Is.EquivalentTo(new[] { "PATH", "HOSTNAME", "container", "HOME" }));
    }

    [TestCase(null, null, 15)]
    [TestCase(null, "SIGRTMIN+3", 37)]
    [TestCase(null, "nonsense", 15, Description = "an image's")]
    [TestCase("INT", "SIGQUIT", 2)]
    public void Limit_EndsByTheRunsSignal_OrTheImages(string? asked, string? image, int number)
    {
        var options = new RunOptions { Process = new() { Timeout = TimeSpan.FromSeconds(5), StopSignal = asked is null ? null : Signal.Parse(asked) } };
        var limit = SandboxSpecBuilder.Limit(s_image with { StopSignal = image }, options)!;
        Assert.That((limit.After, limit.Signal.Number), Is.EqualTo((TimeSpan.FromSeconds(5), number)));
    }

    [Test]
    public void Limit_OfNoTime_IsNone()
    {
        Assert.That(SandboxSpecBuilder.Limit(s_image, new RunOptions { Process = new() { StopSignal = Signal.Kill } }), Is.Null);
        Assert.That(SandboxSpecBuilder.Limit(s_image, new RunOptions { Process = new() { Timeout = TimeSpan.Zero } }), Is.Null);
    }

    [Test]
    public void Pid_OfTheHost_TakesItsProc()
    {
        var spec = SandboxSpecBuilder.Build(s_image, new RunOptions { Network = new() { Pid = NamespaceMode.Host }, Process = new() { Init = false } }, s_surroundings);
        Assert.That((spec.Pid, spec.HostProc, spec.Init), Is.EqualTo((NamespaceMode.Host, true, false)));
        var usual = SandboxSpecBuilder.Build(s_image, new RunOptions(), s_surroundings);
        Assert.That((usual.Pid, usual.HostProc, usual.Init), Is.EqualTo((NamespaceMode.Own, false, true)));
    }

    [Test]
    public void Term_PassesOnlyWithATerminal()
    {
        Assert.That(SandboxSpecBuilder.Build(s_image, new RunOptions(), s_surroundings with { Terminal = true, Term = "foot" }).Env, Does.Contain("TERM=foot"));
        Assert.That(SandboxSpecBuilder.Build(s_image, new RunOptions(), s_surroundings with { Term = "foot" }).Env, Has.None.StartsWith("TERM="));
    }

    [TestCase(null, "/work/here")]
    [TestCase("rel/../x", "/x")]
    [TestCase("/../..", "/")]
    public void WorkingDirectory_IsAbsoluteAndClean(string? given, string expected) => Assert.That(
        SandboxSpecBuilder.Build(s_image, new RunOptions { Process = new() { WorkingDirectory = given } }, s_surroundings).WorkingDirectory, Is.EqualTo(expected));

    [Test]
    public void User_OfTheRun_GoesBeforeTheImages()
    {
        var spec = SandboxSpecBuilder.Build(s_image with { User = "root" }, new RunOptions { Process = new() { User = "app" } }, s_surroundings);
        Assert.That((spec.Uid, spec.Gid), Is.EqualTo((1000u, 1000u)));
        Assert.That(spec.Env, Does.Contain("HOME=/home/app"));
    }

    [Test]
    public void Hostname_Of65Bytes_IsRefused() => Assert.That(
        () => SandboxSpecBuilder.Build(s_image, new RunOptions { Network = new() { Hostname = new string('a', 65) } }, s_surroundings), Throws.TypeOf<SandboxException>());

    [Test]
    public void Files_AreTheContainersOwn()
    {
        var surroundings = s_surroundings with { HostResolvConf = "nameserver 192.0.2.1\n", HostHosts = "127.0.0.1 localhost\n# note\n192.0.2.7 printer\n" };
        var files = SandboxSpecBuilder.Build(s_image, new RunOptions(), surroundings).Files;
        Assert.That(files.Select(file => file.Path), Is.EqualTo(new[] { "/etc/hostname", "/etc/hosts", "/etc/resolv.conf" }));
        Assert.That(files[1].Content, Does.Contain("192.0.2.7 printer").And.Contain("\tbox\n").And.Not.Contain("note"));
    }

    [TestCase("", true)]
    [TestCase("-v /x:/opt", true)]
    [TestCase("--tmpfs /run", true, Description = "the file goes into it")]
    [TestCase("--tmpfs /run/orca", true)]
    [TestCase("-v /x:/run", false)]
    [TestCase("-v /x:/run/orca", false)]
    [TestCase("-v /x:/run/orca/apt.conf", false)]
    [TestCase("-v /x:/var/run", false, Description = "a link of the image")]
    [TestCase("--tmpfs /var/run", true)]
    public void VariableOfApt_IsSetWhereItsFileIsSeen(string mount, bool isSet)
    {
        var surroundings = s_surroundings with { HasApt = true, Places = new Dictionary<string, string> { ["/var/run"] = "/run" } };
        var env = SandboxSpecBuilder.Build(s_image, MountLayoutTests.Options(mount), surroundings).Env;
        Assert.That(env.Contains("APT_CONFIG=/run/orca/apt.conf"), Is.EqualTo(isSet));
    }

    [TestCase("uid=0", "", true)]
    [TestCase("uid=1000", "", false)]
    [TestCase("gid=5", "", false)]
    [TestCase("uid=1000,gid=1000", "app", true)]
    [TestCase("gid=0", "app", false)]
    [TestCase("uid=77", "77", true)]
    public void OwnerOfATemporaryMount_IsTheOneIdOrRefusedByName(string option, string user, bool isTaken)
    {
        var options = new RunOptions { Process = new() { User = user }, Files = new() { TemporaryMounts = [TemporaryMount.Parse("/d:" + option)] } };
        Assert.That(() => SandboxSpecBuilder.Build(s_image, options, s_surroundings), isTaken ? Throws.Nothing : Throws.TypeOf<SandboxException>()
            .With.Message.StartsWith("cannot mount '--tmpfs /d:").And.Message.Contains("the container has one ").And.Property("Hint").Contains($"leave out '{option[..4]}'"));
        options = options with { Security = new SecurityOptions { UserNamespace = UserNamespaceMode.SubIds } };
        Assert.That(() => SandboxSpecBuilder.Build(s_image, options, s_surroundings), Throws.Nothing);
    }

    [TestCase("", true)]
    [TestCase("--tmpfs /dev", true)]
    [TestCase("-v /x:/dev/shm", true)]
    [TestCase("-v /x:/dev", false)]
    [TestCase("--tmpfs /dev/resolve", false)]
    [TestCase("-v /x:/dev/resolve/stub.conf", false)]
    [TestCase("-v /x:/etc", false)]
    [TestCase("--tmpfs /etc", true)]
    public void Resolver_FollowsTheHost_WhereLinkAndTargetAreSeen(string mount, bool follows)
    {
        var spec = SandboxSpecBuilder.Build(s_image, MountLayoutTests.Options(mount), s_surroundings with { HostResolver = "/run/systemd/resolve/stub.conf" });
        Assert.That(spec.ResolverDirectory is not null, Is.EqualTo(follows));
        Assert.That(spec.Files.Any(file => file.Path == "/etc/resolv.conf"), Is.Not.EqualTo(follows));
    }

    [TestCase("a\nb", Description = "C24, and a line of its own in /etc/hosts")]
    [TestCase("a b")]
    [TestCase("-x")]
    [TestCase("a#b")]
    [TestCase("é")]
    [TestCase("a\0b")]
    [TestCase("")]
    public void Hostname_ThatWouldNotStayOneWordInAFile_IsRefused(string name) => Assert.That(
        () => SandboxSpecBuilder.Build(s_image, new RunOptions { Network = new() { Hostname = name } }, s_surroundings), Throws.TypeOf<SandboxException>());

    [Test]
    public void Hostname_OfALongContainerName_IsCut() => Assert.That(
        SandboxSpecBuilder.Build(s_image, new RunOptions(), s_surroundings with { DefaultHostname = new string('a', 80) }).Hostname, Has.Length.EqualTo(64));

    [Test]
    public void Resolver_OfTheRun_TakesThePlaceOfTheHostsLineByLine()
    {
        var surroundings = s_surroundings with { HostResolvConf = "# host\nnameserver 192.0.2.1\nsearch corp\noptions ndots:2\n" };
        string Content(NameOptions names) => SandboxSpecBuilder.Build(s_image, new RunOptions { Network = new() { Names = names } }, surroundings).Files[2].Content;
        Assert.Multiple(() =>
        {
            Assert.That(Content(new NameOptions()), Is.EqualTo(surroundings.HostResolvConf));
            Assert.That(Content(new NameOptions { Servers = ["192.0.2.2", "::1"] }), Is.EqualTo("search corp\noptions ndots:2\nnameserver 192.0.2.2\nnameserver ::1\n"));
            Assert.That(Content(new NameOptions { Search = ["."] }), Is.EqualTo("nameserver 192.0.2.1\noptions ndots:2\n"));
            Assert.That(Content(new NameOptions { Search = ["a", "b"], Resolver = ["ndots:1"] }), Is.EqualTo("nameserver 192.0.2.1\nsearch a b\noptions ndots:1\n"));
        });
    }

    [TestCase("/run/systemd/resolve/stub-resolv.conf", "/run/systemd/resolve/stub-resolv.conf")]
    [TestCase("../run/systemd/resolve/resolv.conf", "/run/systemd/resolve/resolv.conf")]
    [TestCase("/var/run/NetworkManager/resolv.conf", "/run/NetworkManager/resolv.conf")]
    [TestCase("resolv.conf.real", null)]
    [TestCase("/run/resolv.conf", null)]
    [TestCase("/run/user/1000/resolv.conf", null)]
    [TestCase("/run/systemd/resolve/../../user/1000/bus", null)]
    public void HostResolver_IsFollowedOnlyInDirectoriesThatAreThereForIt(string target, string? expected) => Assert.That(HostResolver.Place(target), Is.EqualTo(expected));

    [Test]
    public void Resolver_OfTheHost_IsFollowed_UnlessTheRunHasItsOwn()
    {
        var surroundings = s_surroundings with { HostResolvConf = "nameserver 192.0.2.1\n", HostResolver = "/run/systemd/resolve/stub-resolv.conf" };
        var spec = SandboxSpecBuilder.Build(s_image, new RunOptions(), surroundings);
        Assert.Multiple(() =>
        {
            Assert.That(spec.ResolverDirectory, Is.EqualTo("/run/systemd/resolve"));
            Assert.That(spec.RootFiles.Single().Target, Is.EqualTo("/dev/resolve/stub-resolv.conf"));
            Assert.That(spec.Files.Select(file => file.Path), Is.EqualTo(["/etc/hostname", "/etc/hosts"]));
        });
        foreach (var options in new RunOptions[]
        {
            new() { Network = new() { Mode = NamespaceMode.Own } },
            new() { Network = new() { Names = new NameOptions { Search = ["."] } } },
            new() { Files = new() { Mounts = [new BindMount("/x", "/etc/resolv.conf", true)] } },
        })
        {
            spec = SandboxSpecBuilder.Build(s_image, options, surroundings);
            Assert.That((spec.ResolverDirectory, spec.RootFiles.Count), Is.EqualTo(((string?)null, 0)));
        }
    }

    [Test]
    public void Files_WithoutNetwork_TellNothingOfTheHosts()
    {
        var surroundings = s_surroundings with { HostResolvConf = "nameserver 192.0.2.1\n", HostHosts = "192.0.2.7 printer\n" };
        var files = SandboxSpecBuilder.Build(s_image, new RunOptions { Network = new() { Mode = NamespaceMode.Own } }, surroundings).Files;
        Assert.That(files[1].Content, Does.Not.Contain("printer").And.Contain("127.0.0.1\tlocalhost"));
        Assert.That(files[2].Content, Does.Not.Contain("nameserver"));
    }

    [Test]
    public void Hosts_OfTheRun_AreAdded_AndTheGatewayIsThisMachine()
    {
        var names = new NameOptions { Hosts = [new HostEntry("db", "192.0.2.9"), new HostEntry("host.docker.internal", HostEntry.Gateway)] };
        Assert.That(
            SandboxSpecBuilder.Build(s_image, new RunOptions { Network = new() { Names = names } }, s_surroundings).Files[1].Content,
            Does.Contain("192.0.2.9\tdb\n127.0.0.1\thost.docker.internal\n"));
        Assert.That(
            () => SandboxSpecBuilder.Build(s_image, new RunOptions { Network = new() { Names = names, Mode = NamespaceMode.Own } }, s_surroundings),
            Throws.TypeOf<SandboxException>().With.Message.Contains("cannot reach the host"));
    }

    [TestCase(null, null, true)]
    [TestCase(true, null, false)]
    [TestCase(true, true, true)]
    [TestCase(null, true, true)]
    [TestCase(null, false, false)]
    public void Input_PassesAsInDocker(bool? terminal, bool? interactive, bool passes) => Assert.That(
        SandboxSpecBuilder.Build(s_image, new RunOptions { Process = new() { Terminal = terminal, Interactive = interactive } }, s_surroundings).PassInput, Is.EqualTo(passes));

    [TestCase(null, false, false)]
    [TestCase(null, true, true)]
    [TestCase(true, false, true)]
    public void Input_ThatIsTyped_PassesToATerminalOrWhenAskedFor(bool? interactive, bool terminal, bool passes) => Assert.That(
        SandboxSpecBuilder.Build(s_image, new RunOptions { Process = new() { Interactive = interactive } }, s_surroundings with { Terminal = terminal, InputIsTyped = true }).PassInput, Is.EqualTo(passes));
}
