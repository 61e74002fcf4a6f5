using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;
using Orca.Tests.Fixtures;
using static Orca.Tests.Fixtures.ScriptedRegistry;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class RegistryLoginsTests
{
    private static readonly string BobsHeader = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("bob:" + Secret));
    private static readonly string BobsAuth = BobsHeader[6..];

    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private string _home = null!;

    [SetUp]
    public void SetUp()
    {
        _home = Directory.CreateTempSubdirectory("orca-login").FullName;
        _environment.Clear();
        (_environment["HOME"], _environment["PATH"]) = (_home, _home + ":/usr/bin:/bin");
    }

    [TearDown]
    public void TearDown() => Directory.Delete(_home, recursive: true);

    [TestCase("Basic realm=\"x\"")]
    [TestCase("Bearer realm=\"https://auth.test/token\",service=\"s\"")]
    public async Task Login_ThatTheRegistryTakes_IsKeptForItsOwnerOnly(string challenge)
    {
        using var registry = Registry(challenge);
        var place = await Logins(registry).LoginAsync("registry.test", "bob", Secret, default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(place, Is.EqualTo(_home + "/.docker/config.json"));
            Assert.That(File.ReadAllText(place), Is.EqualTo("{\n\t\"auths\": {\n\t\t\"registry.test\": {\n\t\t\t\"auth\": \"" + BobsAuth + "\"\n\t\t}\n\t}\n}\n"));
            Assert.That(File.GetUnixFileMode(place), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.That(File.GetUnixFileMode(Path.GetDirectoryName(place)!), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
            Assert.That(string.Join('\n', registry.Log), Does.Not.Contain(Secret).And.Not.Contain(BobsAuth));
            Assert.That(registry.Auth.Requests.Select(one => one.Target), Is.All.EqualTo("/token?service=s"));
            Assert.That(Directory.GetFiles(_home, "*", SearchOption.AllDirectories), Has.Length.EqualTo(1));
        }
    }

    [TestCase("Basic realm=\"x\"")]
    [TestCase("Bearer realm=\"https://auth.test/token\",service=\"s\"")]
    public async Task R06_Login_ThatTheRegistryRefuses_IsNotKept(string challenge)
    {
        using var registry = Registry(challenge);
        var error = await Assert.ThrowsAsync<RegistryException>(() => Logins(registry).LoginAsync("registry.test", "bob", "wrong-" + Secret, default));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.StartWith("cannot log in to 'registry.test': GET https://").And.Contain("401").And.Contain("as user 'bob'"));
            Assert.That(error.ToString(), Does.Not.Contain(Secret));
            Assert.That(Directory.GetFiles(_home, "*", SearchOption.AllDirectories), Is.Empty);
        }
    }

    [Test]
    public async Task Login_InAFileOfOthers_LeavesThemAlone()
    {
        var path = Write(".docker/config.json", """{"HttpHeaders":{"A":"é+"},"auths":{"https://registry.test/v1/":{"auth":"b2xkOng="},"other.test":{"auth":"b3RoZXI6eA==","email":null},"registry.test/path":{"auth":"cGF0aDp4"}},"n":1e3}""");
        using var registry = Registry("Basic realm=x");
        await Logins(registry).LoginAsync("registry.test", "bob", Secret, default);
        var flat = File.ReadAllText(path).Replace("\n", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        Assert.That(flat, Is.EqualTo("""{"HttpHeaders":{"A":"é+"},"auths":{"other.test":{"auth":"b3RoZXI6eA==","email":null},"registry.test/path":{"auth":"cGF0aDp4"},"registry.test":{"auth":"AUTH"}},"n":1e3}""".Replace("AUTH", BobsAuth, StringComparison.Ordinal)));
    }

    [Test]
    public async Task Login_GoesWhereOneIs_AndThroughLinks()
    {
        var podman = Write(".config/containers/real.json", """{"auths":{"registry.test":{"auth":"b2xkOng="}}}""");
        var link = Path.Combine(_home, ".config/containers/auth.json");
        File.CreateSymbolicLink(link, "real.json");
        using var registry = Registry("Basic realm=x");
        Assert.That(await Logins(registry).LoginAsync("registry.test", "bob", Secret, default), Is.EqualTo(link));
        Assert.That(new FileInfo(link).LinkTarget, Is.EqualTo("real.json"));
        Assert.That(File.ReadAllText(podman), Does.Contain(BobsAuth));
    }

    [TestCase("""{"credsStore":"keep"}""")]
    [TestCase("""{"credHelpers":{"registry.test":"keep"}}""")]
    public async Task Login_WhereAHelperIsNamed_GoesThere(string config)
    {
        var path = Write(".docker/config.json", config);
        var helper = Write("docker-credential-keep", "#!/bin/sh\ncase $1 in get) cat " + _home + "/kept;; store) cat > " + _home + "/kept;; erase) rm " + _home + "/kept;; esac\n");
        File.SetUnixFileMode(helper, (UnixFileMode)Convert.ToInt32("755", 8));
        using var registry = Registry("Basic realm=x");
        Assert.That(await Logins(registry).LoginAsync("registry.test", "bob", Secret, default), Is.EqualTo("docker-credential-keep"));
        Assert.That(File.ReadAllText(_home + "/kept"), Does.Contain(Secret));
        Assert.That(await Logins(registry).LogoutAsync("registry.test", default), Is.EqualTo(["docker-credential-keep"]));
        Assert.That(File.Exists(_home + "/kept"), Is.False);
        Assert.That(File.ReadAllText(path), Is.EqualTo(config));
    }

    [Test]
    public async Task Logout_ForgetsItInEveryFile()
    {
        var docker = Write(".docker/config.json", """{"auths":{"https://index.docker.io/v1/":{"auth":"Ym9iOng="},"other.test":{"auth":"b3RoZXI6eA=="}}}""");
        var podman = Write(".config/containers/auth.json", """{"auths":{"docker.io":{"auth":"Ym9iOng="},"docker.io/team":{"auth":"Ym9iOng="}}}""");
        using var registry = Registry("Basic realm=x");
        Assert.That(await Logins(registry).LogoutAsync("docker.io", default), Is.EqualTo([podman, docker]));
        Assert.That(File.ReadAllText(docker), Does.Contain("other.test").And.Not.Contain("index.docker.io"));
        Assert.That(File.ReadAllText(podman), Does.Contain("docker.io/team"));
        Assert.That(await Logins(registry).LogoutAsync("https://index.docker.io/v1/", default), Is.Empty);
    }

    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("""{"auths":["CANARYSECRET"]}""")]
    public async Task R32_Login_InABrokenFile_IsAnErrorAndLeavesIt(string text)
    {
        var path = Write(".docker/config.json", text);
        using var registry = Registry("Basic realm=x");
        var error = await Assert.ThrowsAsync<RegistryException>(() => Logins(registry).LoginAsync("registry.test", "bob", Secret, default));
        Assert.That(error!.ToString(), Does.Contain(path).And.Not.Contain(Secret));
        Assert.That(File.ReadAllText(path), Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase("alpine")]
    [TestCase("a b")]
    [TestCase("r.test/path")]
    [TestCase("r.test:99999")]
    public void Login_AtWhatIsNoRegistry_IsRefused(string name)
    {
        using var registry = Registry("Basic realm=x");
        Assert.That(async () => await Logins(registry).LoginAsync(name, "bob", Secret, default), Throws.TypeOf<ReferenceException>());
    }

    [TestCase("", "x")]
    [TestCase("a:b", "x")]
    [TestCase("bob", "")]
    public void Login_WithoutUserOrPassword_IsRefused(string user, string password)
    {
        using var registry = Registry("Basic realm=x");
        Assert.That(async () => await Logins(registry).LoginAsync("registry.test", user, password, default), Throws.TypeOf<RegistryException>());
        Assert.That(registry.Registry.Requests, Is.Empty);
    }

    private static ScriptedRegistry Registry(string challenge)
    {
        var registry = new ScriptedRegistry { Token = "plain-token" };
        registry.OnRegistry = request => request.Header("Authorization") is { } sent && (sent == BobsHeader || sent == "Bearer plain-token")
            ? Reply.Json("{}")
            : Reply.Json("""{"errors":[{"code":"UNAUTHORIZED"}]}""", 401).With("WWW-Authenticate", challenge);
        registry.OnAuth = request => request.Header("Authorization") == BobsHeader ? null : new Reply(401);
        return registry;
    }

    private RegistryLogins Logins(ScriptedRegistry registry) => new(
        new AuthFiles(new AuthFilePaths(_environment.GetValueOrDefault, 123_456), note: null), new CredentialProgram(_environment.GetValueOrDefault), registry.Sessions, new Lazy<RegistriesPolicy>(() => registry.Policy), registry.Verifies);

    private string Write(string path, string text)
    {
        var file = Path.Combine(_home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
