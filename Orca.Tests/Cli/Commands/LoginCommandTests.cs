using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;

namespace Orca.Tests.Cli.Commands;

public sealed class LoginCommandTests
{
    private const string Secret = "CANARYSECRET";

    private readonly FakeWorld _world = new();

    [SetUp]
    public void Reset() => _world.Logins.Clear();

    [Test]
    public void UserThatIsEmpty_EndsTheLogin()
    {
        _world.Typed = new Queue<string>([" ", Secret]);
        Assert.That(_world.Run("login", "registry.test"), Is.EqualTo(125));
        Assert.That(_world.Error.Text, Does.Contain("orca: cannot log in to 'registry.test': there is no user name"));
    }

    [Test]
    public void Login_ByPipe_TakesThePasswordWithoutItsLineEnd()
    {
        _world.StandardInput = Encoding.UTF8.GetBytes(Secret + "\r\n");
        Assert.That(_world.Run("login", "-u", "bob", "--password-stdin", "r.test:5000"), Is.Zero);
        Assert.That(_world.Logins, Is.EqualTo([("r.test:5000", "bob", Secret)]));
        Assert.That(_world.Out.Text, Does.EndWith("logged in to 'r.test:5000' as 'bob'; kept in '/home/bob/.docker/config.json'\n").And.Not.Contain(Secret));
    }

    [Test]
    public void Login_AtATerminal_AsksForBoth()
    {
        _world.Typed = new Queue<string>(["bob", Secret]);
        Assert.That(_world.Run("login"), Is.Zero);
        Assert.That(_world.Logins, Is.EqualTo([("docker.io", "bob", Secret)]));
        Assert.That(_world.Error.Text, Does.Contain("user at docker.io: ").And.Contain("password of bob at docker.io: "));
    }

    [TestCase("--password=CANARYSECRET")]
    [TestCase("--password", "CANARYSECRET")]
    [TestCase("-pCANARYSECRET")]
    [TestCase("-p", "CANARYSECRET")]
    public void R34_Login_WithThePasswordOnTheCommandLine_IsRefusedWithoutIt(params string[] password)
    {
        Assert.That(_world.Run(["login", "-u", "bob", .. password, "--debug", "r.test"]), Is.EqualTo(125));
        Assert.That(_world.Logins, Is.Empty);
        Assert.That(_world.Error.Text, Does.Contain("--password-stdin").And.Not.Contain(Secret));
    }

    [Test]
    public void Login_WithoutATerminal_SaysWhatToDo()
    {
        _world.Typed = null;
        Assert.That(_world.Run("login", "r.test"), Is.EqualTo(125));
        Assert.That(_world.Error.Text, Does.Contain("cannot log in to 'r.test': there is no terminal to ask on\nhint: use --username and --password-stdin\n"));
        Assert.That(_world.Run("login", "--password-stdin", "r.test"), Is.EqualTo(125));
        Assert.That(_world.Error.Text, Does.Contain("--password-stdin needs --username"));
    }

    [Test]
    public void Login_ThatFails_IsAnErrorOfOneLine()
    {
        _world.Failure = () => new RegistryException("cannot log in to 'r.test': no");
        _world.StandardInput = [(byte)'x'];
        Assert.That(_world.Run("login", "-u", "bob", "--password-stdin", "r.test"), Is.EqualTo(125));
        _world.Failure = null;
        Assert.That(_world.Error.Text, Does.EndWith("orca: cannot log in to 'r.test': no\n"));
    }

    [Test]
    public void Logout_SaysWhatItRemoved()
    {
        _world.Logins.Add(("r.test", "bob", Secret));
        Assert.That(_world.Run("logout", "r.test"), Is.Zero);
        Assert.That(_world.Out.Text, Does.EndWith("logged out of 'r.test'; removed from '/home/bob/.docker/config.json'\n"));
        Assert.That(_world.Run("logout", "r.test"), Is.Zero);
        Assert.That(_world.Out.Text, Does.EndWith("not logged in to 'r.test'\n"));
    }

    [TestCase(false, "--tls-verify=false")]
    [TestCase(true, "--tls-verify")]
    [TestCase(null)]
    public void TlsVerify_ReachesTheServices(bool? expected, params string[] option)
    {
        _world.StandardInput = [(byte)'x'];
        _world.Run(["login", "-u", "bob", "--password-stdin", "--authfile", "mine.json", .. option]);
        Assert.That((_world.Composed[^1].TlsVerify, _world.Composed[^1].AuthFile), Is.EqualTo((expected, "mine.json")));
    }
}
