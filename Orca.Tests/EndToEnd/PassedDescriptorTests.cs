using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary><c>--preserve-fds</c>, and the sockets of a service manager.</summary>
[Category("EndToEnd")]
public sealed class PassedDescriptorTests
{
    private const string List = "i=0; while [ $i -lt 1024 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done";

    [Test]
    public void Descriptors_AreTheCommandsAsTheyWere_AndNoMore()
        => Shell($"echo read > here; exec 3>there 4<here 5</etc/passwd; \"$orca\" run --preserve-fds 2 $image sh -c 'echo written >&3; cat <&4; {List}'; cat there")
            .Prints("read\n0\n1\n2\n3\n4\nwritten");

    [Test]
    public void End_IsSeenWhenTheCommandHasClosedIt()
        => Shell("mkfifo heard; (exec \"$orca\" run --preserve-fds=1 $image sh -c 'echo said >&3; exec 3>&-; read line' 3>&1 >/dev/null <>heard) | (cat; echo end; echo > heard)")
            .Prints("said\nend");

    [Test]
    public void FirstProcess_HoldsNone()
        => Shell("exec 3</etc/hostname; \"$orca\" run --preserve-fds 1 $image sh -c 'readlink /proc/1/fd/3 || echo none'").Prints("none");

    [TestCase("--preserve-fds 2", "cannot pass descriptor 4 to the container: it is not open")]
    [TestCase("--preserve-fds 1 4</", "cannot pass descriptor 3", Description = "one of orca's own is not the caller's")]
    public void Descriptor_ThatIsNotThere_IsToldBeforeAnythingElse(string options, string message)
    {
        var outcome = Shell(options.Contains('<', StringComparison.Ordinal) ? $"\"$orca\" run --pull never {options} no-such-image true" : $"\"$orca\" run --pull never {options} no-such-image true 3</etc/hostname").Ends(125);
        Assert.That(outcome.Errors, Does.Contain(message));
    }

    [Test]
    public void Directory_IsRefused()
        => Assert.That(Shell("\"$orca\" run --preserve-fds 1 $image true 3</").Ends(125).Errors, Does.Contain("cannot pass descriptor 3 to the container: it is a directory").And.Contain("hint: "));

    [Test]
    public void Sockets_OfAServiceManager_AreTheCommands()
        => Shell("exec 3</etc/hostname; LISTEN_FDS=1 LISTEN_FDNAMES=web sh -c 'LISTEN_PID=$$ exec \"$orca\" run $image sh -c '\\''[ $LISTEN_PID = $$ ] && echo $LISTEN_FDS $LISTEN_FDNAMES && [ -e /proc/$$/fd/3 ] && echo there'\\'").Prints("1 web\nthere");

    [Test]
    public void Sockets_ForAnotherProcess_AreNot()
        => Shell($"exec 3</etc/hostname; LISTEN_FDS=1 LISTEN_PID=1 \"$orca\" run $image sh -c '{List}; echo ${{LISTEN_FDS-none}}'").Prints("0\n1\n2\nnone");

    private static Outcome Shell(string line) => World.Shared.Program("sh", "-c", line).With("orca", World.Binary).With("image", World.Busybox).Run();
}
