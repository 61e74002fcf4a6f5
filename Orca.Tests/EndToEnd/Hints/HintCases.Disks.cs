namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Hints about where the store is. Small and read-only file systems are mounted in a user namespace, as any user may.</summary>
internal static partial class HintCases
{
    private static IEnumerable<HintCase> OtherStores() =>
    [
        new("run orca as that user, without sudo, or place the store elsewhere with --root or ORCA_ROOT", "orca --root /usr images") { Follow = "orca --root ./e1 images && ORCA_ROOT=./e1 orca images", After = "true" },
        new("leave it out of ORCA_STORES, or let its owner close it with 'chmod o-w'", "ORCA_STORES=$PWD/open orca images") { Before = "orca --root ./open pull -q $busybox && chmod 707 open", Follow = "orca images && eval \"$2 open\"" },
        new("its owner can remove it there; without that store in ORCA_STORES it is not seen", "ORCA_STORES=$PWD/behind orca --root ./e2 rmi $busybox")
            { Before = "orca --root ./behind pull -q $busybox", Follow = "! orca --root ./e2 images | grep busybox; orca --root ./behind rmi $busybox", After = "! ORCA_STORES=$PWD/behind orca --root ./e2 images | grep busybox" },
        new("place the store elsewhere with --root or ORCA_ROOT; what this one has can still be used with ORCA_STORES={}", $"{Mounted("--bind fixed", "orca --root /mnt pull localhost:5000/dev", readOnly: true)}")
            { Before = "orca --root ./fixed pull -q $busybox", Follow = Mounted("--bind fixed", "env ${hint##* } orca --root ./e3 run $busybox true", readOnly: true), After = "true" },
        new("place the store elsewhere with --root or ORCA_ROOT, and load its images again; what others put into this one cannot be told from yours", "orca --root ./mixed images")
            { Before = "orca --root ./mixed pull -q $busybox && ln -s x mixed/link && chmod 777 mixed", Follow = "orca --root ./e6 pull -q $busybox && orca --root ./e6 run $busybox true", After = "true" },
        new("the file system is read-only; write to another one (--root or ORCA_ROOT says where the store is; images of a read-only store can be used with ORCA_STORES)", Mounted("--bind fixed", "orca --root /mnt run $busybox true", readOnly: true))
            { Follow = Mounted("--bind fixed", "ORCA_STORES=/mnt orca --root ./e7 run $busybox true", readOnly: true), After = "true" },
    ];

    /// <summary>What 'orca system check' proposes is done as one line, as a person would.</summary>
    private static IEnumerable<HintCase> Damages() =>
    [
        new("'orca system check' names the image and what repairs it", "orca --root ./d1 save -o owners.tar $busybox") { Before = "orca --root ./d1 pull -q $busybox && echo x > $(echo d1/images/*/owners)", Follow = "eval \"$(eval \"$2\" | sed -n 's/^repair: //p')\"" },
        new("orca pull {}", "orca --root ./d2 system check") { Before = "orca --root ./d2 pull -q $busybox && cd d2/images/*/rootfs/bin && touch -r busybox ../time && printf x | dd of=busybox conv=notrunc 2>&1 && touch -r ../time busybox && rm ../time", Follow = "eval \"$hint\"" },
        new("load or import '{}' again", "orca --root ./d4 system check") { Before = "mkdir t4 && echo 2 > t4/two && orca --root ./d4 import -q ./t4 localhost/two:1 && rm d4/images/*/rootfs/two", Follow = "orca --root ./d4 import -q ./t4 localhost/two:1" },
        new("orca pull {}", "orca --root ./d3 system check") { Before = "orca --root ./d3 pull -q $busybox && mv d3/images/* d3/staging", Follow = "eval \"$hint\"" },
    ];

    private static IEnumerable<HintCase> FullDisks() =>
    [
        new("free some space ('df -h', 'orca system df'), or place the store elsewhere with --root or ORCA_ROOT; what was fetched from a registry is kept", Mounted("-t tmpfs -o size=1800k none", "orca --root /mnt/s pull -q $busybox"))
            { Follow = "eval \"$2\" && orca system df && orca --root ./e8 pull -q $busybox", After = "true" },
        new("free some space ('df -h' shows how much there is, 'orca system prune' deletes what nothing refers to), or place the store elsewhere with --root or ORCA_ROOT", Mounted("-t tmpfs -o size=1m none", "orca --root /mnt/s pull -q $busybox"))
            { Follow = "eval \"$2\" && orca --root ./e4 pull -q $busybox", After = Mounted("-t tmpfs -o size=64m none", "orca --root /mnt/s pull -q $busybox") },
        new("free some space or inodes ('df -h', 'df -i'), or write to another file system (--root or ORCA_ROOT says where the store is)", Mounted("-t tmpfs -o size=1m none", "orca save -o /mnt/full $busybox"))
            { Follow = "eval \"$2\" && eval \"$3\" && orca save -o another $busybox", After = "test -s another" },
        new("free some inodes ('df -i' shows how many there are), or place the store elsewhere with --root or ORCA_ROOT; what was fetched from a registry is kept", Mounted("-t tmpfs -o nr_inodes=60 none", "orca --root /mnt/s pull -q $busybox"))
            { Follow = "eval \"$2\" && orca --root ./e5 pull -q $busybox", After = "true" },
    ];

    /// <summary>Runs a line where a file system is mounted on /mnt.</summary>
    private static string Mounted(string source, string line, bool readOnly = false) =>
        $"hint=\"$hint\" unshare -Urm sh -c 'mount {source} /mnt && {(readOnly ? "mount -o remount,bind,ro /mnt && " : string.Empty)}{{ {line}; }}'";
}
