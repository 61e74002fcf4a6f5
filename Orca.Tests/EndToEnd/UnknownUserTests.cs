using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A user whom the image does not know has a name inside, and the account files stay files like others.</summary>
[Category("EndToEnd")]
public sealed class UnknownUserTests
{
    [Test]
    public void KeepId_HasTheCallersName()
        => World.Orca("run", "--userns=keep-id", World.Debian, "sh", "-c", "whoami; id -gn; perl -e 'print scalar getpwuid($<)'").Prints($"{World.User}\n{World.Tool("id", "-gn", World.User).Output.Trim()}\n{World.User}");

    [TestCase("--read-only")]
    [TestCase("--tmpfs=/tmp")]
    public void Number_IsAName(string option) => World.Orca("run", option, "-u", "1234:567", World.Debian, "sh", "-c", "whoami; id -gn").Prints("1234\n567");

    [Test]
    public void KeptContainer_HasTheLineOnce_AndUsersCanBeAdded()
    {
        using var kept = new Kept("unknown-user");
        kept.Run("-u", "1234", World.Debian, "whoami").Prints("1234");
        kept.Run("-u", "1234", World.Debian, "grep", "-c", "^1234:", "/etc/passwd").Prints("1");
        kept.Run("-u", "0", World.Debian, "sh", "-c", "useradd -u 4242 bob && ! grep -q '^1234:' /etc/passwd").Succeeds();
        kept.Run("-u", "bob", World.Debian, "whoami").Prints("bob");
        Assert.That(World.Orca("run", World.Debian, "id", "1234").Status, Is.Not.Zero, "the image is as it was");
    }

    [Test]
    public void FirstProcess_IsTheCommand_ThatInsistsOnIt()
    {
        using var kept = new Kept("first-process");
        const string Install = "rm -f /sbin/init; printf '#!/bin/sh\\necho $$\\n' > /sbin/init; chmod 755 /sbin/init";
        kept.Run(World.Debian, "sh", "-c", Install).Succeeds();
        kept.Run(World.Debian, "/sbin/init").Prints("1");
        kept.Run("--init", World.Debian, "/sbin/init").Prints("2");
        kept.Run(World.Debian, "sh", "-c", "echo $$").Prints("2"); // the kept '--init' is the first run's to say
    }

    [Test]
    public void Proxies_GoIn_AndPasswordsStayOut()
    {
        var command = World.Shared.Orca("run", World.Busybox, "sh", "-c", "env | grep -i _proxy").With("http_proxy", "http://one:1").With("HTTPS_PROXY", "http://ann:secret@two:2").With("no_proxy", "localhost");
        var outcome = command.Run().Succeeds();
        Assert.That(outcome.Lines, Is.EquivalentTo(new[] { "http_proxy=http://one:1", "no_proxy=localhost" }));
        Assert.That(outcome.Errors, Does.Contain("HTTPS_PROXY").And.Contain("--http-proxy").And.Not.Contain("secret"));
    }

    private sealed class Kept(string name) : IDisposable
    {
        public Outcome Run(params string[] arguments) => World.Orca(["run", "-q", "--name", name, .. arguments]);

        public void Dispose() => World.Orca("rm", name).Succeeds();
    }
}
