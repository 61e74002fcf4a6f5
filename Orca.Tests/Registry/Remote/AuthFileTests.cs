using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class AuthFileTests
{
    private const string Secret = "CANARYSECRET";

    [TestCase("""{"auths":{"r.test":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"https://r.test":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"https://r.test/v1/":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"R.Test":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"r.test/team":{"auth":"AUTH"},"r.test":{"auth":"T1RIRVI6eA=="}}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":"T1RIRVI6eA=="},"r.test/team/app":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":"AUTH"},"r.test/te":{"auth":"T1RIRVI6eA=="},"other":{"auth":"!!!"}}}""")]
    [TestCase("""{"auths":null,"auths":{"r.test":{"email":null,"auth":"AUTH","x":[{}]}},"credsStore":"desktop","HttpHeaders":{"a":"b"}}""")]
    public void Find_TheRegistry_GivesItsLogin(string json) =>
        Assert.That(Find(json, "r.test")?.ToBasic(), Is.EqualTo("Basic " + Encode("bob:" + Secret)));

    [TestCase("https://index.docker.io/v1/")]
    [TestCase("index.docker.io")]
    [TestCase("docker.io")]
    [TestCase("https://registry-1.docker.io/v2/")]
    public void Find_DockersNames_AreOne(string key) =>
        Assert.That(Find("""{"auths":{"KEY":{"auth":"AUTH"}}}""".Replace("KEY", key, StringComparison.Ordinal), "docker.io"), Is.Not.Null);

    [TestCase("")]
    [TestCase("  \n")]
    [TestCase("{}")]
    [TestCase("""{"auths":{}}""")]
    [TestCase("""{"auths":{"other.test":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"r.test.evil":{"auth":"AUTH"},"r.tes":{"auth":"AUTH"},"":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"r.test:5000":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"r.test/team/other":{"auth":"AUTH"}}}""")]
    [TestCase("""{"auths":{"r.test":{}}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":""}}}""")]
    [TestCase("""{"auths":{"r.test":null}}""")]
    public void Find_WhatIsNotThere_IsNoLogin(string json) => Assert.That(Find(json, "r.test"), Is.Null);

    [TestCase("{")]
    [TestCase("CANARYSECRET")]
    [TestCase("""{"auths":[]}""")]
    [TestCase("""{"auths":{"r.test":"CANARYSECRET"}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":7}}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":"CANARYSECRET!"}}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":"Q0FOQVJZU0VDUkVU"}}}""")]
    public void Find_ABrokenFile_IsAnErrorWithoutItsContents(string json)
    {
        var error = Assert.Throws<RegistryException>(() => Find(json, "r.test"));
        Assert.That(error!.Message, Does.StartWith("cannot read the logins in '/home/bob/config.json': "));
        Assert.That(error.ToString(), Does.Not.Contain(Secret).And.Not.Contain("Q0FOQV"));
    }

    [TestCase("bob:pass:word:")]
    [TestCase("bob:pässwörd")]
    [TestCase("bob:")]
    public void Find_AnyPassword_ComesThrough(string login) =>
        Assert.That(Find("""{"auths":{"r.test":{"auth":"AUTH"}}}""", "r.test", login)?.ToBasic(), Is.EqualTo("Basic " + Encode(login)));

    [Test]
    public void Credential_AsText_HasNoPassword() => Assert.That($"{new Credential("bob", Secret)}", Is.EqualTo("bob"));

    [Test]
    public async Task FindAsync_LooksIntoEachFileInTurn()
    {
        var home = Directory.CreateTempSubdirectory("orca-logins");
        try
        {
            void Write(string path, string login)
            {
                var file = Path.Combine(home.FullName, path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllText(file, Json("""{"auths":{"r.test":{"auth":"AUTH"}}}""", login));
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            var environment = new Dictionary<string, string> { ["HOME"] = home.FullName };
            var log = new CountingLogger();
            var source = new AuthFileCredentials(environment.GetValueOrDefault, log);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(await source.FindAsync("r.test", "a", default), Is.Null);
                Write(".docker/config.json", "home:x");
                Assert.That((await source.FindAsync("r.test", "a", default))?.User, Is.EqualTo("home"));
                environment["DOCKER_CONFIG"] = Path.Combine(home.FullName, "docker");
                Assert.That(await source.FindAsync("r.test", "a", default), Is.Null);
                Write("docker/config.json", "docker:x");
                Assert.That((await source.FindAsync("r.test", "a", default))?.User, Is.EqualTo("docker"));
                environment["REGISTRY_AUTH_FILE"] = Path.Combine(home.FullName, "auth.json");
                Assert.That((await source.FindAsync("r.test", "a", default))?.User, Is.EqualTo("docker"));
                Write("auth.json", "podman:x");
                Assert.That((await source.FindAsync("r.test", "a", default))?.User, Is.EqualTo("podman"));
                Assert.That(log.Warnings, Is.Zero);
                File.SetUnixFileMode(Path.Combine(home.FullName, "auth.json"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
                await source.FindAsync("r.test", "a", default);
                Assert.That(log.Warnings, Is.EqualTo(1));
                environment["REGISTRY_AUTH_FILE"] = home.FullName;
                Assert.That(async () => await source.FindAsync("r.test", "a", default), Throws.TypeOf<RegistryException>());
            }
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    private static Credential? Find(string json, string registry, string login = "bob:" + Secret) =>
        AuthFileReader.Find(Encoding.UTF8.GetBytes(Json(json, login)), registry, "team/app", "/home/bob/config.json");

    private static string Json(string json, string login) => json.Replace("AUTH", Encode(login), StringComparison.Ordinal);

    private static string Encode(string login) => Convert.ToBase64String(Encoding.UTF8.GetBytes(login));

    private sealed class CountingLogger : ILogger<AuthFileCredentials>
    {
        public int Warnings { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings += logLevel == LogLevel.Warning ? 1 : 0;
    }
}
