using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Logins;

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
    public void R32_Find_WhatIsNotThere_IsNoLogin(string json) => Assert.That(Find(json, "r.test"), Is.Null);

    [TestCase("{")]
    [TestCase("CANARYSECRET")]
    [TestCase("""{"auths":[]}""")]
    [TestCase("""{"auths":{"r.test":"CANARYSECRET"}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":7}}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":"CANARYSECRET!"}}}""")]
    [TestCase("""{"auths":{"r.test":{"auth":"Q0FOQVJZU0VDUkVU"}}}""")]
    public void R32_Find_ABrokenFile_IsAnErrorWithoutItsContents(string json)
    {
        var error = Assert.Throws<RegistryException>(() => Find(json, "r.test"));
        Assert.That(error!.Message, Does.StartWith("cannot read the logins in '/home/bob/config.json': "));
        Assert.That(error.ToString(), Does.Not.Contain(Secret).And.Not.Contain("Q0FOQV"));
    }

    [TestCase("bob:pass:word:")]
    [TestCase("bob:pässwörd")]
    [TestCase("bob:")]
    public void R32_Find_AnyPassword_ComesThrough(string login) =>
        Assert.That(Find("""{"auths":{"r.test":{"auth":"AUTH"}}}""", "r.test", login)?.ToBasic(), Is.EqualTo("Basic " + Encode(login)));

    [Test]
    public void Credential_AsText_HasNoPassword() => Assert.That($"{new Credential("bob", Secret)}", Is.EqualTo("bob"));

    [TestCase("""{"auths":{"r.test":{"auth":"AUTH","identitytoken":"CANARYSECRET"}}}""", "bob")]
    [TestCase("""{"auths":{"r.test":{"identitytoken":"CANARYSECRET"}}}""", "<token>")]
    public void Find_AnIdentityToken_ComesBeforeThePassword(string json, string user)
    {
        var found = Find(json, "r.test", "bob:")!;
        Assert.That((found.User, found.Secret, found.IsToken), Is.EqualTo((user, Secret, true)));
    }

    [Test]
    public void Find_UserAndPasswordApart_AreALogin() =>
        Assert.That(Find("""{"auths":{"r.test":{"username":"bob","password":"CANARYSECRET"}}}""", "r.test")?.ToBasic(), Is.EqualTo("Basic " + Encode("bob:" + Secret)));

    [TestCase("""{"credHelpers":{"https://r.test":"mine","other":"../x"},"credsStore":"all"}""", null, "mine", "all")]
    [TestCase("""{"auths":{"r.test":{"auth":"AUTH"}},"credHelpers":{"r.test":"mine"}}""", null, "mine", null)]
    [TestCase("""{"auths":{"r.test/team":{"auth":"AUTH"}},"credHelpers":{"r.test":"mine"}}""", "bob", "mine", null)]
    [TestCase("""{"auths":{"r.test":{"auth":"AUTH"}},"credsStore":"all"}""", "bob", null, "all")]
    [TestCase("""{"credHelpers":null,"credsStore":""}""", null, null, null)]
    public void Find_Helpers_StandBesideLogins(string json, string? user, string? helper, string? store)
    {
        var entry = AuthFileReader.Find(Encoding.UTF8.GetBytes(Json(json, "bob:x")), "r.test", "team/app", "/home/bob/config.json");
        Assert.That((entry.Credential?.User, entry.Helper, entry.Store), Is.EqualTo((user, helper, store)));
    }

    private static Credential? Find(string json, string registry, string login = "bob:" + Secret) =>
        AuthFileReader.Find(Encoding.UTF8.GetBytes(Json(json, login)), registry, "team/app", "/home/bob/config.json").Credential;

    private static string Json(string json, string login) => json.Replace("AUTH", Encode(login), StringComparison.Ordinal);

    private static string Encode(string login) => Convert.ToBase64String(Encoding.UTF8.GetBytes(login));
}
