namespace Orca.Tests.EndToEnd.Hints;

/// <summary>The hints that an ordinary user can follow on any machine; Architecture/Hints has those that need another.</summary>
internal static partial class HintCases
{
    private const string Policy = """echo '{"defaultAction":"SCMP_ACT_ALLOW"}' > policy""";
    private const string All3 = "shift; for command; do eval \"$command\" || exit; done";

    public static IEnumerable<HintCase> All =>
    [
        .. Kept(), .. Joined(), .. OfDocker(), .. Refused(), .. Usage(), .. Examples(), .. Mounts(), .. Words(), .. Images(), .. Archives(), .. Store(),
        .. Limits(), .. Starts(), .. Terminals(), .. Running(), .. Logins(), .. Certificates(), .. Registries(), .. Formats(), .. OtherStores(), .. FullDisks(), .. Damages(),
        .. Servers(), .. Networks(), .. OldKernels(), .. Remains(), .. Narrow(), .. OuterContainers(), .. Settings(), .. Spaces(), .. Programs(), .. ForeignArchives(),
    ];

    private static IEnumerable<HintCase> Kept() =>
    [
        new("another image needs another name; to run '{}' in this container give its image first: {}", "orca run --name keep cat /precious") { After = "true" },
        new("another image needs another name; to run '{}' in this container give its image first: {}", "orca run --name keep /bin/cat '/precious'") { After = "true" },
        new("another image needs another name; to enter this container give its own image: {}", "orca run --name keep none.test/debian:12 cat /precious") { After = "true" },
        new("'orca ps -a' lists the containers; an image makes one: {}", "orca run --name work1") { Words = [("IMAGE", "$busybox true")], After = "orca run --name work1 $busybox true" },
        new("leave '--userns' out, or make another container with another name", "orca run --userns=keep-id --name keep $busybox cat /precious") { Follow = "orca run --name keep $busybox cat /precious", After = "true" },
        new("it may belong to a container that runs: name another file, or delete this one when its container has ended", "orca run --cidfile old $busybox true")
            { Before = "echo other > old", Follow = "orca run --cidfile new $busybox true", After = "test $(cat old) = other" },
        new("'orca ps -a' lists what is there", "orca rm nothing") { After = "true" },
        new("to take the name away now, and delete the image when its last container is removed: orca rmi -f {}", "orca rmi $busybox") { After = "orca run --name keep $busybox true && orca pull -q $busybox" },
        new("to take its names away now, and delete it when its last container is removed: orca rmi -f {}", "orca rmi $(orca images -q)") { After = "orca run --name keep $busybox true && orca pull -q $busybox" },
        new("pull it again: orca pull {} (or load the archive that it came from)", "orca run --name keep $busybox true")
            { Before = "mv .local/share/orca/images/sha256-* aside", Follow = "eval \"${1%% (*}\"", After = "rm -rf aside; orca run --name keep $busybox true" },
        new("name another with '--security-opt seccomp=FILE', which a kept container then remembers, or allow all system calls with '--security-opt seccomp=unconfined'", "orca run --name policy $busybox true")
        {
            Before = $"{Policy}; orca run --name policy --security-opt seccomp=policy $busybox true; rm policy", Words = [("FILE", "policy2")], Follow = $"{Policy}2; eval \"orca run $2 --name policy $busybox true\" && orca run $3 $busybox true",
        },
    ];

    private static IEnumerable<HintCase> Joined() =>
    [
        new("'orca run --name {}' runs it; 'orca ps' lists those that run", "orca exec keep true") { Follow = "orca ps", After = "true" },
        new("'orca ps' lists those that run", "orca exec keep true") { Follow = "orca ps", After = "true" },
        new("leave out '-u', or run the container without '--pid host'", "orca exec -u 33 hosts true")
            { Before = "orca run -d --name hosts --pid host $busybox sleep 20", Follow = "orca exec hosts true", After = "true" },
        new("run the container with '--privileged', or with the capabilities that the command needs", "orca exec --privileged keep true") { Follow = "orca run --privileged $busybox true", After = "true" },
    ];

    private static IEnumerable<HintCase> OfDocker() =>
    [
        new("delete that container and its changes first: orca rm {}", "orca volume rm filled") { Before = "orca run --name filler -v filled:/data $busybox true" },
        new("systemd can: leave the option out, and 'orca unit NAME' prints a unit for a container that has a name", "orca run --restart always --name unit1 $busybox true")
            { Words = [("NAME", "unit1")], Follow = "orca run --name unit1 $busybox true; eval \"$2\"", After = "orca rm unit1" },
        new("there is no daemon that could look: a timer of systemd or cron can, with a command that fails when the container is ill", "orca run --health-cmd true $busybox true") { Follow = "orca run $busybox true", After = "true" },
        new("'orca start {}' starts it", "orca kill keep") { Follow = "orca start keep", After = "true" },
        new("'orca start -ai {}' starts it at this terminal", "orca attach keep") { Follow = "eval \"$1\" </dev/null", After = "true" },
        new("stop it first: orca stop {}", "orca rename busy quiet") { Before = "orca run -d --name busy $busybox sleep 100", After = "orca rename busy quiet && orca rm quiet" },
        new("'orca history {}' lists what is there", "orca restore past 7") { Before = "orca create --name past $busybox true", Follow = "orca history past", After = "orca restore past 0 && orca rm past" },
        new("see what it prints with 'orca logs -f {}'", "orca start -a brief") { Before = "orca run -d --name brief $busybox sleep 8", After = "orca rm brief" },
        new("'orca top NAME' lists the processes of a container; they are processes of this machine: see ps(1) and top(1)", "orca stats") { Follow = "ps", After = "true" },
        new("there is no daemon that could tell: 'orca wait NAME' returns when a container ends, 'orca ps -a' shows the states", "orca events") { Follow = "orca wait keep && eval \"$3\"", After = "true" },
        new("orca reads no Dockerfiles: 'orca run --name NAME IMAGE' makes changes and 'orca commit NAME IMAGE' an image of them; 'orca load' takes what 'docker save' and 'podman save' write", "orca build .")
            { Follow = "exec < /dev/null; orca run --name built $busybox touch /built; orca commit built built:1; orca save $busybox > saved; orca --root ./r1 load < saved", After = "orca run built:1 test -e /built" },
        new("containers are listed by 'orca ps', removed by 'orca rm', run by 'orca run'", "orca container pause") { Follow = "orca ps", After = "true" },
        new("'orca exec NAME cp -a SOURCE DEST' does that while it runs", "orca cp copied:/etc copied:/etc2")
        {
            Before = "orca run -d --name copied $busybox sleep 100", Words = [("NAME", "copied"), ("SOURCE", "/etc"), ("DEST", "/etc2")],
            After = "orca exec copied ls /etc2/passwd && orca rm -f copied",
        },
        new("'orca exec NAME cat PATH' reads such a file", "orca cp looked:/proc/version .")
            { Before = "orca run -d --name looked $busybox sleep 100", Words = [("NAME", "looked"), ("PATH", "/proc/version")], After = "orca rm -f looked" },
        new("a path in a container is written NAME:PATH", "orca cp precious .") { Follow = "orca cp keep:/precious .", After = "cat precious" },
        new("make it with: {}", "orca cp keep:/precious copies/") { Follow = "mkdir -p copies/ && orca cp keep:/precious copies/", After = "cat copies/precious" },
        new("remove it first, or copy to another place", "orca cp keep:/precious put") { Before = "mkdir -p put/precious", Follow = "rmdir put/precious && orca cp keep:/precious put", After = "cat put/precious" },
        new("images are listed by 'orca images', removed by 'orca rmi', brought in by 'orca pull' and 'orca load'", "orca image sign") { Follow = "orca images", After = "true" },
        new("containers use the host's network, or none: 'orca run --network none IMAGE'", "orca network ls") { Words = [("IMAGE", "$busybox true")], After = "true" },
        new("leave the option out, and tell the program inside which port and address to open", "orca run -p 8080:80 $busybox true") { Follow = "orca run $busybox true", After = "true" },
        new("containers use the host's network: what another one opens is on 'localhost'", "orca run --link a $busybox true") { Follow = "orca run $busybox true", After = "true" },
        new("'orca run --name NAME IMAGE' makes a kept container and starts its shell; 'orca run --name NAME' enters it again", "orca enter keep")
            { Words = [("NAME", "entered"), ("IMAGE", "$busybox")], Follow = "exec < /dev/null; " + All3, After = "orca ps -aq | grep -x entered" },
        new("'orca ps -a' lists containers, 'orca images' lists images", "orca ls") { Follow = All3, After = "true" },
        new("'orca prune' deletes what nothing refers to", "orca gc") { After = "true" },
        new("'orca rm NAME' deletes a kept container with its changes, 'orca rmi IMAGE' an image", "orca remove removed")
            { Before = "orca run --name removed $busybox true; mkdir -p some; touch some/file; orca import -q some removed:1", Words = [("NAME", "removed"), ("IMAGE", "removed:1")], Follow = All3, After = "! orca ps -aq | grep -x removed" },
        new("name the directories again, with -v", "orca run --volumes-from a $busybox true") { Follow = "orca run -v .:/again $busybox true", After = "true" },
    ];

    /// <summary>What docker and podman have and orca refuses; see docs/docker-to-orca.md.</summary>
    private static IEnumerable<HintCase> Refused() =>
    [
        new("leave the option out", "orca run --runtime crun $busybox true") { Follow = "orca run $busybox true", After = "true" },
        new("'--userns=subids' gives the container all your subordinate ids, '--userns=keep-id' your own number", "orca run --uidmap 0:1:1 $busybox true")
            { Follow = "orca run $3 $busybox true", After = "true" },
        new("'--userns=keep-id' gives the container your user, with a line in its /etc/passwd", "orca run --hostuser me $busybox true") { Follow = "orca run $2 $busybox true", After = "true" },
        new("log in before: 'orca login REGISTRY'", "orca pull --creds me:secret none.test/x") { Follow = "orca login --help", After = "true" },
        new("put the files into ~/.config/containers/certs.d/REGISTRY, where podman finds them too", "orca pull --cert-dir . none.test/x")
            { Follow = "mkdir -p .config/containers/certs.d/none.test", After = "rmdir .config/containers/certs.d/none.test" },
        new("'-v ./FILE:/run/secrets/NAME:ro' shows the container a file", "orca run --secret key $busybox true")
            { Before = "echo hidden > key", Words = [("FILE", "key"), ("NAME", "key")], Follow = "orca run $2 $busybox grep hidden /run/secrets/key", After = "true" },
        new("'orca run ./DIR' makes an image of a root file system and runs it", "orca run --rootfs ./tree true")
            { Before = "mkdir -p tree; orca run --name treed $busybox true; orca export treed | tar x -C tree", Words = [("DIR", "tree true")], After = "true" },
        new("'--hostname NAME.DOMAIN' sets both", "orca run --domainname test $busybox true") { Words = [("NAME", "box"), ("DOMAIN", "test")], Follow = "orca run $2 $busybox true", After = "true" },
        new("'--pidfile FILE' writes the process id of the container's first process", "orca run --conmon-pidfile pid $busybox true")
            { Words = [("FILE", "pid1")], Follow = "orca run $2 $busybox true", After = "test -s pid1" },
        new("'--preserve-fds N' passes N descriptors on, from 3", "orca run --preserve-fd 3 $busybox true") { Words = [("N", "1")], Follow = "orca run $2 $busybox true 3< /dev/null", After = "true" },
        new("give the whole value: '-e NAME=VALUE'", "orca run --env-merge 'A=${A}b' $busybox true") { Words = [("NAME", "A"), ("VALUE", "b")], Follow = "orca run $2 $busybox true", After = "true" },
        new("remove it afterwards: 'orca rmi IMAGE' deletes an image that no container is made of", "orca run --rmi $busybox true")
            { Before = "mkdir -p some; touch some/file; orca import -q some afterwards:1", Words = [("IMAGE", "afterwards:1")], Follow = "eval \"$2\"", After = "! orca images afterwards:1 | grep afterwards" },
        new("pull the tags one by one: 'orca pull IMAGE:TAG'", "orca pull --all-tags none.test/x") { Follow = "orca pull -q $busybox", After = "true" },
        new("give the name: 'orca ps -a' lists them", "orca stop --latest") { Follow = "eval \"$2\"", After = "true" },
        new("add '--network none', which gives the container a network of its own with loopback alone", "orca run --sysctl net.ipv4.ip_forward=1 $busybox true")
            { Follow = "orca run $2 --sysctl net.ipv4.ip_forward=1 $busybox true", After = "true" },
        new("leave '--ipc host' out", "orca run --ipc host --sysctl fs.mqueue.msg_max=8 $busybox true") { Follow = "orca run $busybox true", After = "true" },
    ];

    private static IEnumerable<HintCase> Usage() =>
    [
        new("did you mean 'orca {}'? see 'orca --help'", "orca imgaes") { Follow = All3, After = "true" },
        new("see 'orca --help'; to run an image, type 'orca run IMAGE'", "orca zzzzzz") { Words = [("IMAGE", "$busybox true")], Follow = All3, After = "true" },
        new("did you mean '{} {}'? {}", "orca system chekc") { Follow = All3, After = "true" },
        new("see '{} --help'", "orca system zzzzzz") { Follow = All3, After = "true" },
        new("see '{} --help'", "orca run") { Follow = All3, After = "true" },
        new("did you mean '{}'? {}", "orca images --formta json") { Follow = "orca images $2 json && eval \"$3\"", After = "true" },
        new("did you mean 'orca run ...'? see 'orca --help'", "orca --name x") { Follow = "orca run --help && eval \"$3\"", After = "true" },
    ];

    /// <summary>What is given as an example must be right itself.</summary>
    private static IEnumerable<HintCase> Examples() =>
    [
        new("for example '-v ./src:/src:ro'", "orca run -v nothing $busybox true") { Before = "mkdir -p src", Follow = "orca run $2 $busybox true", After = "true" },
        new("for example '--mount type=bind,source=./src,target=/src,readonly' or '--mount type=tmpfs,target=/scratch,tmpfs-size=64m'", "orca run --mount type=bind $busybox true")
            { Before = "mkdir -p src", Follow = "orca run $2 $3 $busybox true", After = "true" },
        new("for example '--add-host db:192.0.2.7', or 'host.docker.internal:host-gateway' for this machine", "orca run --add-host x $busybox true") { Follow = "orca run $2 --add-host $3 $busybox true", After = "true" },
        new("for example '--dns 192.0.2.53'", "orca run --dns x $busybox true") { Follow = "orca run $2 $busybox true", After = "true" },
        new("for example '--ulimit nofile=1024:4096'; resources are ", "orca run --ulimit x $busybox true") { Follow = "orca run --ulimit nofile=128:256 $busybox true", After = "true" },
        new("for example 'linux/amd64', 'linux/arm64' or 'linux/arm/v7'", "orca pull --platform linux/pdp11 $busybox") { Follow = "orca pull -q --platform linux/amd64 $busybox", After = "true" },
        new("for example SIGTERM, INT, 9 or SIGRTMIN+3", "orca run --stop-signal X $busybox true") { Follow = "for s in SIGTERM INT 9 SIGRTMIN+3; do orca run --stop-signal $s $busybox true || exit; done", After = "true" },
        new("for example: --change 'CMD [\"sh\"]'", "orca export keep | orca import --change X - changed:1") { Follow = "orca export keep | eval \"orca import -q $1 - changed:1\"", After = "orca run changed:1 < /dev/null" },
        new("names are such as Europe/Berlin or UTC", "orca run --tz ../x $busybox true") { Follow = "orca run --tz UTC $busybox true", After = "true" },
        new("write NAME=value, or NAME to copy the value from here", "orca run -e =x $busybox true") { Follow = "orca run -e A=x -e HOME $busybox true", After = "true" },
        new("write one NAME=value a line, without quotes", "orca run --env-file bad $busybox true") { Before = "echo 'a b' > bad", Follow = "echo A=b > good; orca run --env-file good $busybox true", After = "true" },
        new("did you mean '{}'? capabilities(7) lists them", "orca run --cap-drop NET_RAV $busybox true") { Follow = "orca run --cap-drop $2 $busybox true", After = "true" },
        new("capabilities(7) lists them", "orca run --cap-drop XYZZY $busybox true") { Follow = "orca run --cap-drop NET_RAW $busybox true", After = "true" },
        new("leave the option out: the container then uses the host's network as it is", "orca run --network bridge9 $busybox true") { Follow = "orca run $busybox true", After = "true" },
        new("leave out '--network none', or give an address", "orca run --network none --add-host x:host-gateway $busybox true") { Follow = "orca run --add-host x:host-gateway $busybox true && orca run --network none --add-host x:192.0.2.1 $busybox true", After = "true" },
        new("open it in the shell: 'orca run --json-status-fd 3 ... 3>status'", "orca run --json-status-fd 3 $busybox true") { Follow = "orca run --json-status-fd 3 $busybox true 3>status && test -s status", After = "true" },
        new("the container may do with it what you may; leave the permissions out", "orca run --device /dev/null:/dev/x:r $busybox true") { Follow = "orca run --device /dev/null:/dev/x $busybox true", After = "true" },
        new("give a number, or a name that its /etc/passwd and /etc/group have", "orca run -u nobody-here $busybox true") { Follow = "orca run -u 0 $busybox true && orca run -u root $busybox true", After = "true" },
        new("choose another working directory with -w", "orca run -w /etc/passwd $busybox true") { Follow = "orca run -w /etc $busybox true", After = "true" },
        new("leave out '-t' when input comes from a file or pipe", "orca run -it $busybox true < /dev/null") { Follow = "orca run -i $busybox true < /dev/null", After = "true" },
        new("an image name has no '://'; tarballs are loaded from addresses that begin with http:// or https://", "orca run docker://busybox true") { Follow = "orca run $busybox true", After = "true" },
    ];

    private static IEnumerable<HintCase> Mounts() =>
    [
        new("correct the path, or make a new directory there: {}", "orca run -v ./fresh/dir:/x $busybox true"),
        new("correct the path, or make a new directory there: {}", "orca run -v \"./it's new\":/x $busybox true"),
        new("correct the path, or make a new directory there: {}", "orca run --mount type=bind,src=./new2,dst=/x $busybox true"),
        new("correct the path, or start what makes the file or socket there", "orca run -v ./agent.1:/x $busybox true") { Follow = "touch agent.1" },
        new("correct the path, or start what makes the file or socket there", "orca run -v /no-place-for-me:/x $busybox true") { Follow = "true", After = "true" },
        new("correct the path, or the symbolic link that is there: it leads nowhere", "orca run -v ./link:/x $busybox true") { Before = "ln -s nowhere link", Follow = "ln -sfn . link" },
        new("give the path of a file: a shell's '<(...)' is none", "orca run -v /dev/stdin:/x $busybox true") { Before = "touch file9", Follow = "orca run -v ./file9:/x $busybox true", After = "true" },
        new("correct the path: it leads through something that is not a directory", "orca run -v ./plain/x:/x $busybox true") { Before = "touch plain", Follow = "true", After = "orca run -v ./plain:/x $busybox true" },
        new("write instead: {}", "orca run -v './a:b':/x $busybox true") { Before = "mkdir -p a:b", Follow = "eval \"orca run $1 $busybox true\"", After = "true" },
        new("write instead: {}", "orca run -v 'c:d, e':/x:ro $busybox true") { Before = "mkdir -p 'c:d, e'", Follow = "eval \"orca run $1 $busybox true\"", After = "true" },
        new("give it with --mount type=bind,source=...,target=...", "orca run -v \"./$(printf 'a:\\nb')\":/x $busybox true")
            { Before = "mkdir -p \"$(printf 'a:\\nb')\"", Follow = "orca run --mount \"type=bind,source=./$(printf 'a:\\nb'),target=/x\" $busybox true", After = "true" },
        new("for a directory of this machine: --mount type=bind,source=./DIR,target=/DIR", "orca run --mount source=./data,target=/x $busybox true")
            { Before = "mkdir -p data", Words = [("DIR", "data")], Follow = "orca run $1 $busybox true", After = "true" },
        new("go to a directory that exists, for example with 'cd', or give an absolute path", "mkdir gone && cd gone && rmdir ../gone && orca run -v .:/x $busybox true") { Follow = "eval \"$2\"; orca run -v .:/x $busybox true", After = "true" },
        new("go to a directory that exists, for example with 'cd', or give an absolute path", "mkdir gone && cd gone && rmdir ../gone && orca --root ./r9 images") { Follow = "eval \"$2\"; orca --root ./r9 images", After = "true" },
        .. new[] { "import . gone:1", "load ./x", "run --env-file x $busybox true", "run --authfile x $busybox true", "run --security-opt seccomp=x $busybox true", "save -o x $busybox", "run --cidfile x $busybox true" }.Select(
            static line => new HintCase("go to a directory that exists, for example with 'cd', or give an absolute path", $"mkdir gone && cd gone && rmdir ../gone && orca {line}") { Follow = "eval \"$2\"; test $PWD = $HOME", After = "true" }),
        new("a directory can only be mounted on a directory, a file only on a file", "orca run -v ./file4:/tmp $busybox true") { Before = "touch file4", Follow = "orca run -v ./file4:/file $busybox true", After = "true" },
    ];

    private static IEnumerable<HintCase> Words() =>
    [
        new("leave one of them out", "orca run --uts host --hostname a $busybox true") { Follow = "orca run --uts host $busybox true", After = "true" },
        new("make it first: mkdir -p '{}'", "orca run -v ./closed:/x:ro -v .:/x/y $busybox true") { Before = "mkdir -p closed" },
        new("make it first: touch '{}'", "orca run -v ./closed:/x:ro -v ./file5:/x/f $busybox true") { Before = "mkdir -p closed && touch file5" },
        new("choose another place inside", "orca run -v .:/sys/nothing/here $busybox true") { Follow = "orca run -v .:/x $busybox true", After = "true" },
        new("the container's own programs read it; choose another place, such as '/host/proc'", "orca run -v .:/proc $busybox true") { Follow = "orca run -v .:$2 $busybox true", After = "true" },
        new("mount it read-only (':ro'), or a copy of it", "orca run -v .:/x:O $busybox true") { Follow = "orca run -v .:/x$2 $busybox true", After = "true" },
        new("leave 'no-dereference' out, or mount the directory that the link is in", "orca run --mount type=bind,src=.,dst=/x,no-dereference $busybox true") { Follow = "orca run --mount type=bind,src=.,dst=/x $busybox true", After = "true" },
        new("unpack it, and mount that directory: orca run --name NAME IMAGE true && mkdir -p DIR && orca export NAME | tar x -C DIR", "orca run --mount type=image,src=$busybox,dst=/x $busybox true")
            { Words = [("NAME", "unpacked"), ("IMAGE", "$busybox"), ("DIR", "unpacked")], After = "orca run -v ./unpacked:/x $busybox test -x /x/bin/sh && chmod -R u+w unpacked" },
        new("mount each file, or the directory that they are in: --mount type=bind,source=./DIR,target=/DIR", "orca run --mount 'type=glob,src=./d*,dst=/x' $busybox true")
            { Before = "mkdir -p globbed", Words = [("DIR", "globbed")], Follow = "eval \"orca run $1 $busybox true\"", After = "true" },
        new("take 'type=tmpfs', which may have a limit and may be swapped", "orca run --mount type=ramfs,dst=/x $busybox true") { Follow = "orca run --mount type=tmpfs,dst=/x $busybox true", After = "true" },
        new("leave it out", "orca run --mount type=devpts,dst=/dev/pts $busybox true") { Follow = "orca run $busybox true", After = "true" },
        new("to show a directory inside: {}", "orca run --device /dev/shm $busybox true") { Follow = "eval \"orca run $1 $busybox true\"", After = "true" },
        new("leave 'copy' out", "orca run -v .:/x:copy $busybox true") { Follow = "orca run -v .:/x $busybox true", After = "true" },
        new("leave 'idmap' out: with one id, what is yours outside is the container's inside", "orca run -v .:/x:idmap $busybox true") { Follow = "orca run -v .:/x $busybox true", After = "true" },
        new("leave '{}' out; what is mounted on this machine later is seen by a container that starts after it", "orca run -v .:/x:rshared $busybox true") { Follow = "orca run -v .:/x $busybox true", After = "true" },
        new("leave 'noswap' out", "orca run --tmpfs /x:noswap $busybox true") { Follow = "orca run --tmpfs /x $busybox true", After = "true" },
        new("leave 'tmpcopyup' out, and copy what is needed when the container starts", "orca run --tmpfs /x:tmpcopyup $busybox true") { Follow = "orca run --tmpfs /x $busybox true", After = "true" },
        new("leave '{}' out", "orca run --tmpfs /x:shared $busybox true") { Follow = "orca run --tmpfs /x $busybox true", After = "true" },
        new("leave out '{}=': whoever runs inside may write there; or run with '{}', or with '--userns=subids'", "orca run --tmpfs /x:uid=1234 $busybox true")
            { Follow = "orca run $3 --tmpfs /x:uid=1234 $busybox true && orca run --tmpfs /x $busybox touch /x/y", After = "true" },
        new("an id is a number: names are known inside only", "orca run --tmpfs /x:uid=games $busybox true") { Follow = "orca run --tmpfs /x:uid=0 $busybox true", After = "true" },
        new("correct the path after '--env-file', or leave the option out", "orca run --env-file none $busybox true") { Follow = "orca run $busybox true", After = "true" },
        new("correct the path after 'seccomp=', or leave the option out", "orca run --security-opt seccomp=none $busybox true") { Follow = "orca run $busybox true", After = "true" },
        new("correct the path after '--authfile', or make the file with 'orca login --authfile FILE'", "orca run --authfile logins $busybox true")
            { Follow = "echo secret | eval \"$3 --username orca --password-stdin localhost:5001\"", Words = [("FILE", "logins")] },
        new("{} names it: correct the path, or make the file with 'orca login'", "REGISTRY_AUTH_FILE=$HOME/logins2 orca pull -q $busybox")
            { Follow = "export REGISTRY_AUTH_FILE=$HOME/logins2; echo secret | orca login --username orca --password-stdin localhost:5001" },
        new("{} names it: correct the path, or unset the variable", "CONTAINERS_REGISTRIES_CONF=none orca pull -q $busybox") { Follow = "orca pull -q $busybox", After = "true" },
        new("{} names its directory: make it, or unset the variable", "DOCKER_CONFIG=$HOME/docker orca pull -q $busybox") { Follow = "mkdir docker" },
        new("open it with '{}<FILE', or ask for fewer", "orca run --preserve-fds 1 $busybox true") { Follow = "touch passed && eval \"orca run --preserve-fds 1 $busybox true $2\"", After = "true", Words = [("FILE", "passed")] },
        new("show it inside with '-v DIR:DIR'", "orca run --preserve-fds 1 $busybox true 3<.") { Follow = "eval \"orca run $2 $busybox true\"", After = "true", Words = [("DIR", "$PWD")] },
    ];

    private static IEnumerable<HintCase> Images() =>
    [
        new("fetch it with 'orca pull {}'", "ORCA_ROOT=$HOME/r3 orca run --pull never $busybox true") { Follow = "export ORCA_ROOT=$HOME/r3; eval \"$2\"" },
        new("'orca images' lists what is there", "orca rmi none.test/nothing") { Follow = "orca images", After = "true" },
        new("take them away: orca rmi {}", "ORCA_ROOT=$HOME/r3 orca rmi localhost/unnamed@$(ORCA_ROOT=$HOME/r3 orca images -q)")
            { Before = "export ORCA_ROOT=$HOME/r3; orca pull -q $busybox", Follow = "export ORCA_ROOT=$HOME/r3; eval \"$1\"", After = "true" },
        new("if you trust where it comes from, allow more with --image-limit {}=VALUE", "ORCA_ROOT=$HOME/r4 orca pull --image-limit entries=1 $busybox")
            { Words = [("VALUE", "100000")], Follow = "ORCA_ROOT=$HOME/r4 orca pull -q ${1##* with } $busybox", After = "true" },
        new("if you trust where it comes from, allow more with --image-limit json-size=SIZE", "ORCA_ROOT=$HOME/r4 orca pull --image-limit json-size=10 $busybox")
            { Words = [("SIZE", "1m")], Follow = "ORCA_ROOT=$HOME/r4 orca pull -q ${1##* with } $busybox", After = "true" },
        new("check the name", "orca pull localhost:5000/nothing") { Follow = "orca pull -q $busybox", After = "true" },
        new("is the server running there, and the port right?", "orca pull localhost:1/x") { Follow = "orca pull -q $busybox", After = "true" },
    ];

    private static IEnumerable<HintCase> Archives() =>
    [
        new("load what is inside: {}", "orca --root ./r6 load deep.tar") { Before = "mkdir -p deep/image && orca save $busybox | tar -x -C deep/image && tar -c -C deep image > deep.tar", Follow = "eval \"$1\"", After = "true" },
        new("load what is inside: {}", "orca --root ./r7 load deep/image") { Follow = "eval \"$1\"", After = "true" },
        new("it is {}; without the prefix its content decides what it is: {}", "orca load oci:busybox.tar") { Before = "orca save -o busybox.tar $busybox", Follow = "orca --root ./r5 load \"$1\"", After = "true" },
        new("it is {}; without the prefix its content decides what it is: {}", "orca import docker-archive:./tree tree:1") { Before = "mkdir -p tree/bin && touch tree/bin/x", Follow = "orca import -q \"$1\" tree:1", After = "true" },
        new("'--tag NAME' gives the image a name of its own; '--replace' takes the name away from the other image, which is then kept by its digest alone until 'orca prune'", "orca load mine.tar")
            { Before = "orca export keep | orca import -q - mine:1; orca save -o mine.tar mine:1; orca rmi mine:1; orca import -q ./tree mine:1", Words = [("NAME", "mine:2")], Follow = "orca load $2 mine.tar && orca run mine:2 cat /precious", After = "true" },
        new("leave out what begins with the '@'", "orca import ./tree tree@sha256:0000000000000000000000000000000000000000000000000000000000000000") { Before = "mkdir -p tree", Follow = "orca import -q ./tree tree:2", After = "true" },
        new("give a directory that does not hold the store, or place the store elsewhere with --root or ORCA_ROOT", "orca --root ./hold/store import ./hold held:1") { Before = "mkdir -p hold/in", Follow = "orca --root ./hold/store import -q ./hold/in held:1 && orca --root ./r5 import -q ./hold/in held:1", After = "true" },
        new("load it first with 'orca load', and plan the name it gets", "orca plan ./busybox.tar") { Before = "orca save -o busybox.tar $busybox", Follow = "orca --root ./r6 load busybox.tar && orca --root ./r6 plan $busybox", After = "true" },
    ];

    private static IEnumerable<HintCase> Store() =>
    [
        new("choose an empty directory with --root or ORCA_ROOT", "orca --root ./full images") { Before = "mkdir -p full && touch full/x", Follow = "mkdir -p empty && orca --root ./empty images && ORCA_ROOT=./empty orca images", After = "test -f full/x" },
        new("if it is an orca store, write the file again: echo {}{} > {}", "orca images") { Before = "echo orca store x > .local/share/orca/format" },
        new("update orca, or use another store with --root or ORCA_ROOT", "orca --root ./new-store images")
            { Before = "orca --root ./new-store pull -q $busybox && echo orca store 99 > new-store/format", Follow = "orca --root ./other-store images", After = "true" },
        new("place the store elsewhere with --root or ORCA_ROOT", "orca --root /proc/orca pull $busybox") { Follow = "orca --root ./elsewhere images", After = "true" },
        new("correct the path in ORCA_STORES, or leave it out", "ORCA_STORES=/none/at/all orca images") { Follow = "orca images", After = "true" },
        new("write NAME=VALUE", "orca run -l =x $busybox true") { Words = [("NAME", "x"), ("VALUE", "y")], Follow = "orca run -l x=y $busybox true", After = "true" },
        new("correct the path after '--label-file', or leave the option out", "orca run --label-file ./none $busybox true") { Follow = "touch none && orca run --label-file ./none $busybox true; rm none", After = "true" },
        new("its owner opens it to others with 'orca system share'; or leave it out of ORCA_STORES", "ORCA_STORES=/root orca images") { Follow = "orca images", After = "true" },
    ];
}
