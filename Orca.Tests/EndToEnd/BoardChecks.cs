namespace Orca.Tests.EndToEnd;

/// <summary>What orca has to do on a board: on one with pages of 4 KB everything, on one with 16 KB what may depend on them.</summary>
internal static class BoardChecks
{
    public const string Host = "registry.board";
    public const int HttpPort = 5000, TlsPort = 5443;

    /// <summary>Shell functions for the bytes that the card's counter has, and for what they are compared with.</summary>
    private const string Written = """
        written() { sync; read -r _ _ _ _ _ _ sectors _ </sys/block/vda/stat; echo $((sectors * 512)); }
        tree() { for file in ~/.local/share/orca/images/*/rootfs/filler; do [ ! -s "$file" ] || echo $(($(du -sk "${file%/filler}" | cut -f 1) * 1024)); done; }
        layers() { sed -n 's/.*"event":"done".*"bytes":\([0-9]*\).*/\1/p' log; }
        compare() { wrote=$(($(written) - $1)); if [ $((wrote * 100)) -le $(($2 * $3)) ]; then echo "within $3 %"; else echo "wrote $wrote, $3 % of $2 are allowed"; fi; }
        watched() { "$@" & while grep -h VmHWM /proc/$!/status 2>/dev/null; do sleep 0.1; done | sort -n -k 2 | tail -n 1 >peak; wait $!; }
        peak() { read -r _ kilobytes _ <peak; if [ "$kilobytes" -gt 10000 ] && [ "$kilobytes" -le 65536 ]; then echo "peak within 64 MB"; else cat peak log; fi; }
        """;

    private static readonly BoardCheck[] s_all = [.. All(), .. BoardSystemCalls.Checks(), .. BoardUsers.Checks(), .. AtTheConsole()];

    public static IReadOnlyList<BoardCheck> OnSmallPages { get; } = [Page("4096"), .. s_all.Where(static check => !check.OnLargePagesOnly)];

    public static IReadOnlyList<BoardCheck> OnLargePages { get; } = [Page("16384"), .. s_all.Where(static check => !check.OnSmallPagesOnly)];

    private static BoardCheck Page(string size) => new("the kernel has pages of " + size, "getconf PAGESIZE", size);

    private static IEnumerable<BoardCheck> All() =>
    [
        new("version names the platform", "orca version") { Contains = ["linux/arm64/v8"] },
        new("hello runs a container", "orca hello"),
        new("doctor finds overlay, filters and a delegated control group", "orca doctor")
        {
            Contains = ["works     overlay", "works     seccomp:", "works     sub-ids", "works     processor: linux/arm64/v8", "works     clock: 20"],
        },
        new("doctor finds a delegated control group, small pages, and 32-bit programs", "orca doctor")
        {
            Contains = ["works     cgroup delegation", "works     32-bit programs: linux/arm\n", "works     page size: 4 KB"], OnSmallPagesOnly = true,
        },
        new("doctor says which pages the kernel has, what they mean, and that its memory controller is off", "orca doctor")
        {
            Contains =
            [
                "fallback  page size: 16 KB: programs that were built for 4 KB alone do not run", "'kernel=kernel8.img' in config.txt",
                "works     32-bit programs: linux/arm (only programs aligned to 16 KB or more)",
                "fallback  cgroup delegation: this kernel has no memory controller; '--memory' cannot be had", "take 'cgroup_disable=memory' off the kernel's command line",
            ],
            OnLargePagesOnly = true,
        },
        new("root file systems are imported", """
            for image in busybox arm32 tools; do orca import -q /images/$image.tar $image >/dev/null || echo "not $image"; done
            orca images | grep -c -E 'busybox|arm32|tools'
            """, "3"),
        new("a command runs as root of its container", "orca run busybox sh -c 'echo inside; id -u; uname -m'", "inside\n0\naarch64"),
        new("exit statuses are the command's, 126, 127 and 128+n", """
            orca run busybox sh -c 'exit 7'; echo $?
            orca run busybox /etc/passwd 2>/dev/null; echo $?
            orca run busybox /nonesuch 2>/dev/null; echo $?
            orca run busybox sh -c 'kill -9 $$'; echo $?
            orca run --nonesuch busybox 2>/dev/null; echo $?
            """, "7\n126\n127\n137\n125"),
        new("a kept container keeps its changes until it is removed", """
            orca run --name work busybox sh -c 'echo kept >/etc/mark; rm /etc/group'
            orca run --name work busybox sh -c 'cat /etc/mark; test -e /etc/group || echo removed'
            orca rm work >/dev/null
            orca run busybox cat /etc/mark 2>/dev/null || echo clean
            """, "kept\nremoved\nclean"),
        new("the root is an overlay on ext4, and the image stays as it is", """
            mount | grep -c '^/dev/vda on / type ext4'
            orca run busybox sh -c 'mount | grep -o "^overlay on / type overlay"; echo changed >/etc/passwd; echo new >/bin/new'
            orca run busybox ls /bin/new 2>/dev/null || echo clean
            """, "1\noverlay on / type overlay\nclean"),
        new("directories of the host are shown, read-only when asked", """
            mkdir -p shown; echo text >shown/file
            orca run -v "$PWD/shown:/a" -v "$PWD/shown:/b:ro" busybox sh -c 'cat /a/file; echo more >/a/new; echo no >/b/file' 2>/dev/null; echo $?
            cat shown/new
            """, "text\n1\nmore"),
        new("the command can be PID 1 itself", "orca run --init=false busybox sh -c 'echo $$'", "1"),
        new("a container without network has loopback alone", "orca run --network none busybox sh -c 'ls /sys/class/net; ping -c 1 -q 127.0.0.1 >/dev/null && echo up'", "lo\nup"),
        new("a read-only root is not written to", "orca run --read-only busybox sh -c 'touch /x 2>/dev/null || echo refused'", "refused"),
        new("a killed orca takes its container with it", """
            : >up
            orca run busybox sh -c 'echo up >/dev/stdout; exec sleep 7651.5' >up &
            until grep -q up up; do sleep 0.1; done
            kill -9 $!
            while cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q 'sleep [7]651.5'; do sleep 0.1; done
            orca run busybox echo again
            """, "again"),
        new("owners and devices are answered as made", "orca run busybox sh -c 'touch /f; chown 33:33 /f && mknod /d c 1 3 && su nobody -s /bin/sh -c id >/dev/null; echo $?; chgrp 5 /f && echo owned'", "0\nowned"),
        new("dpkg installs a package with an account of its own", """
            orca run -v /board/sampled.deb:/sampled.deb tools sh -c '/usr/bin/dpkg -i /sampled.deb >/tmp/log 2>&1 || cat /tmp/log; /usr/bin/dpkg -s sampled | grep ^Status; id -un sampled; ls /var/lib/sampled'
            """, "Status: install ok installed\nsampled\ndata"),
        new("useradd adds a user", "orca run tools sh -c 'useradd -m somebody && su somebody -s /bin/sh -c \"cd; pwd\"'", "/home/somebody"),
        new("sub-ids make owners real", "orca run --userns=subids busybox sh -c 'touch /f && chown 33:44 /f && stat -c %u:%g /f'", "33:44"),
        new("limits hold in a delegated control group", """
            orca run --memory 64m --pids-limit 50 -v /sys/fs/cgroup:/groups:ro busybox sh -c 'cat /groups/pi/*/memory.max /groups/pi/*/pids.max' | sort -u
            orca run --memory 32m busybox sh -c 'head -c 64m /dev/zero | tail -c 64m >/dev/null' 2>/dev/null; echo $?
            """, "50\n67108864\nmax\n137") { OnSmallPagesOnly = true },
        new("a limit of memory is refused with what helps where the kernel has its controller switched off", "orca run --memory 64m busybox true; orca run --pids-limit 50 busybox echo limited")
        {
            Contains = ["this kernel has no memory controller", "take 'cgroup_disable=memory' off", "\nlimited"], OnLargePagesOnly = true,
        },
        new("a terminal is the container's own", "script -qec \"stty rows 33 cols 77; orca run -it busybox sh -c 'tty; stty size'\" /dev/null")
        {
            Contains = ["/dev/pts/0", "33 77"],
        },
        new("an image is saved and loaded", """
            orca save -o saved.tar busybox && orca load -q --tag again saved.tar >/dev/null && orca run again echo loaded
            """, "loaded"),
        new("a program for 32-bit arm runs", "orca run arm32 sh -c 'echo narrow; head -c 5 /bin/busybox | tail -c 1 | od -An -tx1'", "narrow\n 01") { OnSmallPagesOnly = true },
        new("a program that is aligned to 4 KB dies on large pages, and orca says why", "orca run arm32 true")
        {
            OnLargePagesOnly = true, Status = 139,
            Contains = ["the command died of SIGSEGV: '/bin/true' (linux/arm/v7, hard float) has segments aligned to 4 KB, and this kernel has pages of 16 KB", "'kernel=kernel8.img' in config.txt"],
        },
        new("a death long after the start is explained too, of a container that goes and of one that stays", """
            orca run busybox sh -c 'sleep 1; kill -SEGV $$'; echo $?
            orca run --name late busybox sh -c 'sleep 1; kill -BUS $$'; echo $?; orca rm late >/dev/null
            """)
        {
            OnLargePagesOnly = true,
            Contains = ["the command died of SIGSEGV: this kernel has pages of 16 KB", "\n139\n", "the command died of SIGBUS: this kernel has pages of 16 KB", "\n135"],
        },
        new("a program of another machine is named with its machine", """
            printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\076\0\1\0\0\0' >other && head -c 100 /dev/zero >>other && chmod +x other
            orca run -v "$PWD/other:/other" busybox /other
            """)
        {
            Status = 126, Contains = ["'/other' is a program for linux/amd64, and this kernel runs linux/arm64 and linux/arm", "hint: the image says that it is for linux/arm64"],
        },
        new("an image is pulled over http", $"orca run -q --tls-verify=false {Host}:{HttpPort}/app:1 echo pulled", "pulled") { OnSmallPagesOnly = true },
        new("an image is pulled over TLS", $"SSL_CERT_FILE=/board/authority.pem orca run -q {Host}:{TlsPort}/app:1 echo pulled", "pulled") { OnSmallPagesOnly = true },
        new("an unknown authority is refused", $"orca pull -q {Host}:{TlsPort}/app:1") { OnSmallPagesOnly = true, Status = 125, Contains = ["certificate", "hint:"] },
        new("a pull writes little more to the card than the tree and the compressed layers, and stays small", $"""
            {Written}
            orca rmi -f {Host}:{HttpPort}/app:1 >/dev/null 2>&1; orca system prune >/dev/null; before=$(written)
            watched orca pull --progress json --tls-verify=false {Host}:{HttpPort}/app:big >/dev/null 2>log
            compare $before $(($(tree) + $(layers))) 105; peak
            """, "within 105 %\npeak within 64 MB") { OnSmallPagesOnly = true },
        new("a pull that keeps no layers writes little more to the card than the tree", $"""
            {Written}
            orca rmi -f {Host}:{HttpPort}/app:big >/dev/null; orca system prune >/dev/null; before=$(written)
            watched orca pull --progress json --no-resume --tls-verify=false {Host}:{HttpPort}/app:big >/dev/null 2>log
            compare $before $(tree) 105; peak
            orca rmi -f {Host}:{HttpPort}/app:big >/dev/null; orca system prune >/dev/null
            """, "within 105 %\npeak within 64 MB") { OnSmallPagesOnly = true },
        new("runs write next to nothing to the card: one alone 128 KB at most, ten in a row 64 KB each", $"""
            {Written}
            orca run busybox true; before=$(written)
            orca run busybox true
            compare $before 131072 100; before=$(written)
            for i in 1 2 3 4 5 6 7 8 9 10; do orca run busybox true; done
            compare $before 655360 100
            """, "within 100 %\nwithin 100 %") { OnSmallPagesOnly = true },
        new("changes are kept in memory where the kernel can", """
            orca run --tmpfs-upper=8m busybox sh -c 'rm -r /var && mkdir /var && echo kept >/var/new && cat /var/new; df -k / | tail -1 | tr -s " " | cut -d " " -f 2'
            """, "kept\n8192") { OnLargePagesOnly = true },
        new("changes in memory have the owners of sub-ids", "orca run --tmpfs-upper=8m --userns=subids busybox sh -c 'touch /f && chown 33:44 /f && stat -c %u:%g /f; df -k / | tail -1 | tr -s \" \" | cut -d \" \" -f 2'", "33:44\n8192") { OnLargePagesOnly = true },
        new("changes in memory are refused where tmpfs keeps no attributes", "orca run --tmpfs-upper busybox true") { OnSmallPagesOnly = true, Status = 125, Contains = ["'--tmpfs-upper' needs Linux 6.6 or later"] },
        new("a lost clock is named by doctor, and by the error of TLS", $"""
            now=$(date +%s); date -s @86400 >/dev/null
            orca doctor | grep -A 1 ' clock:'
            SSL_CERT_FILE=/board/authority.pem orca pull -q {Host}:{TlsPort}/app:1; date -s @$now >/dev/null
            """)
        {
            AsRoot = true, OnSmallPagesOnly = true,
            Contains = ["fails     clock: it shows 1970-01-02", "sudo date -s", "the server's certificate is not valid yet", "this machine's clock says 1970-01-02; when that is wrong, set it:"],
        },
        new("the start asks for its memory in whole pages", "strace -f -e trace=madvise orca version 2>&1 | grep -c EINVAL || orca version >/dev/null", "0"),
        new("the store is sound, and empty after rmi and prune", """
            orca system check | grep -o 'all sound'
            orca rmi arm32 >/dev/null && orca system prune >/dev/null && orca run --pull never arm32 true 2>/dev/null; echo $?
            """, "all sound\n125"),
    ];

    /// <summary>At the end: keys that do not come to their program would hold up the others.</summary>
    private static IEnumerable<BoardCheck> AtTheConsole() =>
    [
        new("an interrupt typed at the console comes to the command", "orca run -it tools sh -c 'trap \"echo caught; exit 9\" INT; echo waiting; while :; do sleep 1; done'")
        {
            Typed = ("waiting", "\u0003"), Status = 9, Contains = ["caught"],
        },
    ];
}
