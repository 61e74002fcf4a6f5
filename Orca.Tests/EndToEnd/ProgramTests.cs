using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Programs that do not run, in containers: what is said of them, and with which status.</summary>
[Category("EndToEnd")]
public sealed class ProgramTests
{
    private static IEnumerable<TestCaseData> Programs()
    {
        yield return Case("a program of another machine", new ElfBuilder(183).Build(), 126, "cannot start '/shown/p': ENOEXEC", "'/shown/p' is a program for linux/arm64, and this kernel runs linux/amd64", "hint: the image says that it is for");
        yield return Case("a program whose loader is missing", new ElfBuilder(62) { Loader = "/lib/ld-musl-x86_64.so.1" }.Build(), 127, "the loader of '/shown/p', '/lib/ld-musl-x86_64.so.1', is missing in the image", "hint: it was built for musl");
        yield return Case("a script with DOS line ends", "#!/bin/sh\r\nexit 0\r\n"u8.ToArray(), 127, "carriage return", "hint: save the script with Unix line ends: sed");
        yield return Case("a script whose interpreter is missing", "#!/usr/bin/nonesuch\n"u8.ToArray(), 127, "the interpreter of the script '/shown/p', '/usr/bin/nonesuch', is missing", "hint: install it");
        yield return Case("a script without its first line", "exit 0\n"u8.ToArray(), 126, "is a script without a '#!' line", "hint: begin it with '#!/bin/sh'");
        yield return Case("an empty file", [], 126, "'/shown/p' is empty", "hint: ");

        static TestCaseData Case(string name, byte[] bytes, int status, params string[] words) => new TestCaseData(bytes, status, words).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Programs))]
    public void ProgramOfTheHostThatDoesNotRun_IsExplained(byte[] bytes, int status, string[] words)
    {
        using var home = new Home();
        WriteProgram(home, bytes);
        var outcome = home.Orca("run", "-q", "-v", ".:/shown", World.Busybox, "/shown/p").Run().Ends(status);
        Assert.That(outcome.Errors.Split('\n'), Has.Length.EqualTo(3));
        foreach (var part in words)
        {
            Assert.That(outcome.Errors, Does.Contain(part));
        }
    }

    /// <summary>In the container's own tree, by a search in PATH, from a working directory, and behind a link that leads to the host when it is followed outside.</summary>
    [TestCase("broken", "cp /shown/p /bin/broken", "'/bin/broken' is a program for linux/arm64")]
    [TestCase("./broken", "cp /shown/p /broken", "'/broken' is a program for linux/arm64")]
    [TestCase("linked", "cp /shown/p /etc/real; ln -s ../../../../../etc/real /bin/linked", "'/bin/linked' is a program for linux/arm64")]
    public void ProgramOfAKeptContainer_IsExplained(string command, string make, string words)
    {
        using var home = new Home();
        WriteProgram(home, new ElfBuilder(183).Build());
        home.Orca("run", "--name", "kept", "-q", "-v", ".:/shown", World.Busybox, "sh", "-c", make).Run().Succeeds();
        Assert.That(home.Orca("run", "--name", "kept", "-w", "/", World.Busybox, command).Run().Ends(126).Errors, Does.Contain(words));
    }

    [Test]
    public void CommandThatIsMissing_AndDeathsThatThePageSizeDoesNotExplain_AreSaidAsBefore()
    {
        Assert.That(World.Orca("run", "-q", World.Busybox, "nonesuch").Ends(127).Errors, Is.EqualTo("orca: cannot start 'nonesuch': not found in PATH\n"));
        if (Environment.SystemPageSize == 4096)
        {
            Assert.That(World.Orca("run", "-q", World.Busybox, "sh", "-c", "kill -SEGV $$").Ends(139).Errors, Is.Empty);
        }
    }

    private static void WriteProgram(Home home, byte[] bytes)
    {
        var path = home.Write("p", string.Empty);
        File.WriteAllBytes(path, bytes);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
    }
}
