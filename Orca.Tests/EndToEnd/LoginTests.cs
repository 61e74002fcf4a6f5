using System.Text.Json;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Logins, mirrors, certificates and platforms, as people set them up, on the published binary.</summary>
[Category("EndToEnd")]
public sealed class LoginTests
{
    private const string Registry = "localhost:5001";
    private const string Image = Registry + "/busybox";
    private const string Password = "secret";

    [Test]
    public void Login_ByPipe_OpensTheRegistryUntilLogout()
    {
        Needs.Root("the registry with a password is started by make test as root");
        using var home = new Home();
        home.Shell("mkdir .docker; echo '{\"auths\":{\"other.test\":{\"auth\":\"b3RoZXI6eA==\"}},\"psFormat\":\"x\"}' > .docker/config.json; chmod 600 .docker/config.json").Succeeds();
        Login(home, Password).Succeeds();
        home.Orca("run", Image, "echo", "logged in").Run().Prints("logged in");
        var kept = home.Shell("cat .docker/config.json; stat -c %a .docker/config.json").Succeeds().Output;
        Assert.That(kept, Does.Contain("other.test").And.Contain("psFormat").And.Contain(Registry).And.EndWith("600\n"));

        home.Orca("logout", Registry).Run().Succeeds();
        home.Orca("rmi", Image).Run().Succeeds();
        Assert.That(home.Orca("pull", Image).Run().Ends(125).Errors, Does.Contain("401").And.Contain($"hint: check the name; if it is private, log in with 'orca login {Registry}'"));
        Assert.That(home.Shell("cat .docker/config.json").Output, Does.Contain("other.test").And.Not.Contain(Registry));
    }

    [Test]
    public void R06_R34_Login_ThatIsWrong_IsNotKeptAndNotShown()
    {
        Needs.Root("the registry with a password is started by make test as root");
        using var home = new Home();
        var refused = home.Orca("--debug", "login", "-u", "orca", "--password-stdin", Registry).Input("CANARYSECRET\n"u8.ToArray()).Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain($"orca: cannot log in to '{Registry}': GET http://{Registry}/v2/: 401 UNAUTHORIZED").And.Contain("as user 'orca'"));
        Assert.That(refused.Errors + refused.Output, Does.Not.Contain("CANARYSECRET"));
        Assert.That(home.Shell("grep -r CANARYSECRET . | head").Output + home.Shell("ls -A").Output, Is.Empty);
    }

    [Test]
    public void Login_AtATerminal_DoesNotShowThePassword()
    {
        Needs.Root("the registry with a password is started by make test as root");
        using var home = new Home();
        using var terminal = new Terminal(home);
        terminal.Type($"$orca login {Registry}").See("user at").Type("orca").See("password of orca at").Type(Password).See("logged in to");
        terminal.Type("echo still echoing").See("still echoing");
        Assert.That(terminal.Screen, Does.Not.Contain(Password));
    }

    [Test]
    public void Login_InterruptedAtThePassword_LeavesTheTerminalAsItWas()
    {
        using var home = new Home();
        using var terminal = new Terminal(home);
        terminal.Type("$orca login -u orca localhost:1").See("password of orca at").Press("C-c").Type("stty -a | grep -o ' echo '; echo ended").See("ended");
        Assert.That(terminal.Screen, Does.Contain("\n echo").Or.Contain("host>  echo"));
    }

    [Test]
    public void CertsDirectory_OfTheUser_TrustsItsAuthority([Values("containers", "docker")] string tool)
    {
        using var home = new Home();
        home.Shell($"mkdir -p .config/{tool}/certs.d/localhost:5443").Succeeds();
        home.Write($".config/{tool}/certs.d/localhost:5443/ca.crt", File.ReadAllText(World.CertificateAuthority));
        home.Orca("run", "localhost:5443/busybox", "echo", "trusted").Run().Prints("trusted");
    }

    [Test]
    public void TlsVerify_TurnedOff_TakesAnyCertificate()
    {
        using var home = new Home();
        home.Orca("run", "--tls-verify=false", "localhost:5443/busybox", "echo", "unchecked").Run().Prints("unchecked");
    }

    [Test]
    public void RegistriesConf_OfTheUser_LeadsToAMirrorAndBlocks()
    {
        using var home = new Home();
        home.Shell("mkdir -p .config/containers").Succeeds();
        home.Write(".config/containers/registries.conf", $"""
            [[registry]]
            prefix = "docker.io/library"
            [[registry.mirror]]
            location = "{World.Registry}"

            [[registry]]
            location = "evil.test"
            blocked = true
            """);
        home.Orca("run", "busybox", "echo", "from the mirror").Run().Prints("from the mirror");
        Assert.That(home.Orca("images").Run().Succeeds().Output, Does.Contain("busybox:latest").And.Not.Contain(World.Registry));
        Assert.That(home.Orca("pull", "evil.test/x").Run().Ends(125).Errors, Does.Contain("'evil.test' is blocked"));
    }

    [Test]
    public void ShortName_WhereASearchIsSet_IsTriedAtEachRegistry()
    {
        Needs.Root("the registry with a password is started by make test as root");
        using var home = new Home();
        home.Shell("mkdir -p .config/containers/registries.conf.d").Succeeds();
        var conf = $"unqualified-search-registries = ['localhost:1', '{Registry}', '{World.Registry}']\n[aliases]\nalias = '{World.Registry}/busybox'\nbusybox = ''\n";
        home.Write(".config/containers/registries.conf.d/own.conf", conf);

        Assert.That(home.Orca("run", "none", "true").Run().Ends(125).Errors,
            Does.Contain("cannot pull 'none:latest': no registry that is searched for it has it: localhost:1/none:latest: ").And.Contain("401").And.Contain("404"));
        var first = home.Orca("run", "busybox", "echo", "found").Run().Succeeds();
        Assert.That(first.Output, Is.EqualTo("found\n"));
        Assert.That(first.Errors, Does.Contain($"note: 'busybox:latest' is '{World.Registry}/busybox:latest'"));
        Assert.That(home.Orca("images").Run().Succeeds().Output, Does.Contain($"{World.Registry}/busybox"));
        Assert.That(home.Orca("pull", "alias").Run().Succeeds().Errors, Does.Contain($"'alias:latest' is '{World.Registry}/busybox:latest'"));

        home.Program("strace", "-f", "-qq", "-o", "trace", "-e", "trace=socket,connect,execve", World.Binary, "run", "busybox", "echo", "offline").Run().Prints("offline");
        Assert.That(home.Shell("grep -E 'connect\\(|AF_INET|memfd' trace").Output, Is.Empty, "what is there needs no network, and not the half that has it");
        home.Write(".config/containers/registries.conf.d/own.conf", "short-name-mode = 'enforcing'\n" + conf);
        home.Orca("run", "busybox", "echo", "still").Run().Prints("still");
        Assert.That(home.Orca("pull", "busybox").Run().Ends(125).Errors, Does.Contain("'short-name-mode' is 'enforcing'"));
        home.Orca("rmi", "busybox").Run().Succeeds();
        Assert.That(home.Orca("images", "-q").Run().Succeeds().Output, Is.Empty);
    }

    [Test]
    public void D20_Platform_OfAnotherMachine_IsNotRunSilently()
    {
        using var home = new Home();
        home.Orca("pull", World.Busybox).Run().Succeeds();
        foreach (var policy in (string[])["missing", "never"])
        {
            var refused = home.Orca("run", "--pull", policy, "--platform", "linux/s390x", World.Busybox, "echo", "ran").Run().Ends(125);
            Assert.That(refused.Errors, Does.Contain("linux/amd64").And.Contain("linux/s390x"));
        }

        home.Orca("run", "--platform", "linux/amd64", World.Busybox, "echo", "ran").Run().Prints("ran");
    }

    [Test]
    public void Progress_AsJson_IsJsonAlsoWhenThePullFails()
    {
        using var home = new Home();
        var pulled = home.Orca("pull", "--progress", "json", World.Busybox).Run().Succeeds();
        Assert.That(Events(pulled.Errors), Does.Contain("start").And.Contain("layer").And.Contain("done"));
        var failed = home.Orca("pull", "--progress", "json", World.Registry + "/none").Run().Ends(125);
        Assert.That(Events(failed.Errors), Is.EqualTo(["start", "error"]));
        Assert.That(failed.Output, Is.Empty);
    }

    [Test]
    public void StoredImage_NeedsNoNetworkAtAll()
    {
        using var home = new Home();
        home.Orca("pull", World.Busybox).Run().Succeeds();
        home.Program("strace", "-f", "-qq", "-o", "trace", "-e", "trace=socket,connect,sendto,sendmsg", World.Binary, "run", World.Busybox, "echo", "offline").Run().Prints("offline");
        Assert.That(home.Shell("grep -E 'connect\\(|AF_INET|AF_UNIX, SOCK' trace | grep -v socketpair").Output, Is.Empty);
    }

    private static Outcome Login(Home home, string password) =>
        home.Orca("login", "--username", "orca", "--password-stdin", Registry).Input(System.Text.Encoding.UTF8.GetBytes(password + "\n")).Run();

    private static List<string?> Events(string lines) => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("event").GetString();
    })];
}
