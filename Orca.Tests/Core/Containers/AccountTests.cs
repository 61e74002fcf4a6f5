using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Tests.Core.Containers;

[TestFixture]
public sealed class AccountTests
{
    private static readonly byte[] s_passwd = """
        # comment
        root:x:0:0:root:/root:/bin/sh
        +::::::
        broken line
        app:x:1000:1001:App:/home/app:/bin/sh
        1000:x:7:7::/seven:/bin/sh
        huge:x:4294967296:0::/:/bin/sh
        homeless:x:30:31
        """u8.ToArray();

    private static readonly byte[] s_group = "root:x:0:\napp:x:1001:\nwheel:x:10:app\n"u8.ToArray();

    [TestCase("1", 1u, 0u, null, Description = "one digit is a number too", TestName = "Cve_2026_30892_UserOne_IsNotRoot")]
    [TestCase(null, 0u, 0u, "/root")]
    [TestCase("", 0u, 0u, "/root")]
    [TestCase("root", 0u, 0u, "/root")]
    [TestCase("0", 0u, 0u, "/root")]
    [TestCase("0:0", 0u, 0u, "/root")]
    [TestCase("app", 1000u, 1001u, "/home/app")]
    [TestCase("app:", 1000u, 1001u, "/home/app")]
    [TestCase(":wheel", 0u, 10u, "/root")]
    [TestCase("app:wheel", 1000u, 10u, "/home/app")]
    [TestCase("app:50", 1000u, 50u, "/home/app")]
    [TestCase("1000", 7u, 7u, "/seven", Description = "a name goes before a number, as in Docker")]
    [TestCase("1000:wheel", 7u, 10u, "/seven")]
    [TestCase("4711", 4711u, 0u, null)]
    [TestCase("2147483647", 2147483647u, 0u, null)]
    [TestCase("homeless", 30u, 31u, null)]
    public void Find_AnswersAsDocker(string? user, uint uid, uint gid, string? home) =>
        Assert.That(Account.Find(user, s_passwd, s_group) with { Groups = [] }, Is.EqualTo(new Account(uid, gid, home)));

    [TestCase("app", "10 12")]
    [TestCase("1000", "", Description = "that is the name of another here")]
    [TestCase("app:50", "", Description = "a group that is given is the only one, as in Docker")]
    [TestCase("app:wheel", "")]
    [TestCase("4711", "")]
    [TestCase(null, "12")]
    public void Groups_AreThoseThatListTheUser(string? user, string groups) =>
        Assert.That(string.Join(' ', Account.Find(user, s_passwd, [.. s_group, .. "app:x:1001:app\n#no:x:11:app\nnot:x:13:apple,snapp\nbad:x:99999999999:app\nalso:x:12:root,app\nwheel:x:10:app\n"u8]).Groups), Is.EqualTo(groups));

    [TestCase("nobody")]
    [TestCase("app:nogroup")]
    [TestCase("a:b:c")]
    [TestCase("huge", Description = "an entry whose id is out of range is no entry")]
    [TestCase("-1")]
    [TestCase("+1")]
    [TestCase("0x0")]
    public void Find_UnknownOrMalformed_IsRefused(string user) =>
        Assert.That(() => Account.Find(user, s_passwd, s_group), Throws.TypeOf<SandboxException>());

    [TestCase("2147483648")]
    [TestCase("4294967295")]
    [TestCase("4294967296")]
    [TestCase("18446744073709551616")]
    public void Cve_2024_40635_NumberOutOfRange_IsRefused(string user) =>
        Assert.That(() => Account.Find(user, s_passwd, s_group), Throws.TypeOf<SandboxException>().With.Message.Contains("ids go from 0 to 2147483647"));

    [Test]
    public void Find_WithoutFiles_TakesNumbersAndRoot()
    {
        Assert.That(Account.Find(null, null, null), Is.EqualTo(new Account(0, 0, null)));
        Assert.That(Account.Find("5:6", null, null), Is.EqualTo(new Account(5, 6, null)));
        Assert.That(() => Account.Find("app", null, null), Throws.TypeOf<SandboxException>());
    }
}
