namespace Orca.Cli.Parsing;

/// <summary>Options of docker and podman that orca refuses: why, and what to do instead. docs/docker-to-orca.md is made from it.</summary>
/// <remarks>Also of options that are accepted with one value, for the other values.</remarks>
internal static class RefusedOptions
{
    private const string Windows = "it is for containers of Windows";
    private const string Pods = "there are no pods";
    private const string Health = "there is no daemon that could check the health";
    private const string Ids = "which ids a container has is decided by '--userns' alone";
    private const string Group = "orca sets memory, processors and processes of a control group, and nothing else";
    private const string Addresses = "the container uses the host's network, or none: it has no address of its own";
    private const string Kernel = "the kernel allows it to root only, or does not have it any more";
    private const string OneEngine = "orca has one runtime, one way to store and one to log, with nothing to choose";
    private const string Latest = "orca does not keep which container was the latest";

    /// <summary>Returns why an option is refused; null for an option that docker and podman do not have, or orca has.</summary>
    /// <param name="command">The command after <c>orca</c>, as in <c>run</c> or <c>system prune</c>.</param>
    /// <param name="name">The option's long name, without dashes.</param>
    public static string? Reason(string command, string name) => command switch
    {
        "run" or "create" or "plan" => OfRun(name),
        _ => name switch
        {
            "latest" => Latest,
            "cert-dir" => "certificates are found by the registry's name",
            "creds" => "everybody on this machine can read a password on a command line",
            "decryption-key" => "encrypted images cannot be read",
            "compat-auth-file" => "one file serves docker, podman and orca",
            "secret" => "orca keeps no secrets",
            "depend" or "pod" => Pods,
            "external" or "sync" => "there are no containers of other programs in the store",
            "link" => Addresses,
            "no-session" => "exec keeps no session in any case",
            "checkpoint" or "checkpoint-dir" => "processes cannot be stored and continued without root",
            _ => OfOne(command, name),
        },
    };

    /// <summary>Returns what to do instead.</summary>
    public static string Way(string name) => DockerWords.InsteadOfOption("--" + name) ?? (name switch
    {
        "uidmap" or "gidmap" or "subuidname" or "subgidname" => "'--userns=subids' gives the container all your subordinate ids, '--userns=keep-id' your own number",
        "hostuser" or "passwd-entry" or "group-entry" or "passwd" => "'--userns=keep-id' gives the container your user, with a line in its /etc/passwd",
        "creds" => "log in before: 'orca login REGISTRY'",
        "cert-dir" => "put the files into ~/.config/containers/certs.d/REGISTRY, where podman finds them too",
        "secret" => "'-v ./FILE:/run/secrets/NAME:ro' shows the container a file",
        "rootfs" => "'orca run ./DIR' makes an image of a root file system and runs it",
        "domainname" => "'--hostname NAME.DOMAIN' sets both",
        "conmon-pidfile" => "'--pidfile FILE' writes the process id of the container's first process",
        "preserve-fd" => "'--preserve-fds N' passes N descriptors on, from 3",
        "env-merge" => "give the whole value: '-e NAME=VALUE'",
        "rmi" => "remove it afterwards: 'orca rmi IMAGE' deletes an image that no container is made of",
        "blkio-weight" or "cpu-shares" or "memory-reservation" or "device-read-bps" or "device-write-bps" or "device-read-iops" or "device-write-iops" or "blkio-weight-device"
            or "cpuset-mems" or "cgroup-conf" or "cgroup-parent" => "around the whole run: 'systemd-run --user --scope -p NAME=VALUE orca run IMAGE', see systemd.resource-control(5)",
        "all-tags" => "pull the tags one by one: 'orca pull IMAGE:TAG'",
        "latest" => "give the name: 'orca ps -a' lists them",
        _ => "leave the option out",
    });

    private static string? OfRun(string name) => name switch
    {
        "cpu-count" or "cpu-percent" or "io-maxbandwidth" or "io-maxiops" => Windows,
        "pod" or "pod-id-file" or "init-ctr" => Pods,
        "health-cmd" or "health-interval" or "health-retries" or "health-start-period" or "health-timeout" or "health-start-interval" or "health-log-destination" or "health-max-log-count"
            or "health-max-log-size" or "health-on-failure" or "health-startup-cmd" or "health-startup-interval" or "health-startup-retries" or "health-startup-success"
            or "health-startup-timeout" => Health,
        "uidmap" or "gidmap" or "subuidname" or "subgidname" => Ids,
        "hostuser" or "passwd-entry" or "group-entry" or "passwd" => "the container has one id, whose line orca writes where the image has none",
        "blkio-weight" or "blkio-weight-device" or "device-read-bps" or "device-read-iops" or "device-write-bps" or "device-write-iops" or "cpu-shares" or "memory-reservation" or "cpuset-mems"
            or "cgroup-conf" or "rdt-class" => Group,
        "cgroup-parent" or "cgroups" => "the control group is made below that of the caller",
        "cgroupns" => "the container sees its own control group only",
        "memory-swappiness" or "oom-kill-disable" or "cpu-rt-period" or "cpu-rt-runtime" or "device-cgroup-rule" or "kernel-memory" => Kernel,
        "ip" or "ip6" or "link-local-ip" or "mac-address" or "link" => Addresses,
        "publish" => "a port that is opened inside is opened on the host, with its number and on the address that the program chooses",
        "runtime" or "storage-opt" or "volume-driver" or "shm-size-systemd" or "use-api-socket" or "log-driver" or "init-path" => OneEngine,
        "chrootdirs" => "files of orca's are made in the root of the container only",
        "decryption-key" => "encrypted images cannot be read",
        "requires" => "no container depends on another one",
        "sdnotify" => "the program inside has no way to the service manager's socket",
        "systemd" => "nothing is prepared for systemd as the command",
        "seccomp-policy" => "an image cannot choose the filter of system calls",
        "secret" => "orca keeps no secrets",
        "creds" => "everybody on this machine can read a password on a command line",
        "cert-dir" => "certificates are found by the registry's name",
        "rootfs" => "a container is made of an image",
        "domainname" => "the NIS domain is the host's",
        "conmon-pidfile" => "there is no conmon",
        "preserve-fd" => "descriptors are passed on from 3 without a gap",
        "env-merge" => "variables are not filled in",
        "rmi" => "an image stays until it is removed",
        "volumes-from" => "mounts are not taken from another container",
        "gpus" => "orca cannot tell which files a graphics card needs",
        "image-volume" => "what the image calls a volume is a directory of the container",
        "personality" => "programs run with the machine's own personality",
        "sig-proxy" => "a command in the foreground gets the signals of its run",
        "attach" => "all three streams of a command in the foreground are attached",
        "use-image-hosts" or "hosts-file" => "/etc/hosts is the host's with the container's names, or the image's own with '--no-hosts'",
        _ => null,
    };

    private static string? OfOne(string command, string name) => (command, name) switch
    {
        ("commit", "config") => "how the image is run is said by '--change'",
        ("commit", "include-volumes") => "what is mounted into a container is no part of an image",
        ("commit", "squash") => "the layers below are those of the container's image",
        ("pull", "all-tags") => "one name is one image",
        ("images", "tree" or "history") => "an image has one line for each name",
        ("save", "compress") => "the archive is written without compression, as pipes and programs can add one",
        ("rmi" or "save" or "history", "platform") => "a name in the store is an image for one platform",
        ("system prune", "build") => "orca builds no images, so there is no cache of builds",
        ("system check", "repair" or "force") => "a damaged image is to be pulled again, which only its user can decide",
        ("system check", "max") => "nothing is too young to be checked",
        ("system prune", "filter") => "all that nothing refers to is pruned, and nothing that has a name",
        ("completion", "file") => "the script is printed, and the shell can redirect it",
        ("ps", "watch") => "watch(1) repeats a command",
        ("ps", "namespace" or "ns") => "namespaces are shown by lsns(8)",
        _ => null,
    };
}
