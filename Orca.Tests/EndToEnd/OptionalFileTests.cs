using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Files of the host that are optional, and files that the user named, with the published program.</summary>
[Category("EndToEnd")]
public sealed class OptionalFileTests
{
    private const string EmptyPolicy = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"chmod\",\"fchmodat\",\"fchmodat2\"],\"action\":\"SCMP_ACT_ERRNO\"}]}";

    [Test]
    public void ClosedRunContainers_KeepsNobodyFromARegistryWithTokens()
    {
        Needs.Root("a bare system takes a mount namespace of the host");
        using var system = new BareSystem();
        system.Write("run/containers/0/auth.json", "{}");
        File.SetUnixFileMode(Path.Combine(system.Directory, "run/containers"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var server = TokenRegistry();
        var run = system.Run($"/orca run -q 127.0.0.1:{server.Port}/busybox echo inside; /orca logout 127.0.0.1:{server.Port}");
        run.Succeeds();
        Assert.That((run.Lines[0], run.Errors), Is.EqualTo(("inside", "")), "nobody can know whether there is a file");
    }

    [TestCase("hosts")]
    [TestCase("resolv.conf")]
    public void HugeFileOfTheHost_IsPassedOver_WithOneNote(string name)
    {
        Needs.Root("a bare system takes a mount namespace of the host");
        using var system = new BareSystem();
        system.Write($"etc/{name}", "192.0.2.1 early\n");
        using (var file = File.OpenWrite(Path.Combine(system.Directory, "etc", name)))
        {
            file.SetLength(5L << 30);
        }

        var run = system.Run($"/orca run 127.0.0.1:5000/busybox sh -c 'wc -l < /etc/hosts'").Succeeds();
        Assert.That(run.Errors.Split('\n').Where(line => line.StartsWith("orca: note:", StringComparison.Ordinal)), Has.One.Contains($"'/etc/{name}' is passed over: it is larger than 1 MiB"));
    }

    [TestCase("--authfile missing.json", "missing.json")]
    [TestCase("--env-file missing.env", "missing.env")]
    [TestCase("--security-opt seccomp=missing.json", "missing.json")]
    [TestCase("--authfile .", "it is a directory")]
    public void WhatTheUserNamed_MustBeThere_AndNothingIsMade(string option, string cause)
    {
        using var home = new Home();
        var refused = home.Shell($"$orca run --name work {option} {World.Busybox} true").Ends(125);
        Assert.That(refused.Errors, Does.Contain(cause).And.Contain("hint:"));
        Assert.That(home.Orca("ps", "-a").Run().Output, Does.Not.Contain("work"));
        Assert.That(home.Orca("images").Run().Output, Does.Not.Contain("busybox"), "before anything is pulled");
    }

    /// <summary>The program is started anew twice around the pull; the pipe gives its bytes once.</summary>
    [TestCase("--env-file <(echo A=1)")]
    [TestCase("--env-file /dev/stdin <<< A=1")]
    public void APipe_IsAFile_AcrossAPull(string option)
    {
        using var home = new Home();
        for (var time = 0; time < 2; time++)
        {
            home.Program("bash", "-c", $"{World.Binary} run -q {(option.Contains("<<<", StringComparison.Ordinal) ? option[..option.IndexOf(" <<<", StringComparison.Ordinal)] : option)} {World.Busybox} sh -c 'echo $A'"
                + option[(option.IndexOf(" <<<", StringComparison.Ordinal) is var at && at < 0 ? option.Length : at)..]).Run().Prints("1");
        }
    }

    [Test]
    public void Authfile_FromAPipe_LogsIn()
    {
        using var home = new Home();
        using var server = TokenRegistry("Basic Ym9iOng=");
        var file = $"{{\"auths\":{{\"localhost:{server.Port}\":{{\"auth\":\"Ym9iOng=\"}}}}}}";
        home.Program("bash", "-c", $"{World.Binary} pull -q --authfile <(echo '{file}') localhost:{server.Port}/busybox").Run().Succeeds();
    }

    [Test]
    public void SeccompPolicy_FromAPipe_IsKeptWithTheContainer()
    {
        using var home = new Home();
        home.Write("policy.json", EmptyPolicy);
        home.Program("bash", "-c", $"{World.Binary} run --name work --security-opt seccomp=<(cat policy.json) {World.Busybox} sh -c 'chmod 700 /tmp || echo refused'").Run().Prints("refused");
        home.Shell("$orca run --name work sh -c 'chmod 700 /tmp || echo refused'; $orca run --name work " + World.Busybox + " sh -c 'chmod 700 /tmp || echo refused'")
            .Prints("refused");
    }

    [Test]
    public void KeptContainer_WhoseMountIsGone_OpensWithoutIt_OrWithAnotherForGood()
    {
        using var home = new Home();
        home.Shell($"mkdir first second; echo 1 > first/n; echo 2 > second/n; $orca run --name work -v ./first:/m {World.Busybox} cat /m/n").Prints("1");
        home.Shell("rm -r first");
        var without = home.Shell($"$orca run --name work {World.Busybox} ls /m").Succeeds();
        Assert.That((without.Output, without.Errors), Is.EqualTo(("", $"orca: note: the mount of '{home.Directory}/first' on '/m' is left out: ENOENT (no such file or directory); another for good: 'orca run --name work -v SOURCE:/m'\n")));
        home.Shell($"$orca run --name work -v ./second:/m {World.Busybox} cat /m/n").Prints("2");
        home.Shell($"$orca run --name work {World.Busybox} cat /m/n").Prints("2");
        Assert.That(home.Shell($"$orca run --name work -v ./none:/m {World.Busybox} true").Ends(125).Errors, Does.Contain("none"), "what is named now must be there");
    }

    [TestCase("chmod 000 /etc/passwd")]
    [TestCase("chmod 000 /etc")]
    [TestCase("chmod 000 /etc/group /etc/debian_version")]
    [TestCase("dd if=/dev/zero of=/etc/passwd bs=1M seek=20 count=1 2>/dev/null")]
    [TestCase("rm /etc/passwd; mkfifo /etc/passwd")]
    public void KeptContainer_ThatClosedItsOwnFiles_OpensStill(string line)
    {
        using var home = new Home();
        home.Shell($"$orca run --name work {World.Busybox} sh -c 'touch /etc/debian_version; {line}'").Succeeds();
        var again = home.Shell($"$orca run --name work {World.Busybox} echo inside").Succeeds();
        Assert.That(again.Output, Is.EqualTo("inside\n"), again.Errors);
        Assert.That(again.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.LessThanOrEqualTo(2), again.Errors);
        home.Orca("rm", "work").Run().Succeeds(); // rm(1) may not look into a directory that the container has closed
    }

    /// <summary>A registry that hands out tokens, to everybody or to one login.</summary>
    private static LoopbackServer TokenRegistry(string? login = null)
    {
        var port = 0;
        var server = new LoopbackServer(context =>
        {
            var authorization = context.Request.Headers["Authorization"];
            if (context.Request.Url!.AbsolutePath == "/token" && (login is null || authorization == login))
            {
                context.Response.OutputStream.Write("{\"token\":\"t\"}"u8);
            }
            else if (authorization != "Bearer t")
            {
                context.Response.StatusCode = 401;
                context.Response.Headers["WWW-Authenticate"] = $"Bearer realm=\"http://{context.Request.Url.Host}:{port}/token\"";
            }
            else
            {
                LoopbackServer.Pass(context);
            }
        });
        port = server.Port;
        return server;
    }
}
