#!/usr/bin/env bash
# Measures dist/orca beside its peers, in one go on one machine, and writes bench/README.md.
#
#   bench/run.sh [RUNS]      RUNS of each command, 100 unless given
#
# Needs root: it drops to the ordinary account orca-test for orca, bwrap, crun and podman, and starts a docker daemon of
# its own. Everything happens in a private mount namespace whose /sys/fs/cgroup is cgroup2 alone, which crun and podman ask for.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-100}
((EUID == 0)) || { echo "the bench needs root: it starts a docker daemon and an ordinary account" >&2; exit 1; }
if [[ ${ORCA_BENCH:-} != inside ]]; then
  Orca.Tests/Fixtures/test-user.sh orca-test
  Orca.Tests/Fixtures/real-images.sh up
  trap 'Orca.Tests/Fixtures/real-images.sh down' EXIT
  ORCA_BENCH=inside unshare --mount --propagation private "$0" "$runs"
  exit
fi
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup

work=$(mktemp -d /var/tmp/orca-bench-XXXXXX)
source bench/peers.sh
trap 'stop_docker; rm -rf "$work"' EXIT
chmod 755 "$work"
install -m 755 dist/orca "$work/orca"
mkdir "$work/home"
chown -R orca-test: "$work/home"

as_user() {
  setpriv --reuid orca-test --regid orca-test --clear-groups \
    env -i HOME="$work/home" XDG_RUNTIME_DIR="$work/home" PATH=/usr/bin:/bin:/usr/sbin:/sbin "$@"
}

# time_all COMMAND...: prints the median of each in milliseconds, measured one after the other in one run of hyperfine.
time_all() {
  "${as[@]}" hyperfine --shell=none --style=none --warmup 10 --runs "$runs" --export-json "$work/home/times.json" "$@" >/dev/null 2>"$work/log" ||
    { cat "$work/log" >&2; return 1; }
  grep -o '"median": [0-9.e-]*' "$work/home/times.json" | awk '{ printf "%.2f ", $2 * 1000 } END { print "" }'
}

# tree_of IMAGE: a copy of the tree orca made of it, so that the peers measure on the same files and touch nothing of orca's.
tree_of() {
  local name=${1##*/} found
  name=${name%%:*}
  found=$(as_user find "$work/home/.local/share/orca" -path "*/etc/$2" -print -quit)
  as_user cp -a "${found%/etc/*}" "$work/home/$name"
  echo "$work/home/$name"
}

row() { printf '| %s | %s | %s |\n' "$1" "$2" "$(awk "BEGIN { printf \"%.2f\", $2 / $3 }")"; }

# filter_like_orcas IMAGE FILE: a filter for system calls as long as the one orca loads, that allows everything and is walked to its end.
filter_like_orcas() {
  local length
  length=$(as_user strace -f -e trace=seccomp "$work/orca" run "$1" /bin/true 2>&1 | grep -o 'len=[0-9]*' | head -n 1)
  python3 - "${length#len=}" >"$2" <<'PYTHON'
import struct, sys
steps = [(0x20, 0, 0, 0)] + [(0x15, 0, 0, 1000 + i) for i in range(int(sys.argv[1]) - 2)] + [(0x06, 0, 0, 0x7FFF0000)]
sys.stdout.buffer.write(b"".join(struct.pack("<HBBI", *step) for step in steps))
PYTHON
  echo "${length#len=}"
}

# pss_of PID: what the processes of orca below it hold, in KiB; the container's own command is no process of orca.
pss_of() {
  local pid sum=0
  for pid in $(descendants "$1"); do
    [[ $(readlink "/proc/$pid/exe") == *orca* ]] || continue # the binary itself, or the keeper and the init that it made of its stub
    sum=$((sum + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")))
  done
  echo "$sum"
}

descendants() {
  local child
  echo "$1"
  for child in $(cat "/proc/$1/task/"*/children); do descendants "$child"; done
}

# ticks_of PID: the time that the processes below it have had, in hundredths of a second.
ticks_of() {
  local pid sum=0
  for pid in $(descendants "$1"); do
    sum=$((sum + $(awk '{ print $14 + $15 }' "/proc/$pid/stat")))
  done
  echo "$sum"
}

# hold_and_weigh HOME COMMAND...: runs a sleeping container and prints the memory of orca around it in KiB, and the CPU time it took in
# five idle seconds in milliseconds.
hold_and_weigh() {
  local home=$1 before
  shift
  setpriv --reuid orca-test --regid orca-test --clear-groups \
    env -i HOME="$home" PATH=/usr/bin:/bin TERM=xterm "$@" </dev/null >/dev/null 2>&1 &
  local pid=$!
  for _ in $(seq 300); do
    [[ " $(for p in $(descendants $pid); do tr '\0' ' ' <"/proc/$p/cmdline"; done) " == *" sleep 3600 "* ]] &&
      for p in $(descendants $pid); do [[ $(tr '\0' ' ' <"/proc/$p/cmdline") == "sleep 3600 " ]] && break 2; done
    sleep 0.1
  done
  sleep 1
  pss_of "$pid"
  before=$(ticks_of "$pid")
  sleep 5
  echo "$((($(ticks_of "$pid") - before) * 10))"
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
}

# all_at_once COMMAND...: the seconds that 128 of it take, started together; median of five.
all_at_once() {
  as_user bash -c '
    for _ in 1 2 3 4 5; do
      start=$EPOCHREALTIME
      for _ in $(seq 128); do "$@" & done
      wait
      awk "BEGIN { print $EPOCHREALTIME - $start }"
    done' bash "$@" 2>/dev/null </dev/null | sort -n | sed -n 3p
}

# drain COMMAND...: the seconds until a reader has the gigabyte that the command writes to the terminal it is given; median of five.
drain() {
  as_user python3 -c '
import os, pty, statistics, sys, time
def drain(command):
    start, size = time.monotonic(), 0
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    try:
        while part := os.read(terminal, 65536):
            size += len(part)
    except OSError:  # how a terminal ends
        pass
    if os.waitpid(pid, 0)[1] or size < 1 << 30:
        sys.exit(f"run.sh: {command} ended after {size} bytes")
    return time.monotonic() - start
print(f"{statistics.median(drain(sys.argv[1:]) for _ in range(5)):.2f}")' "$@"
}

compare() { # IMAGE MARK TITLE: the table of one image
  local image=$1 tree as times length
  as_user "$work/orca" pull "$image" >/dev/null 2>&1
  tree=$(tree_of "$image" "$2")
  prepare_crun "$tree"
  length=$(filter_like_orcas "$image" "$work/home/filter")
  exec 9<"$work/home/filter"
  as=(as_user)
  # The filter's descriptor is read anew by each run of bwrap: something has to set it back before.
  read -ra times < <(time_all --prepare "perl -e 'open(my \$f, q(<&=9)); sysseek(\$f, 0, 0)'" \
    "$work/orca run --entrypoint /bin/true $image" \
    "bwrap --unshare-all --bind $tree / --proc /proc --dev /dev /bin/true" \
    "bwrap $orcas_namespaces --seccomp 9 --bind $tree / --proc /proc --dev /dev /bin/true" \
    "crun --cgroup-manager=disabled run -b $work/home/bundle bench")
  exec 9<&-
  printf '\n### %s\n\n| | median, ms | of bwrap |\n|---|---|---|\n' "$3"
  row orca "${times[0]}" "${times[1]}"
  row "bwrap on the same tree" "${times[1]}" "${times[1]}"
  row "bwrap, orca's namespaces and a filter of $length instructions" "${times[2]}" "${times[1]}"
  row "crun on the same tree, rootless" "${times[3]}" "${times[1]}"
  measure_podman "$image" "${times[1]}"
  measure_docker "$image" "${times[1]}"
  [[ $2 == group ]] || return 0
  printf '\n### 128 starts at once, the same command\n\n| | s | of bwrap |\n|---|---|---|\n'
  times[0]=$(all_at_once "$work/orca" run --entrypoint /bin/true "$image")
  times[1]=$(all_at_once bwrap --unshare-all --bind "$tree" / --proc /proc --dev /dev /bin/true)
  row orca "${times[0]}" "${times[1]}"
  row bwrap "${times[1]}" "${times[1]}"
}

orcas_namespaces="--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup"
{
  sed '/<!-- measured -->/q' bench/README.md
  printf '\nMeasured on %s, %s cores, %s GB, Linux %s; hyperfine -N, median of %s runs after 10 to warm up.\n' \
    "$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)" "$(nproc)" "$(awk '/MemTotal/ { printf "%d", $2 / 1e6 }' /proc/meminfo)" \
    "$(uname -r | grep -o '^[0-9]*\.[0-9]*')" "$runs"
  printf '%s.\n' "$(versions)"
  compare localhost:5000/busybox group 'One small layer: `busybox`, /bin/true'
  compare localhost:5000/dev hello '620 MB in three layers: `dev`, /bin/true'
  as_user sh -c 'yes "a line of text of some fifty letters, as of a log." | head -c 1073741824 >"$1"' sh "$work/home/lines"
  printf '\n### 1 GiB of text by `cat` to a terminal, through one more\n\n| | s | of script |\n|---|---|---|\n'
  times[0]=$(drain "$work/orca" run -it -v "$work/home/lines:/lines" localhost:5000/busybox cat /lines)
  times[1]=$(drain script -qec "busybox cat $work/home/lines" /dev/null)
  row 'orca run -it' "${times[0]}" "${times[1]}"
  row 'script' "${times[1]}" "${times[1]}"
  rm "$work/home/lines"
  printf '\n### Memory and size\n\n| | |\n|---|---|\n'
  line="$work/orca run localhost:5000/busybox sleep 3600"
  read -ra weights < <(hold_and_weigh "$work/home" $line | xargs)
  printf '| PSS of all processes of orca while `orca run IMAGE sleep` stands | %s KiB |\n' "${weights[0]}"
  read -ra weights < <(hold_and_weigh "$work/home" script -qec "${line/run/run -it}" /dev/null | xargs)
  printf '| the same with a terminal (`-it`) | %s KiB |\n' "${weights[0]}"
  printf '| CPU time of the terminal'"'"'s relay in five idle seconds | %s ms |\n' "${weights[1]}"
  install -d -o orca-test "$work/fresh"
  read -ra weights < <(hold_and_weigh "$work/fresh" $line | xargs)
  printf '| PSS when the command had to pull the image first | %s KiB |\n' "${weights[0]}"
  printf '| `dist/orca` | %s bytes |\n' "$(stat -c %s dist/orca)"
} >"$work/README.md"
cat "$work/README.md" >bench/README.md
sed -n '/<!-- measured -->/,$p' bench/README.md
