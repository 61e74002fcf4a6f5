using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Logins;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class AuthFileCredentialsTests
{
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private string _home = null!;

    [SetUp]
    public void SetUp()
    {
        _home = Directory.CreateTempSubdirectory("orca-logins").FullName;
        _notes.Clear();
        _environment.Clear();
        _environment["HOME"] = _home;
    }

    [TearDown]
    public void TearDown() => Directory.Delete(_home, recursive: true);

    [Test]
    public async Task FindAsync_LooksIntoDockersAndPodmansFiles_InPodmansOrder()
    {
        _environment["XDG_RUNTIME_DIR"] = Path.Combine(_home, "run");
        Assert.That(await FindAsync(), Is.Null);
        Write(".docker/config.json", "docker");
        Assert.That(await FindAsync(), Is.EqualTo("docker"));
        Write(".config/containers/auth.json", "config");
        Assert.That(await FindAsync(), Is.EqualTo("config"));
        Write("run/containers/auth.json", "runtime");
        Assert.That(await FindAsync(), Is.EqualTo("runtime"));
        Assert.That(_notes, Is.Empty);
    }

    [Test]
    public async Task FindAsync_FilesThatVariablesName_StandForTheOthers()
    {
        Write(".docker/config.json", "docker");
        _environment["DOCKER_CONFIG"] = Path.Combine(_home, "elsewhere");
        Assert.That(async () => await FindAsync(), Throws.TypeOf<RegistryException>().With.Message.Contains("elsewhere/config.json").And.Property("Hint").Contains("DOCKER_CONFIG"));
        Directory.CreateDirectory(_environment["DOCKER_CONFIG"]);
        Assert.That(await FindAsync(), Is.Null, "the first login makes the file");
        Write("elsewhere/config.json", "elsewhere");
        Assert.That(await FindAsync(), Is.EqualTo("elsewhere"));
        _environment["REGISTRY_AUTH_FILE"] = Path.Combine(_home, "auth.json");
        Assert.That(async () => await FindAsync(), Throws.TypeOf<RegistryException>().With.Message.Contains("/auth.json': ENOENT").And.Property("Hint").Contains("REGISTRY_AUTH_FILE"), "no other counts");
        Write("auth.json", "chosen");
        Assert.That(await FindAsync(), Is.EqualTo("chosen"));
        _environment["XDG_CONFIG_HOME"] = Path.Combine(_home, "xdg");
        _environment.Remove("REGISTRY_AUTH_FILE");
        Write("xdg/containers/auth.json", "xdg");
        Assert.That(await FindAsync(), Is.EqualTo("xdg"));
    }

    [Test]
    public async Task R32_FindAsync_AFileOpenToOthers_IsNotedOnceAndUsed()
    {
        var path = Write(".docker/config.json", "bob");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var source = Source();
        await source.FindAsync("other.test", "a", default);
        Assert.That(_notes, Is.Empty, "it may hold none");
        Assert.That((await source.FindAsync("r.test", "a", default))?.User, Is.EqualTo("bob"));
        await source.FindAsync("r.test", "b", default);
        Assert.That(_notes, Is.EqualTo([$"'{path}' holds logins and may be read by others; type: chmod 600 '{path}'"]));
    }

    [Test]
    public void R32_FindAsync_ADirectoryInPlaceOfTheFile_IsAnError()
    {
        _environment["REGISTRY_AUTH_FILE"] = _home;
        Assert.That(async () => await FindAsync(), Throws.TypeOf<RegistryException>().With.Message.EndsWith("it is a directory"));
    }

    [Test]
    public async Task R33_FindAsync_AStoreThatIsNotOnThisMachine_IsNotedAndMeansAnonymous()
    {
        WriteText(".docker/config.json", """{"auths":{"https://index.docker.io/v1/":{}},"credsStore":"desktop"}""");
        _environment["PATH"] = _home;
        Assert.That(await FindAsync("docker.io"), Is.Null);
        Assert.That(_notes, Has.One.Contains("docker-credential-desktop"));
    }

    [Test]
    public void R33_FindAsync_AHelperForTheRegistryThatIsNotOnThisMachine_IsAnError()
    {
        WriteText(".docker/config.json", """{"credHelpers":{"r.test":"nowhere"}}""");
        _environment["PATH"] = _home;
        Assert.That(async () => await FindAsync(), Throws.TypeOf<RegistryException>().With.Message.Contains("docker-credential-nowhere"));
        Assert.That(async () => await FindAsync("other.test"), Is.Null);
    }

    [Test]
    public async Task FindAsync_AHelper_IsAskedForTheRegistry()
    {
        var path = WriteText("docker-credential-mine", "#!/bin/sh\nread server; echo \"{\\\"Username\\\":\\\"$server\\\",\\\"Secret\\\":\\\"x\\\"}\"\n");
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("755", 8));
        WriteText(".docker/config.json", """{"credsStore":"mine"}""");
        _environment["PATH"] = _home;
        Assert.That(await FindAsync(), Is.EqualTo("r.test"));
    }

    private AuthFileCredentials Source() =>
        new(new AuthFiles(new AuthFilePaths(_environment.GetValueOrDefault, 123_456), _notes.Add), new CredentialProgram(_environment.GetValueOrDefault));

    private async Task<string?> FindAsync(string registry = "r.test") => (await Source().FindAsync(registry, "a", default))?.User;

    private string Write(string path, string user) =>
        WriteText(path, """{"auths":{"r.test":{"auth":"AUTH"}}}""".Replace("AUTH", Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":x")), StringComparison.Ordinal));

    private string WriteText(string path, string text)
    {
        var file = Path.Combine(_home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
