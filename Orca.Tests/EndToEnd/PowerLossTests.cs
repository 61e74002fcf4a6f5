using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Row F03: the power goes while the store is written to.</summary>
/// <remarks>
/// The store lies on a file system of its own, which is shut down (FS_IOC_SHUTDOWN) right after orca was killed: what was not synced by then is lost, as when a plug is
/// pulled, and the next mount replays the journal. After each loss: a check finds nothing, the next pull succeeds, the image runs, and prune leaves nothing behind.
/// </remarks>
[Category("EndToEnd")]
public sealed class PowerLossTests
{
    private const string Ext4 = "mkfs.ext4 -q";
    private const string Xfs = "mkfs.xfs -q";

    /// <summary>
    /// $1 the directory where it happens, $2 how the file system is made, $3 its mount options, $4 the account, $5 how the store is brought to where the command has work to do,
    /// $6 what is interrupted, $7 the image.
    /// </summary>
    private const string Script = """
        set -eu
        cd "$1"; make=$2 options=$3 account=$4 image=$7
        as() { setpriv --reuid "$account" --regid "$account" --clear-groups -- "$@"; }
        sound() { as "$orca" system check >check 2>&1 || { echo "not sound $1:"; cat check; }; }
        rm -f disk; truncate -s 2g disk; $make disk
        mount -o "loop,$options" disk store; chown "$account" store
        eval "$5"; sync -f store
        eval "$6"
        echo lost >store/witness
        xfs_io -x -c shutdown store
        until umount store 2>busy; do grep -q busy busy && sleep 0.05; done
        mount -o "loop,$options" disk store
        test ! -s store/witness || echo "nothing was lost"
        sound "after the loss"
        as "$orca" pull -q "$image" >/dev/null
        as "$orca" run --rm --pull never "$image" sh -c 'echo runs'
        as "$orca" system prune >/dev/null
        sound "at the end"
        find store/root/staging store/root/parts store/root/containers -mindepth 1
        umount store
        """;

    [Test]
    public void F03_PowerLostAtACallThatWrites_LeavesTheOldOrTheNewState(
        [Values("pull", "rmi", "prune")] string what, [Values(Ext4 + "|defaults", Ext4 + "|data=writeback", Xfs + "|defaults")] string disk)
    {
        Needs.Root("a file system is mounted and shut down");
        using var home = new Home();
        string[] line = what switch { "pull" => ["pull", "-q", World.Busybox], "rmi" => ["rmi", World.Busybox], _ => ["system", "prune"] };
        var pull = $"as \"$orca\" pull -q {World.Busybox} >/dev/null";
        var prepared = what switch { "pull" => ":", "rmi" => pull, _ => pull + "; rm store/root/refs/*; mkdir -p store/root/staging/dead/x; chown -R \"$account\" store/root/staging" };
        if (what != "pull")
        {
            home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        }

        foreach (var (call, at) in Sampling.Of(KillMoments.Of(home, line), 6, static moment => moment.Call))
        {
            var killed = string.Join(' ', KillMoments.Strace(call, $"signal=KILL:when={at}", line));
            AssertSurvives(home, disk, prepared, $"as {killed} >/dev/null || :", World.Busybox, $"{what}, lost at {call} {at}");
        }
    }

    [TestCase(Ext4 + "|data=writeback")]
    [TestCase(Xfs + "|defaults")]
    public void F03_PowerLostAtAnyTimeOfAPull_TheNextPullMakesTheImage(string disk)
    {
        Needs.Root("a file system is mounted and shut down");
        using var home = new Home();
        var random = Sampling.Random();
        for (var round = 0; round < Sampling.Rounds(6); round++)
        {
            var milliseconds = random.Next(20, 1500);
            var interrupted = $"as {World.Whole} pull -q {World.Debian} >/dev/null 2>&1 & pull=$!; sleep {milliseconds / 1000}.{milliseconds % 1000:000}; kill -9 $pull || :; wait $pull || :";
            AssertSurvives(home, disk, ":", interrupted, World.Debian, $"lost after {milliseconds} ms");
        }
    }

    private static void AssertSurvives(Home home, string disk, string prepared, string interrupted, string image, string when)
    {
        var (make, options) = (disk.Split('|')[0], disk.Split('|')[1]);
        home.Shell("mkdir -p store").Succeeds();
        var outcome = new Command("sh", "-c", Script, "sh", home.Directory, make, options, World.User, prepared, interrupted, image).AsCaller()
            .With("orca", World.Binary).With("HOME", home.Directory).With("ORCA_ROOT", home.Directory + "/store/root").Under("unshare", "-m").Within(120).Run();
        Assert.That((outcome.Status, outcome.Output), Is.EqualTo((0, "runs\n")), $"{when} on {disk}: {outcome.Errors}");
    }
}
