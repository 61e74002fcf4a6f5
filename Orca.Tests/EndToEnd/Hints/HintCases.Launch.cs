namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Hints about starting a command: its file, its limits, its image, and the terminal around it.</summary>
internal static partial class HintCases
{
    /// <summary>Makes $1 an image of its own, of busybox as its shell and what the tree has.</summary>
    private const string Image = "image() { cp -n /bin/busybox $1/bin/sh && orca import -q $1 $1:1 --replace; }; mkdir -p";

    private static IEnumerable<HintCase> Limits() =>
    [
        new("raise the limit as far as you may: ulimit -n $(ulimit -Hn)", "ulimit -Sn 8; orca run $busybox true") { Follow = "ulimit -Sn 8; eval \"$1\"; orca run $busybox true", After = "true" },
        new("place it on a file system that takes larger files, or raise the limit as far as you may: ulimit -f $(ulimit -Hf)", "ulimit -f 100000; orca save -o limited large:1") // more than orca itself unpacks in memory
            { Before = "mkdir -p large && head -c 60000000 /dev/urandom > large/file && orca import -q large large:1", Follow = "ulimit -Sf 100000; eval \"$1\"; orca save -o limited large:1", After = "rm limited && orca rmi large:1" },
        new("a limit cannot be raised above your own hard limit; see it with 'ulimit -aH'", "ulimit -n 500; orca run --ulimit nofile=1000 $busybox true") { Follow = "ulimit -n 500; eval \"$2\" | grep ' 500$'; orca run --ulimit nofile=500 $busybox true", After = "true" },
        new("the arguments and variables together are too long", "orca run --env-file long $busybox true") { Before = "(printf A=; head -c 3000000 /dev/zero | tr '\\0' x) > long", Follow = "echo A=x > long" },
        new("mount a common parent directory instead", "orca run $(for i in $(seq 1500); do echo -v .:/m/$i; done) $busybox true") { Follow = "orca run -v .:/m $busybox true", After = "true" },
    ];

    private static IEnumerable<HintCase> Starts() =>
    [
        new("it is a directory, has no permission to be executed, or lies on a file system that is mounted with noexec", "orca run $busybox /etc") { Follow = "orca run $busybox /bin/true", After = "true" },
        new("begin it with '#!/bin/sh', or run it by its interpreter: orca run IMAGE sh SCRIPT", "orca run --name scripts $busybox /bare")
        {
            Before = """orca run --name scripts $busybox sh -c 'echo true > /bare; printf "#!/none\\n" > /lost; printf "#!/bin/sh\\r\\n" > /windows; printf "#!\\n" > /nameless; printf "\\357\\273\\277#!/bin/sh\\n" > /marked; : > /empty; chmod +x /bare /lost /windows /nameless /marked /empty' """,
            Words = [("IMAGE", "--name scripts $busybox"), ("SCRIPT", "/bare")], After = "true",
        },
        new("install it in the image, or begin the script with an interpreter that the image has, such as '#!/bin/sh'", "orca run --name scripts $busybox /lost") { Follow = Rewrite("echo '$2' > /lost") },
        new("begin the script with '#!/bin/sh'", "orca run --name scripts $busybox /nameless") { Follow = Rewrite("echo '$2' > /nameless") },
        new("save the script with Unix line ends: sed -i 's/\\r$//' SCRIPT", "orca run --name scripts $busybox /windows") { Words = [("SCRIPT", "/windows")], Follow = Rewrite("$1") },
        new("save the script without it: tail -c +4 SCRIPT > NEW", "orca run --name scripts $busybox /marked") { Words = [("SCRIPT", "/marked"), ("NEW", "/unmarked")], Follow = Rewrite("$1; chmod +x /unmarked"), After = "orca run --name scripts $busybox /unmarked" },
        new("restore the file, or use another tag", "orca run --name scripts $busybox /empty") { Follow = Rewrite("cp /bin/true /empty"), After = "true" },
        new("give one after the image's name, such as 'sh'", "orca run --entrypoint '' $busybox") { Follow = "echo exit | orca run --entrypoint '' $busybox $2", After = "true" },
        new("redirect it from or to a file, or /dev/null", "orca run $busybox true < .") { Follow = "orca run $busybox true < /dev/null > redirected", After = "true" },
        new("Docker's documentation on seccomp profiles describes the format", "orca run --security-opt seccomp=draft $busybox true") { Before = "echo '{' > draft", Follow = $"{Policy}3; orca run --security-opt seccomp=policy3 $busybox true", After = "true" },
        new("allow what the command needs; Docker's default policy is a good beginning", "orca run --security-opt seccomp=strict $busybox true")
            { Before = """echo '{"defaultAction":"SCMP_ACT_ERRNO"}' > strict""", Follow = "sed -i s/ERRNO/ALLOW/ strict" },
        new("tmpfs does not know one of the options, or uid= or gid= is an id that the container does not have", "orca run --tmpfs /x:huge=sometimes $busybox true") { Follow = "orca run --tmpfs /x $busybox true", After = "true" },
        new("it is not there, or leads out of the container's root; choose another with -w", "orca run --name links -w /process/x $busybox true") { Before = "orca run --name links $busybox ln -s /proc/self /process", Follow = "orca run --name links -w /tmp $busybox true", After = "true" },
        new("this place is missing, and cannot be made in what is read-only: make it first, or choose another working directory with -w", "orca run -w /sys/none $busybox true") { Follow = "orca run -w /sys/kernel $busybox true", After = "true" },
        new("the image has something else where the directory '{}' must be", "orca run odd2:1 sh -c true") { Before = $"{Image} odd2/bin; touch odd2/etc; image odd2", Follow = $"rm odd2/etc; {Image} odd2/etc; image odd2" },
        new("you may not look into a directory on that path; choose another, or ask its owner", "orca run -v ./shut/in:/x $busybox true") { Before = "mkdir -p shut/in && chmod 0 shut", Follow = "chmod 700 shut" },
        new("for example '--device /dev/fuse'", "orca run --device null $busybox true") { Follow = "test ! -e /dev/fuse || orca run $2 $busybox true", After = "true" },
        new("for example 'linux/arm64'", "orca pull --platform windows/amd64 $busybox") { Before = "mkdir -p arm && touch arm/file", Follow = "orca import -q --platform $2 arm arm:1", After = "true" },
    ];

    /// <summary>Changes a file of the container with scripts.</summary>
    private static string Rewrite(string line) => $"orca run --name scripts $busybox sh -c \"{line}\"";

    /// <summary>script(1) gives a terminal.</summary>
    private static IEnumerable<HintCase> Terminals() =>
    [
        new("name a file, or redirect one: orca load < FILE", OnTerminal("orca load")) { Before = "orca save $busybox > saved", Words = [("FILE", "saved")], Follow = "eval \"orca --root ./r5 ${1#orca }\" && orca --root ./r5 load saved", After = "orca --root ./r5 run $busybox true" },
        new("redirect a file: orca import - < FILE", OnTerminal("orca import -")) { Before = "mkdir -p some && touch some/file && tar c some > some.tar", Words = [("FILE", "some.tar")], After = "true" },
        new("redirect it, or name a file with '-o FILE'", OnTerminal("orca save $busybox")) { Words = [("FILE", "named")], Follow = "eval \"orca save $2 $busybox\" && orca save $busybox > redirected", After = "cmp named redirected" },
    ];

    private static string OnTerminal(string line) => $"script -qec '{line} 2>terminal' /dev/null < /dev/null; cat terminal; false";

    /// <summary>What is said of containers that run.</summary>
    private static IEnumerable<HintCase> Running() =>
    [
        new("to end it and delete it with its changes: orca rm -f {}", "orca rm long") { Before = Background("orca", "run --name long"), After = "! orca ps -aq | grep -x long" },
        new("wait until it has ended; or take the name away at once, and the image when it is free: orca rmi -f {}", "orca --root ./r10 rmi $busybox") { Before = Background("orca --root ./r10", "run"), After = "! orca --root ./r10 images | grep busybox" },
        new("wait until it has ended; or take the names away at once, and the image when it is free: orca rmi -f {}", "orca --root ./r10 rmi $(orca --root ./r10 images -q)")
            { Before = "orca --root ./r10 pull -q $busybox; " + Background("orca --root ./r10", "run"), After = "! orca --root ./r10 images | grep busybox" },
        new("its changes lie in '{}/upper' of the store; 'orca rm {}' deletes them", "orca run --name damaged $busybox true")
            { Before = "orca run --name damaged $busybox touch /mine && echo x > .local/share/orca/containers/damaged/record.json", Follow = "test -f .local/share/orca/$2/mine && eval \"$3\"", After = "orca run --name damaged $busybox true && orca rm damaged" },
    ];

    private static string Background(string orca, string run) => $"{orca} {run} $busybox sleep 4 > /dev/null 2>&1 & until {orca} ps -q 2>/dev/null | grep -q .; do sleep 0.05; done";
}
