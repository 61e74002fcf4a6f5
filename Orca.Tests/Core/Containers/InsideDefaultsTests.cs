using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.Core.Containers;

/// <summary>What a container is given besides what image and run say: proxies, marks, sockets, and whether an init goes before the command.</summary>
public sealed class InsideDefaultsTests
{
    private static readonly ImageConfig s_image = new() { Platform = Platform.Current, DiffIds = [], Cmd = ["sh"], Env = ["no_proxy=image"] };

    private static readonly Surroundings s_surroundings = new() { Root = new RootFileSystem { Store = "/store", Directory = "containers/c" }, DefaultHostname = "box", CallerUid = 1000 };

    private static readonly ContainerRecord s_record = new()
    {
        Name = "work",
        Image = ImageReference.Parse("alpine:3"),
        ImageDigest = Digest.Parse("sha256:" + new string('a', 64)),
        Created = DateTimeOffset.UnixEpoch,
        Options = new RunOptions(),
    };

    [TestCase(null, NamespaceMode.Host, "HTTPS_PROXY=http://two:2 http_proxy=http://one:1", 1)]
    [TestCase(true, NamespaceMode.Host, "ALL_PROXY=socks5://ann:secret@three:3 HTTPS_PROXY=http://two:2 http_proxy=http://one:1", 0)]
    [TestCase(false, NamespaceMode.Host, "", 0)]
    [TestCase(true, NamespaceMode.Own, "", 0, Description = "where there is no way out, no proxy is one")]
    public void Proxies_AreHandedIn_ButNoPassword(bool? asked, NamespaceMode network, string expected, int notes)
    {
        var heard = new List<string>();
        var run = new RunOptions { Network = new() { HttpProxy = asked, Mode = network }, Process = new() { Env = ["https_proxy=mine"] } };
        var found = ProxyVariables.Look(run, Variable, heard.Add);
        Assert.That(string.Join(' ', found.Order(StringComparer.Ordinal)), Is.EqualTo(expected));
        Assert.That(heard, Has.Count.EqualTo(notes));
        Assert.That(string.Concat(heard), Does.Not.Contain("secret"));

        static string? Variable(string name) => name switch
        {
            "http_proxy" => "http://one:1",
            "https_proxy" or "HTTPS_PROXY" => "http://two:2",
            "ALL_PROXY" => "socks5://ann:secret@three:3",
            "no_proxy" => "",
            _ => null,
        };
    }

    [Test]
    public void Proxies_GiveWayToTheImagesVariables()
    {
        var env = SandboxSpecBuilder.Build(s_image, new RunOptions(), s_surroundings with { Proxies = ["no_proxy=caller", "http_proxy=http://one:1"] }).Env;
        Assert.That(env, Does.Contain("no_proxy=image").And.Contain("http_proxy=http://one:1"));
    }

    [TestCase("/sbin/init", "", true)]
    [TestCase("/usr/lib/systemd/systemd", "", true)]
    [TestCase("//sbin/./init", "", true)]
    [TestCase("/init", "exec s6-overlay-suexec", true)]
    [TestCase("/init", "echo mine", false)]
    [TestCase("/init", null, false)]
    [TestCase("/usr/bin/tini", "", false, Description = "content below another init")]
    [TestCase("sh", "", false)]
    [TestCase("/opt/init", "s6-", false)]
    public void Command_ThatInsistsOnBeingTheFirst_IsSeen(string command, string? script, bool insists) =>
        Assert.That(FirstProcess.Insists(command, (_, _) => script is null ? null : System.Text.Encoding.UTF8.GetBytes(script)), Is.EqualTo(insists));

    [TestCase(null, NamespaceMode.Own, false)]
    [TestCase(true, NamespaceMode.Own, true, Description = "the run says so")]
    [TestCase(null, NamespaceMode.Host, true, Description = "there nobody can be process 1")]
    public void Command_ThatInsistsOnBeingTheFirst_Is(bool? init, NamespaceMode pid, bool expected) =>
        Assert.That(SandboxSpecBuilder.Build(s_image, new RunOptions { Process = new() { Init = init }, Network = new() { Pid = pid } }, s_surroundings with { InsistsOnFirst = true }).Init, Is.EqualTo(expected));

    [TestCase(true, NamespaceMode.Own, "LISTEN_FDNAMES=web LISTEN_FDS=2 LISTEN_PID=2")]
    [TestCase(false, NamespaceMode.Own, "LISTEN_FDNAMES=web LISTEN_FDS=2 LISTEN_PID=1")]
    [TestCase(true, NamespaceMode.Host, "")]
    public void Sockets_AreSaidWithTheCommandsNumber(bool init, NamespaceMode pid, string expected)
    {
        var passed = s_surroundings with { Descriptors = new PassedDescriptors(2) { Listening = true, Names = "web" } };
        var spec = SandboxSpecBuilder.Build(s_image, new RunOptions { Process = new() { Init = init }, Network = new() { Pid = pid } }, passed);
        Assert.That(spec.Descriptors, Is.EqualTo(2));
        Assert.That(string.Join(' ', spec.Env.Where(item => item.StartsWith("LISTEN_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)), Is.EqualTo(expected));
    }

    [Test]
    public void Sockets_AreOnesOnly_ThatAreForThisProcess()
    {
        var self = Environment.ProcessId.ToString(null, null);
        Assert.That(PassedDescriptors.Listen(name => name == "LISTEN_PID" ? self : "2"), Is.EqualTo(new PassedDescriptors(2) { Listening = true, Names = "2" }));
        Assert.That(PassedDescriptors.Listen(name => name == "LISTEN_PID" ? "1" : "2"), Is.Null);
        Assert.That(PassedDescriptors.Listen(name => name == "LISTEN_PID" ? self : null), Is.Null);
    }

    [Test]
    public void Mark_SaysWhatContainerItIs()
    {
        var surroundings = s_surroundings with { Record = s_record };
        var file = SandboxSpecBuilder.Build(s_image, new RunOptions(), surroundings).Files.Single(file => file.Path == "/run/.containerenv");
        Assert.That(file.Content.Split('\n'), Is.EqualTo(new[]
        {
            $"engine=\"orca-{Orca.Cli.Commands.VersionCommand.Number}\"", "name=\"work\"", "id=\"work\"", "image=\"docker.io/library/alpine:3\"", $"imageid=\"{new string('a', 64)}\"", "rootless=1", "",
        }));
    }

    [Test]
    public void Mark_OfDocker_IsPutInACopy_WhichHasNoTreeBelow()
    {
        var copy = s_surroundings.Root with { Copy = "containers/c/rootfs" };
        Assert.That(SandboxSpecBuilder.Build(s_image, new RunOptions(), s_surroundings with { Root = copy }).RootFiles.Single().Path, Is.EqualTo("/.dockerenv"));
        Assert.That(SandboxSpecBuilder.Build(s_image, new RunOptions(), s_surroundings with { Root = copy with { IsShared = true } }).RootFiles, Is.Empty);
    }

    [Test]
    public void Hosts_HasTheNamesForTheHost_WhereThereIsAWayToIt()
    {
        Assert.That(Hosts(new RunOptions()), Does.Contain("127.0.0.1\thost.docker.internal\n127.0.0.1\thost.containers.internal\n"));
        Assert.That(Hosts(new RunOptions { Network = new() { Mode = NamespaceMode.Own } }), Does.Not.Contain("internal"));
        Assert.That(Hosts(new RunOptions { Network = new() { Names = new NameOptions { Hosts = [HostEntry.Parse("host.docker.internal:192.0.2.1")] } } }), Does.Not.Contain("127.0.0.1\thost.docker.internal").And.Contain("192.0.2.1\thost.docker.internal"));
    }

    private static string Hosts(RunOptions options) => SandboxSpecBuilder.Build(s_image, options, s_surroundings).Files.Single(file => file.Path == "/etc/hosts").Content;
}
