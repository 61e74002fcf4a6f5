#!/bin/sh
# What a program finds inside a container: one fact a line, its name, a tab, its value. It needs sh, coreutils and perl, as the base image of Debian has
# them; $1 says where it begins to look: 'terminal' for what a terminal changes, 'user' for what another user than root sees, 'all' for everything else.
set -u
LC_ALL=C; export LC_ALL
say() { printf '%s\t%s\n' "$1" "$(printf '%s' "$2" | tr '\n\t' '  ')"; }
self=/proc/$$

status() { sed -n "s/^$1:[[:space:]]*//p" $self/status | tr '\t' ' '; }
field() { sed 's/.*) //' $self/stat | cut -d' ' -f$(($1 - 2)); }                          # proc(5), counted as there
# Kind, mode, owner; the target of a link.
node() { if [ -L "$1" ]; then printf 'link to %s' "$(readlink "$1")"; elif [ -e "$1" ]; then stat -c '%F %a %u:%g' "$1"; else echo none; fi; }
mounted() { awk -v place="$1" '$5 == place { sep = 0; for (i = 7; i <= NF; i++) if ($i == "-") sep = i; last = $(sep + 1) " " $6 } END { print last == "" ? "no mount" : last }' $self/mountinfo; }
super() { awk -v place="$1" '$5 == place { last = $NF } END { print last == "" ? "no mount" : last }' $self/mountinfo | sed -E 's/(lowerdir|upperdir|workdir)[^,]*/\1/g'; }
# Hidden: a directory is empty, a file reads as nothing, or the kernel has none.
hidden() { if [ ! -e "$1" ]; then echo hidden; elif [ -d "$1" ]; then [ -z "$(ls -A "$1" 2>/dev/null)" ] && echo hidden || echo shown; elif ! head -c1 "$1" >/dev/null 2>&1; then echo unreadable; elif [ -z "$(head -c1 "$1" | od -An -tx1)" ]; then echo hidden; else echo shown; fi; }
writable() { if [ ! -e "$1" ]; then echo absent; elif perl -e 'exit !open(my $f, "+<", $ARGV[0])' "$1"; then echo writable; else echo 'not writable'; fi; }
limit() { sed -n "s/^$1  *\([^ ]*\)  *\([^ ]*\).*/\1 \2/p" $self/limits; }
answer() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }
replace() { if cp -p "$1" "$1.new" 2>/dev/null && mv "$1.new" "$1" 2>/dev/null; then echo yes; else rm -f "$1.new"; echo no; fi; }

user() {
  say id "$(id -u):$(id -g)"
  say id.groups "$(id -G)"
  say id.name "$(whoami 2>/dev/null || echo none)"
  say id.group-name "$(id -gn 2>/dev/null || echo none)"
  say passwd.line "$(perl -e 'print join(":", (getpwuid($<))[0, 2, 3, 6, 7, 8]) || "none"')"
  say var.HOME "${HOME-unset}"
  say var.USER "${USER-unset}"
  say cap.effective "$(status CapEff)"
  say cap.permitted "$(status CapPrm)"
  say cap.inheritable "$(status CapInh)"
  say cap.bounding "$(status CapBnd)"
  say cap.ambient "$(status CapAmb)"
  say no-new-privileges "$(status NoNewPrivs)"
  say write./etc/passwd "$(answer test -w /etc/passwd)"
  say write.root "$(answer test -w /)"
  say read./proc/1/environ "$(answer cat /proc/1/environ)"
  say open./dev/stdout "$(answer sh -c ': > /dev/stdout')"
}

terminal() {
  say tty "$(tty)"
  say tty.node "$(stat -c '%F %a' "$(tty)")"
  say tty.group "$(stat -c %G "$(tty)")"
  say tty.chgrp "$(answer chgrp tty "$(tty)")"
  say tty.give-away "$(answer chown 4711 "$(tty)")"
  say dev.console "$(stat -c '%F %a' /dev/console)"
  say dev.console.mount "$(mounted /dev/console)"
  say dev.tty.open "$(answer sh -c ': < /dev/tty')"
  say var.TERM "${TERM-unset}"
  say process.foreground "$([ "$(field 8)" = "$(field 5)" ] && echo yes || echo no)"
  say process.session-leader "$([ "$(field 6)" = $$ ] && echo yes || echo no)"
  say descriptors "$(ls $self/fd | tr '\n' ' ')"
}

all() {
  # Files of /etc and the root.
  say root "$(node /)"
  say root.mount "$(mounted /)"
  say root.hidden "$(ls -A / | grep '^[.]' | tr '\n' ' ')"
  say etc.hostname "$(node /etc/hostname)"
  say etc.hostname.is-name "$([ "$(cat /etc/hostname)" = "$(hostname)" ] && echo yes || echo no)"
  say etc.hosts "$(node /etc/hosts)"
  say etc.hosts.localhost "$(awk '{ for (i = 2; i <= NF; i++) if ($i == "localhost") print $1 }' /etc/hosts | sort -u | tr '\n' ' ')"
  say etc.hosts.own-name "$(grep -qw "$(hostname)" /etc/hosts && echo yes || echo no)"
  say etc.hosts.names "$(awk '!/^#/ { for (i = 2; i <= NF; i++) print $i }' /etc/hosts | grep -E '^(ip6|host\.)' | sort -u | tr '\n' ' ')"
  say etc.hosts.mount "$(mounted /etc/hosts | cut -d' ' -f2)"
  say etc.resolv.conf "$(node /etc/resolv.conf)"
  say etc.mtab "$(node /etc/mtab)"
  say etc.localtime "$(node /etc/localtime)"
  say etc.timezone "$(cat /etc/timezone 2>/dev/null || echo none)"
  say etc.machine-id "$(node /etc/machine-id) $(wc -c 2>/dev/null < /etc/machine-id || :)"
  say etc.passwd "$(node /etc/passwd)"
  say etc.passwd.mount "$(mounted /etc/passwd)"
  say etc.passwd.replace "$(replace /etc/passwd)"
  say etc.group.replace "$(replace /etc/group)"
  say etc.shadow "$(node /etc/shadow)"
  say etc.nlink "$(stat -c %h /etc/debian_version)"
  say etc.mtime "$([ $(($(date +%s) - $(stat -c %Y /etc/debian_version))) -gt 86400 ] && echo 'of the image' || echo new)"
  say file.dockerenv "$(node /.dockerenv)"
  say file.containerenv "$(node /run/.containerenv)"
  say file.containerenv.keys "$(cut -d= -f1 /run/.containerenv 2>/dev/null | tr '\n' ' ')"
  say run "$(node /run)"
  say run.mount "$(mounted /run)"
  say run.entries "$(ls -A /run | tr '\n' ' ')"
  say tmp "$(node /tmp)"
  say var.run "$(node /var/run)"

  # /dev.
  say dev "$(node /dev)"
  say dev.mount "$(mounted /dev)"
  say dev.size "$(df -k --output=size /dev | tail -n 1 | tr -d ' ')"
  say dev.entries "$(ls /dev | tr '\n' ' ')"
  for name in null zero full random urandom tty; do say "dev.$name" "$(stat -c '%F %a %t:%T' /dev/$name 2>/dev/null || echo none)"; done
  say dev.null.owner "$(stat -c '%u:%g' /dev/null)"
  for name in fd stdin stdout stderr core ptmx; do say "dev.$name" "$(node /dev/$name)"; done
  say dev.pts.ptmx "$(node /dev/pts/ptmx)"
  say dev.pts.options "$(super /dev/pts)"
  say dev.shm "$(node /dev/shm)"
  say dev.shm.mount "$(mounted /dev/shm)"
  say dev.shm.size "$(df -k --output=size /dev/shm | tail -n 1 | tr -d ' ')"
  say dev.mqueue "$(node /dev/mqueue)"
  say dev.mqueue.mount "$(mounted /dev/mqueue)"
  say dev.console.plain "$(node /dev/console)"
  say dev.mknod "$(answer mknod /tmp/device c 1 3; rm -f /tmp/device)"

  # /proc.
  say proc.mount "$(mounted /proc)"
  for name in kcore keys timer_list latency_stats interrupts acpi scsi asound; do say "proc.$name" "$(hidden /proc/$name)"; done
  for name in sys bus fs irq sysrq-trigger; do say "proc.$name.mount" "$(mounted /proc/$name | sed 's/^proc ro.*/read-only/')"; done
  say proc.1.cmdline "$(tr '\0' ' ' < /proc/1/cmdline | cut -c 1-9)"
  say proc.1.exe "$(answer readlink /proc/1/exe)"
  say proc.self "$(answer test "$(readlink /proc/self)" -gt 0)"
  say proc.oom_score_adj "$(cat $self/oom_score_adj)"
  say proc.oom_score_adj.lower "$(answer sh -c "echo -1 > /proc/\$\$/oom_score_adj")"
  say proc.cgroup "$(sed 's/^[0-9]*:[^:]*://; s/[0-9a-f]\{64\}/ID/' $self/cgroup | sort -u | tr '\n' ' ')"
  say proc.setgroups "$(cat $self/setgroups)"
  say proc.attr.current "$(cat $self/attr/current 2>/dev/null | tr -d '\0' || :)"
  say proc.mounts "$(answer test "$(wc -l < $self/mountinfo)" -lt 60)"
  say sysctl.port-start "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)"
  say sysctl.ping-group "$(tr '\t' ' ' < /proc/sys/net/ipv4/ping_group_range)"
  say sysctl.write "$(writable /proc/sys/kernel/hostname)"
  say sysctl.shmmax "$(cat /proc/sys/kernel/shmmax)"

  # /sys.
  say sys "$(node /sys)"
  say sys.mount "$(mounted /sys)"
  say sys.fs.cgroup "$(mounted /sys/fs/cgroup)"
  say sys.firmware "$(hidden /sys/firmware)"
  say sys.kernel "$(hidden /sys/kernel)"
  say sys.powercap "$(hidden /sys/devices/virtual/powercap)"
  say sys.class.net.lo "$(answer test -e /sys/class/net/lo)"

  # Variables, names, time.
  say vars "$(tr '\0' '\n' < $self/environ | cut -d= -f1 | sort | tr '\n' ' ')"
  say var.PATH "$PATH"
  say var.container "${container-unset}"
  say var.TERM.plain "${TERM-unset}"
  say var.LANG "${LANG-unset}"
  say var.HOSTNAME "$([ "${HOSTNAME-}" = "$(hostname)" ] && echo 'the name' || echo other)"
  say name.length "$(hostname | tr -d '\n' | wc -c)"
  say name.domain "$(cat /proc/sys/kernel/domainname)"
  say name.resolves "$(getent hosts "$(hostname)" | awk '{ print $1 }' | sed -E 's/^(10|172|192)\..*/of a network/')"
  say time.zone "$(date +%z)"
  say time.monotonic "$(awk '{ print ($1 > 0) ? "of the host" : "own" }' /proc/uptime)"

  # The process.
  say process.id "$$"
  say process.parent "$(field 4)"
  say process.session "$([ "$(field 6)" = $$ ] && echo own || echo other)"
  say process.group "$([ "$(field 5)" = $$ ] && echo own || echo other)"
  say process.terminal "$(field 7)"
  say process.umask "$(umask)"
  say process.directory "$(pwd)"
  say process.root "$(readlink $self/root)"
  say process.nice "$(field 19)"
  say process.policy "$(field 41)"
  say process.io-class "$(perl -e 'print syscall(252, 1, 0) >> 13')"
  say process.affinity "$([ "$(status Cpus_allowed_list)" = "$(cat /sys/devices/system/cpu/online)" ] && echo 'all processors' || echo some)"
  say process.dumpable "$(perl -e 'print syscall(157, 3, 0, 0, 0, 0)')"
  say process.death-signal "$(perl -e 'my $s = pack("i", 0); syscall(157, 2, $s, 0, 0, 0); print unpack("i", $s)')"
  say process.timer-slack "$(perl -e 'print syscall(157, 30, 0, 0, 0, 0)')"
  say process.personality "$(cat $self/personality 2>/dev/null)"
  say process.descriptors "$(ls $self/fd | tr '\n' ' ')"
  say process.comm "$(cat $self/comm)"
  say signals.blocked "$(status SigBlk)"
  say signals.ignored "$(status SigIgn)"
  say signals.pending "$(status ShdPnd)"
  say keyring.session "$(perl -e 'my $n = syscall(250, 0, -3, 0); print $n > 0 ? "has one" : "none"')"
  say seccomp "$(status Seccomp)"
  for name in 'Max open files' 'Max processes' 'Max core file size' 'Max locked memory' 'Max stack size' 'Max address space' 'Max file size' 'Max msgqueue size' 'Max nice priority' 'Max pending signals'; do
    say "limit.$(echo "$name" | cut -d' ' -f2- | tr ' ' '-')" "$(limit "$name")"
  done
  say chown "$(answer sh -c 'touch /tmp/owned && chown 1:1 /tmp/owned')"
  say chown.seen "$(stat -c '%u:%g' /tmp/owned; rm -f /tmp/owned)"
  say own-namespace.user "$(answer unshare -U true)"
  say mount.tmpfs "$(answer mount -t tmpfs tmpfs /mnt)"
  say loopback "$(answer perl -MSocket -e 'socket(my $s, PF_INET, SOCK_STREAM, 0); bind($s, sockaddr_in(0, INADDR_LOOPBACK)) or exit 1')"
  say port-80 "$(answer perl -MSocket -e 'socket(my $s, PF_INET, SOCK_STREAM, 0); bind($s, sockaddr_in(80, INADDR_LOOPBACK)) or exit 1')"
  say raw-socket "$(answer perl -MSocket -e 'socket(my $s, PF_INET, SOCK_RAW, 1) or exit 1')"
}

case $1 in
  all) all; user ;;
  *) "$1" ;;
esac
