using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Standard streams that a program cannot open by name: sockets, and what another user has made. Inside they can be opened.</summary>
[Category("EndToEnd")]
public sealed class StreamTests
{
    private const string Opens = "read x < /dev/stdin; echo got-$x > /dev/stdout; echo err > /dev/stderr; echo self > /proc/self/fd/1";

    [OneTimeSetUp]
    public void Pull() => World.Shared.Orca("pull", World.Busybox).Run().Succeeds();

    /// <summary>As node, systemd and sshd start programs. socat(1) gives its program a socket for all three.</summary>
    [TestCase("")]
    [TestCase("-u 1000")]
    [TestCase("--init=false")]
    public void Sockets_CanBeOpenedInside(string options)
    {
        Script("opens", $"exec \"$orca\" run {options} {World.Busybox} sh -c '{Opens}'");
        World.Shared.Shell("echo text | socat -t 60 - EXEC:./opens,stderr").Prints("got-text\nerr\nself");
    }

    [Test]
    public void Socket_ThatIsOutputAndErrors_KeepsTheirOrder()
    {
        Script("order", $"exec \"$orca\" run {World.Busybox} sh -c 'for i in $(seq 300); do echo $i; i=$((i+1000)); echo $i >&2; done' </dev/null");
        var expected = string.Join('\n', Enumerable.Range(1, 300).SelectMany(static i => new[] { i, i + 1000 }));
        World.Shared.Shell("socat -u -t 60 EXEC:./order,stderr -").Prints(expected);
    }

    [Test]
    public void Socket_CarriesAllBytes_ToASlowReader()
    {
        Script("bytes", $"exec \"$orca\" run {World.Busybox} seq 500000 </dev/null");
        World.Shared.Shell("socat -u -t 60 EXEC:./bytes - | { sleep 0.5; tail -n 1; }").Prints("500000");
    }

    [Test]
    public void PipesOfAnotherUser_CanBeOpenedInside()
    {
        Needs.Root("the pipes are root's");
        AsRoot($"echo text | {Run(Opens)} 2>&1 | cat").Prints("got-text\nerr\nself");
    }

    /// <summary>What the container does not read is there for who reads next. The command of the last line reads it.</summary>
    [TestCase("seq 4 | {0}")]
    [TestCase("umask 077; f=$(mktemp); seq 4 > $f; {0} < $f; rm $f")]
    public void InputThatIsNotRead_IsLeftToTheCaller(string redirection)
    {
        Needs.Root("the input is root's");
        const string As = "setpriv --reuid {0} --regid {0} --clear-groups ";
        var loop = string.Format(System.Globalization.CultureInfo.InvariantCulture, As, World.User)
            + $"sh -c 'while read x; do \"$orca\" run {World.Busybox} echo line-$x; done'";
        AsRoot(redirection.Replace("{0}", loop, StringComparison.Ordinal)).Prints("line-1\nline-2\nline-3\nline-4");
    }

    /// <summary>As 'ssh HOST while read x ...' gives it. The sender stays, so that only the loop's own reading ends it.</summary>
    [Test]
    public void SocketThatIsNotRead_IsLeftToTheCaller()
    {
        Script("loop", $"for i in 1 2 3 4; do read x; \"$orca\" run {World.Busybox} echo line-$x; done");
        World.Shared.Shell("seq 4 | socat -t 60 - EXEC:./loop").Prints("line-1\nline-2\nline-3\nline-4");
    }

    /// <summary>Programs that poll before they read are seen to wait, too.</summary>
    [Test]
    public void Socket_IsReadByWhoPolls()
    {
        Script("polls", $"exec \"$orca\" run {World.Busybox} sh -c 'read -t 20 x; echo got-$x'");
        World.Shared.Shell("echo text | socat -t 60 - EXEC:./polls,stderr").Prints("got-text");
    }

    [Test]
    public void FileOfAnotherUser_CanBeOpenedInside()
    {
        Needs.Root("the file is root's");
        AsRoot($"umask 077; f=$(mktemp); {Run("echo one; echo two > /dev/stdout; echo three >&2")} > $f 2>&1 < /dev/null; cat $f; rm $f").Prints("one\ntwo\nthree");
    }

    [Test]
    public void ReaderOfAnotherUsersPipe_ThatEnds_EndsTheWriter()
    {
        Needs.Root("the pipes are root's");
        AsRoot($"f=$(mktemp); {{ {Run("exec yes")}; echo $? > $f; }} </dev/null | head -n 1; cat $f; rm $f").Prints("y\n141");
    }

    private static string Run(string script) =>
        $"setpriv --reuid {World.User} --regid {World.User} --clear-groups \"$orca\" run {World.Busybox} sh -c '{script}'";

    private static Outcome AsRoot(string line) =>
        new Command("sh", "-c", line).AsCaller().With("orca", World.Binary).With("HOME", World.Shared.Directory).In(World.Shared.Directory).Run();

    private static void Script(string name, string line)
    {
        World.Shared.Write(name, $"#!/bin/sh\n{line}\n");
        World.Shared.Shell($"chmod 755 {name}").Succeeds();
    }
}
