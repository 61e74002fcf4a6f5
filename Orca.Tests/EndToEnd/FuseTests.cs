using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Row F24: the store on file systems that programs serve. Overlay can write nothing on any of them; what keeps no modes cannot be a store.</summary>
[Category("EndToEnd")]
public sealed class FuseTests
{
    private const string Wait = "; for try in $(seq 100); do mountpoint -q \"$place\" && break; sleep 0.1; done; mountpoint -q \"$place\"";

    private const string SshFs = """
        printf '#!/bin/sh\nexec setpriv --reuid %s --regid %s --clear-groups /usr/lib/openssh/sftp-server -d %s\n' "$account" "$account" "$behind" >server
        printf '#!/bin/sh\nexec sshfs -f -o passive,allow_other,default_permissions x:%s %s\n' "$behind" "$place" >client
        chmod +x server client; chown "$account" "$behind"
        { socat EXEC:./server EXEC:./client & }
        """;

    private const string ExFat = """
        truncate -s 200m disk && mkfs.exfat disk >/dev/null && loop=$(losetup -f --show disk)
        mount.exfat-fuse -o "allow_other,uid=$(id -u "$account")" "$loop" "$place"; losetup -d "$loop"
        """;

    /// <summary>The namespace of processes ends with the command, and what serves the file system with it.</summary>
    private const string Script = """
        cd "$home" || exit 1
        mkdir -p behind && chmod 777 behind && behind=$home/behind place=$home/place
        eval "$1" >served 2>&1 || { cat served; exit 1; }
        chmod 777 "$place"
        shift
        exec setpriv --reuid "$account" --regid "$account" --clear-groups -- "$@"
        """;

    [TestCase("bindfs -o allow_other \"$behind\" \"$place\"", TestName = "F24_BindFs_Works")]
    [TestCase(SshFs + Wait, TestName = "F24_SshFs_Works")]
    public void FileSystem_ThatKeepsModes_Works(string mount)
    {
        using var home = new Home();
        var outcome = Run(home, mount, $"\"$orca\" pull -q {World.Busybox} && \"$orca\" run {World.Busybox} sh -c 'echo one >/note && cat /note' && \"$orca\" system check"
            + $" && \"$orca\" rmi {World.Busybox} >/dev/null && \"$orca\" system prune >/dev/null && cd \"$ORCA_ROOT\" && find images staging parts -mindepth 1").Succeeds();
        Assert.That(outcome.Output, Does.Match("(?s)\none\nchecked 1 image, [0-9]+ names: all sound\n[^/]*$"));
        Assert.That(outcome.Errors, Does.Contain("lies on FUSE, where overlay can write nothing: each container runs on a copy of its image"));
    }

    [Test]
    public void F24_ExFat_IsRefused_AsItKeepsNoModes()
    {
        using var home = new Home();
        var outcome = Run(home, ExFat + Wait, $"\"$orca\" pull -q {World.Busybox}").Ends(125);
        Assert.That(outcome.Errors, Does.Contain("its file system keeps no permissions").And.Contain("hint: place the store on a local disk"));
    }

    private static Outcome Run(Home home, string mount, string line)
    {
        Needs.Root("a file system is mounted");
        home.Shell("mkdir place").Succeeds();
        return new Command("sh", "-c", Script, "sh", mount, "sh", "-c", line).AsCaller().With("home", home.Directory).With("account", World.User).With("orca", World.Binary)
            .With("HOME", home.Directory).With("ORCA_ROOT", home.Directory + "/place/store").Under("unshare", "-m", "-p", "-f", "--mount-proc").Within(120).Run();
    }
}
