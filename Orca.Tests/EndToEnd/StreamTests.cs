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
