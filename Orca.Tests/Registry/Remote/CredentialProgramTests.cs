using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Logins;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class CredentialProgramTests
{
    private const string Secret = "CANARYSECRET";

    private DirectoryInfo _directory = null!;

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("orca-programs");

    [TearDown]
    public void TearDown() => _directory.Delete(recursive: true);

    [Test]
    public async Task R33_Program_ThatKnowsTheRegistry_GivesItsLogin()
    {
        Write("pass", $$"""read server; echo "$1 $server" > {{_directory}}/asked; echo '{"ServerURL":"x","Username":"bob","Secret":"{{Secret}}"}'""");
        var found = await Programs().GetAsync("pass", "docker.io", "config.json", default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((found?.User, found?.Secret, found?.IsToken), Is.EqualTo(("bob", Secret, false)));
            Assert.That(File.ReadAllText(Path.Combine(_directory.FullName, "asked")), Is.EqualTo("get https://index.docker.io/v1/\n"));
        }
    }

    [Test]
    public async Task R33_Program_WithAnIdentityToken_SaysSoByTheUser()
    {
        Write("token", """echo '{"Username":"<token>","Secret":"x"}'""");
        Assert.That((await Programs().GetAsync("token", "r.test", "config.json", default))?.IsToken, Is.True);
    }

    [TestCase("echo 'credentials not found in native keychain'; exit 1")]
    [TestCase("""echo '{"Username":"","Secret":""}'""")]
    public async Task R33_Program_WithoutALogin_MeansAnonymous(string script)
    {
        Write("empty", script);
        Assert.That(await Programs().GetAsync("empty", "r.test", "config.json", default), Is.Null);
    }

    [TestCase("echo CANARYSECRET", "is not valid JSON")]
    [TestCase("echo '[]'", "is not a JSON object")]
    [TestCase("""echo '{"Username":"CANARYSECRET"}'""", "has no user or no secret")]
    [TestCase("echo CANARYSECRET; echo CANARYSECRET >&2; exit 3", "it ended with status 3")]
    [TestCase("head -c 10485760 /dev/zero | tr '\\0' A", "larger than 1 MiB")]
    [TestCase("exec sleep 30", "did not answer within 1 seconds")]
    [TestCase("sleep 30", "did not answer within 1 seconds")]
    [TestCase("exec 0<&- 1>&- 2>&-; exec sleep 30", "did not answer within 1 seconds")]
    public async Task R33_Program_ThatMisbehaves_IsAnErrorWithoutItsOutput(string script, string cause)
    {
        Write("bad", script);
        var error = await Assert.ThrowsAsync<RegistryException>(() => Programs(patience: cause.Contains("within", StringComparison.Ordinal) ? 1 : 10).GetAsync("bad", "r.test", "config.json", default));
        Assert.That(error!.Message, Does.StartWith("cannot ask the credential helper 'docker-credential-bad' of 'config.json': ").And.Contain(cause));
        Assert.That(error.ToString(), Does.Not.Contain(Secret));
    }

    [TestCase("../../bin/sh")]
    [TestCase("/bin/sh")]
    [TestCase("a/b")]
    [TestCase("..")]
    [TestCase("")]
    [TestCase("-x")]
    [TestCase("a b")]
    [TestCase("a\0b")]
    public async Task R33_Program_WhoseNameIsAPath_IsRefused(string name)
    {
        var error = await Assert.ThrowsAsync<RegistryException>(() => Programs().GetAsync(name, "r.test", "config.json", default));
        Assert.That(error!.Message, Does.StartWith("cannot use the credential helper '"));
    }

    [Test]
    public async Task R33_Program_ThatIsMissing_IsNamed()
    {
        var error = await Assert.ThrowsAsync<RegistryException>(() => Programs().GetAsync("nowhere", "r.test", "config.json", default));
        Assert.That(error!.Message, Does.Contain("docker-credential-nowhere").And.Contain("not on this machine"));
    }

    [Test]
    public void Program_InTheCurrentDirectory_IsNotLookedFor() =>
        Assert.That(new CredentialProgram(_ => ":.:relative").Exists("pass"), Is.False);

    [Test]
    public async Task Program_StoresAndErases_OverItsInput()
    {
        Write("keep", $$"""cat > {{_directory}}/$1; echo "$@" >> {{_directory}}/arguments""");
        await Programs().StoreAsync("keep", "r.test", new Credential("bob", Secret), default);
        await Programs().EraseAsync("keep", "r.test", default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllText(Path.Combine(_directory.FullName, "store")), Is.EqualTo($$"""{"ServerURL":"r.test","Username":"bob","Secret":"{{Secret}}"}"""));
            Assert.That(File.ReadAllText(Path.Combine(_directory.FullName, "erase")), Is.EqualTo("r.test"));
            Assert.That(File.ReadAllText(Path.Combine(_directory.FullName, "arguments")), Is.EqualTo("store\nerase\n"));
        }
    }

    private CredentialProgram Programs(int patience = 10) =>
        new(name => name == "PATH" ? $"{_directory.FullName}:/usr/bin:/bin" : null, TimeSpan.FromSeconds(patience));

    private void Write(string name, string script)
    {
        var path = Path.Combine(_directory.FullName, "docker-credential-" + name);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("755", 8));
    }
}
