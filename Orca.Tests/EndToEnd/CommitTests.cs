using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Images made of containers: the same files, owners and modes as the container has, here and in other engines.</summary>
[Category("EndToEnd")]
public sealed class CommitTests
{
    private const string Changes = """
        cd /w; echo new > new; touch owned; chown 33:44 owned; cp /bin/true set; chmod 4755 set; ln -s new link; ln new hard; mkdir -m 2775 dir; chgrp 42 dir; touch dir/in
        rm /etc/motd; rm -r /usr/share/common-licenses; rm -r /opt; mkdir /opt; touch /opt/again; mkfifo fifo
        """;

    private Home _home = null!;

    [OneTimeSetUp]
    public void MakeAContainer()
    {
        _home = new Home("commit");
        _home.Orca("pull", "-q", World.Debian).Within(120).Run().Succeeds();
        _home.Orca("run", "--name", "box", "-e", "A=b", "-w", "/w", World.Debian, "sh", "-ec", Changes).Within(120).Run().Succeeds();
        _home.Orca("commit", "-m", "for a test", "-c", "CMD [\"cat\", \"new\"]", "box", "made:1").Within(120).Run().Succeeds();
    }

    [OneTimeTearDown]
    public void Remove() => _home.Dispose();

    [Test]
    public void CommittedImage_HasWhatTheContainerHas()
    {
        _home.Orca("run", "made:1").Within(60).Run().Prints("new");
        _home.Orca("create", "--name", "same", "made:1").Within(60).Run().Succeeds();
        _home.Shell("\"$orca\" export box -o box.tar && \"$orca\" export same -o same.tar").Succeeds();
        var (box, same) = (List("box.tar"), List("same.tar"));
        Assert.That(box, Has.Some.Contains(" 33/44 "));
        Assert.That(box, Has.Some.Match("^-rwsr-xr-x .* w/set$"));
        Assert.That(box, Has.None.EndsWith(" etc/motd"));
        Assert.That(same, Is.EqualTo(box));
    }

    /// <summary>A commit takes the space of what was changed, and of the tree's directories.</summary>
    [Test]
    public void Commit_StoresTheImagesFilesOnce()
    {
        var shared = _home.Shell("cd .local/share/orca/images && find . -path '*/rootfs/usr/bin/perl' -printf '%i\\n' | sort -u | wc -l").Output.Trim();
        Assert.That(shared, Is.EqualTo("1"));
    }

    [Test]
    public void History_TellsTheNewStepFirst()
    {
        var rows = _home.Orca("history", "--format", "{{.ID}}|{{.CreatedBy}}|{{.Comment}}", "made:1").Run().Succeeds().Lines;
        Assert.That(rows[0], Does.EndWith("|orca commit box|for a test"));
        Assert.That(rows.Skip(1), Has.All.StartsWith("<missing>|"));
        Assert.That(_home.Orca("history", "made:1").Run().Succeeds().Lines[0], Does.Match("^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$"));
        Assert.That(_home.Orca("history", "-q", "--no-trunc", "made:1").Run().Succeeds().Lines[0], Does.StartWith("sha256:").And.Length.EqualTo(71));
    }

    [Test]
    public void Names_AreGivenAndTakenAway()
    {
        _home.Orca("commit", "box", "names:1").Within(60).Run().Succeeds();
        _home.Orca("tag", "names:1", "names:2", "registry.test/names:3").Run().Succeeds();
        _home.Orca("untag", "names:1", "names:2").Run().Succeeds();
        Assert.That(_home.Orca("images", "--format", "{{.Repository}}:{{.Tag}}").Run().Output, Does.Contain("names:1").And.Contain("registry.test/names:3").And.Not.Contain("names:2"));
        Assert.That(_home.Orca("untag", "names:1", "made:1").Run().Ends(125).Errors, Does.Contain("'made:1' is not a name of it"));
        _home.Orca("untag", "names:1").Run().Succeeds();
        Assert.That(_home.Orca("images").Run().Output, Does.Contain("<none>").And.Not.Contain("names"));
        _home.Orca("prune").Run().Succeeds();
        Assert.That(_home.Orca("images").Run().Output, Does.Not.Contain("<none>"));
        Assert.That(_home.Orca("tag", "names:1", "x:1").Run().Ends(125).Errors, Does.Contain("cannot tag image 'names:1': it is not in the store"));
    }

    /// <summary>Row F01: killed at a call that writes, a commit leaves no image or the whole one.</summary>
    [Test]
    public void Kill9_AtACallThatWrites_LeavesNoImage_OrAWholeOne()
    {
        using var home = new Home("commit-killed");
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        home.Orca("run", "--name", "box", World.Busybox, "sh", "-c", "rm /bin/vi; mkdir /x; echo y > /x/y").Within(60).Run().Succeeds();
        string[] commit = ["commit", "box", "killed:1"];
        var moments = KillMoments.Of(home, commit);
        Assert.That(moments, Has.Count.GreaterThan(10));
        var killed = 0;
        foreach (var (call, at) in Fixtures.Sampling.Of(moments, 8, static moment => moment.Call))
        {
            home.Orca("rmi", "-f", "killed:1").Run().Succeeds();
            var traced = KillMoments.Strace(call, $"signal=KILL:when={at}", commit);
            killed += home.Program(traced[0], traced[1..]).Within(90).Run().Status == 137 ? 1 : 0;
            Assert.That(home.Orca("system", "check").Run().Status, Is.Zero, $"{call} {at}");
            home.Orca(commit).Within(60).Run().Succeeds();
            home.Orca("run", "killed:1", "sh", "-c", "test ! -e /bin/vi && grep -q y /x/y").Within(60).Run().Succeeds();
            home.Orca("prune").Run().Succeeds();
            Assert.That(home.Shell("cd .local/share/orca && ls -A staging").Output, Is.Empty, $"{call} {at}");
        }

        Assert.That(killed, Is.GreaterThan(4));
    }

    /// <summary>The entries of an archive. The root directory of a new container has the time of its making.</summary>
    private string[] List(string archive) => [.. _home.Shell($"tar tvf {archive} --numeric-owner --full-time").Succeeds().Lines.Where(static line => !line.EndsWith(" ./", StringComparison.Ordinal))];
}
