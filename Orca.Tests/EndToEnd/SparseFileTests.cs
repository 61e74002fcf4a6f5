using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Files with holes through every door: import, save, load, export, and the archive readers of others.</summary>
[Category("EndToEnd")]
public sealed class SparseFileTests
{
    /// <summary>A database with data at both ends and in the middle, a lastlog of nothing, and what is too small to matter.</summary>
    private const string Tree = """
        mkdir -p tree/bin tree/var/log && printf '#!/bin/sh\n' > tree/bin/sh
        truncate -s 300M tree/var/log/lastlog tree/var/db && truncate -s 100k tree/var/small
        printf first | dd of=tree/var/db conv=notrunc status=none
        printf middle | dd of=tree/var/db bs=1M seek=77 conv=notrunc status=none
        printf last | dd of=tree/var/db bs=1M seek=299 conv=notrunc status=none
        chmod -R u=rwX,go=rX tree; find tree -exec touch -h -d @1000000000 {} +
        """;

    private const int MostKilobytes = 8192;

    [Test]
    public void Import_Save_Load_Export_KeepHoles()
    {
        using var home = new Home();
        home.Shell(Tree).Succeeds();
        home.Orca("import", "-q", "./tree", "sparse:1").Run().Succeeds();
        AssertSmall(home, ".local/share/orca");
        foreach (var format in (string[])["docker-archive", "oci-archive"])
        {
            home.Orca("save", "--format", format, "-o", format + ".tar", "sparse:1").Run().Succeeds();
            AssertSmall(home, format + ".tar");
            home.Orca("--root", format, "load", "-q", format + ".tar").Run().Succeeds();
            AssertSmall(home, format);
            home.Shell($"cmp tree/var/db \"$(find {format} -name db)\"").Succeeds();
            home.Orca("--root", format, "save", "--format", format, "-o", "again.tar", "sparse:1").Run().Succeeds();
            home.Shell($"cmp {format}.tar again.tar").Succeeds();
        }
    }

    [Test]
    public void Export_OfAContainerWithALargeHole_IsReadByTheReadersOfOthers()
    {
        using var home = new Home();
        home.Orca("run", "-q", "--name", "work", World.Busybox, "sh", "-c", "truncate -s 200G /lastlog && echo end >> /lastlog && truncate -s 20M /small && ls -l /lastlog").Run().Succeeds();
        home.Orca("export", "-o", "tree.tar", "work").Run().Succeeds();
        AssertSmall(home, "tree.tar");
        home.Shell("mkdir gnu bsd && tar -C gnu -xf tree.tar && bsdtar -C bsd -xf tree.tar && stat -c %s gnu/lastlog bsd/lastlog && tail -c 4 gnu/lastlog && tail -c 4 bsd/lastlog")
            .Prints("214748364804\n214748364804\nend\nend");
        AssertSmall(home, "gnu/lastlog bsd/lastlog");
        home.Shell("python3 -c \"import tarfile; m = {t.name: t.size for t in tarfile.open('tree.tar')}; print(m['lastlog'], m['small'])\"").Prints("214748364804 20971520");
        Assert.That(home.Orca("import", "-q", "tree.tar").Run().Ends(125).Errors, Does.Contain("exceeds limit").And.Contain("--image-limit size="));
    }

    /// <summary>tmpfs, ext4 with small blocks, xfs and btrfs, with holes and without.</summary>
    [Test]
    public void Import_GivesTheSameImage_OnEveryFileSystem()
    {
        Needs.Root("file systems are mounted");
        using var home = new Home();
        home.Shell(Tree).Succeeds();
        const string script = """
            set -eu; cd "$home"; mkdir -p place
            one() { cp -a "$1" tree place/; chown -R "$account" place/tree; setpriv --reuid "$account" --regid "$account" --clear-groups "$orca" --root "$home/store" import -q place/tree "x:$2" >/dev/null
                setpriv --reuid "$account" --regid "$account" --clear-groups "$orca" --root "$home/store" save -o "$home/$2.tar" "x:$2"; tar -xOf "$home/$2.tar" manifest.json | grep -o '[0-9a-f]\{64\}/layer' | head -n 1; rm "$home/$2.tar"; }
            mount -t tmpfs none place; one --sparse=always tmpfs; umount place
            mount -t tmpfs none place; one --sparse=never dense; umount place
            for make in "mkfs.ext4 -q -b 1024" "mkfs.xfs -q" "mkfs.btrfs -q"; do
                rm -f disk; truncate -s 400M disk; $make disk >/dev/null; mount -o loop disk place; one --sparse=always "$(echo "$make" | cut -c6-8)"; umount place
            done
            """;
        var digests = new Command("sh", "-c", script).AsCaller().With("home", home.Directory).With("account", World.User).With("orca", World.Binary)
            .Under("unshare", "-m").Within(120).Run().Succeeds().Lines;
        Assert.That(digests, Has.Length.EqualTo(5));
        Assert.That(digests.Distinct(), Has.Exactly(1).Items);
        AssertSmall(home, "store");
    }

    [Test]
    public void SavedImage_IsReadRightByPeers()
    {
        Needs.Root("umoci unpacks owners only as root");
        using var home = new Home();
        home.Shell(Tree.Replace("300M", "20M", StringComparison.Ordinal).Replace("299", "19", StringComparison.Ordinal).Replace("77", "7", StringComparison.Ordinal)).Succeeds();
        home.Shell("\"$orca\" import -q ./tree sparse:1 && \"$orca\" save -o saved.tar sparse:1").Succeeds();
        var work = Path.Combine(World.Root, Path.GetFileName(home.Directory) + "-sparse");
        World.Tool("skopeo", "copy", "-q", $"docker-archive:{home.Directory}/saved.tar", $"oci:{work}:x").Succeeds();
        World.Tool("umoci", "unpack", "--image", $"{work}:x", work + "-bundle").Succeeds();
        World.Tool("cmp", $"{home.Directory}/tree/var/db", $"{work}-bundle/rootfs/var/db").Succeeds();
        var run = Directory.CreateTempSubdirectory("orca-run").FullName; // podman takes no path of more than 50 characters
        string[] podman = ["--root", work + "-podman", "--runroot", run, "--storage-driver", "vfs"];
        World.Tool("podman", [.. podman, "load", "-q", "-i", $"{home.Directory}/saved.tar"]).Succeeds();
        var tree = World.Tool("podman", [.. podman, "image", "mount", "sparse:1"]).Succeeds().Lines.Last();
        World.Tool("cmp", $"{home.Directory}/tree/var/db", $"{tree}/var/db").Succeeds();
        World.Tool("podman", [.. podman, "image", "unmount", "sparse:1"]);
        World.Tool("rm", "-rf", run);
    }

    private static void AssertSmall(Home home, string paths, int most = MostKilobytes)
    {
        var size = home.Shell($"du -ck {paths} | tail -n 1 | cut -f 1").Succeeds().Output.Trim();
        Assert.That(int.Parse(size, System.Globalization.CultureInfo.InvariantCulture), Is.LessThan(most), $"kB of {paths}");
    }
}
