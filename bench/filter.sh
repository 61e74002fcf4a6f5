#!/usr/bin/env bash
# Measures what the filter of system calls costs jobs that make many of them, and writes its table into bench/README.md.
#
#   bench/filter.sh [ROUNDS]     ROUNDS of five runs of each job under each filter, in turn, 15 unless given
#
# Needs root, as bench/run.sh does, to drop to an ordinary account. Without a filter means: a user of the container, who needs no answers for
# root, and --security-opt seccomp=unconfined. What counts is processor time, user and system, of the job alone, which other work on the
# machine disturbs least; the three take turns, so that what changes meanwhile changes for all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-15}
((EUID == 0)) || { echo "the bench needs root: it starts an ordinary account" >&2; exit 1; }
Orca.Tests/Fixtures/test-user.sh orca-test
if [[ ${ORCA_BENCH_REGISTRY:-} != up ]]; then
  Orca.Tests/Fixtures/real-images.sh up
  trap 'Orca.Tests/Fixtures/real-images.sh down' EXIT
fi

work=$(mktemp -d /var/tmp/orca-filter-XXXXXX)
trap 'rm -rf "$work"; [[ ${ORCA_BENCH_REGISTRY:-} == up ]] || Orca.Tests/Fixtures/real-images.sh down' EXIT
chmod 755 "$work"
install -m 755 dist/orca "$work/orca"
install -d -o orca-test "$work/home"

# The way to Debian's packages is this machine's.
proxy=$(apt-config dump --format %v Acquire::http::Proxy 2>/dev/null || true)
proxy=${proxy:-${http_proxy:-}}

# in_box OPTION... COMMAND...: in the one container that everything is measured in.
in_box() {
  setpriv --reuid orca-test --regid orca-test --clear-groups \
    env -i HOME="$work/home" PATH=/usr/bin:/bin "$work/orca" run --name box "${@:1:$#-1}" localhost:5000/debian:bookworm bash -ec "${@: -1}"
}

in_box -e DEBIAN_FRONTEND=noninteractive ${proxy:+-e http_proxy="$proxy"} '
  apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev git make
  mkdir /tree /project
  for d in {1..200}; do mkdir /tree/$d; for f in {1..100}; do echo $d $f >/tree/$d/$f; done; done
  cd /tree && git init -q && git add . && git -c user.name=a -c user.email=b commit -qm m
  cd /project
  for f in {1..20}; do printf "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint f%d(char *a) { return printf(\"%%zu\", strlen(a)); }\n" $f >$f.c; done
  printf "all: \$(patsubst %%.c,%%.o,\$(wildcard *.c))\n%%.o: %%.c\n\tgcc -O1 -c -o \$@ \$<\n" >Makefile' >"$work/log" 2>&1 ||
  { tail -n 5 "$work/log" >&2; exit 1; }

names=('`git status`, 20,000 files, twice' '`find / -xdev -ls`' '`make` of 20 files of C' '`dd bs=1 count=500000`, a million calls and nothing else')
befores=('cd /tree; git status; git status' 'true' 'cd /project' 'true') # git reads all files again when their owner shows as another than in the last round
jobs=('git status; git status' 'find / -xdev -ls' 'rm -f *.o; make -s' 'dd if=/dev/zero of=/dev/null bs=1 count=500000')
kinds=(none user root)
declare -A options=([none]="-u 1000 --security-opt seccomp=unconfined" [user]="-u 1000" [root]="")

# time_in KIND JOB: processor time of five runs of the job of this number, in milliseconds, one a line.
time_in() {
  in_box ${options[$1]} "TIMEFORMAT='%3U %3S'; { ${befores[$2]}; } >/dev/null 2>&1; for run in 1 2 3 4 5; do time { ${jobs[$2]}; } >/dev/null 2>&1; done" 2>&1 >/dev/null |
    awk 'NF == 2 { printf "%d\n", ($1 + $2) * 1000 }'
}

for round in $(seq "$rounds"); do
  for job in "${!jobs[@]}"; do
    for turn in 0 1 2; do
      kind=${kinds[(turn + round) % 3]}
      time_in "$kind" "$job" >>"$work/$job.$kind"
    done
  done
done

# median FILE
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }

# more FILE: by how much its median is above that without a filter
more() { awk "BEGIN { printf \"%+.1f %%\", ($(median "$1") / $(median "${1%.*}.none") - 1) * 100 }"; }

{
  sed '/<!-- filter measured -->/,/<!-- pulls measured -->/{/<!-- pulls measured -->/!d}' bench/README.md | sed '/<!-- pulls measured -->/,$d'
  printf '<!-- filter measured -->\n\n'
  printf '### The cost of the filter\n\nProcessor time, median of %s runs of each, in turn.\n\n' "$((rounds * 5))"
  printf '| | no filter, ms | filter of a user, ms | | filter of root, ms | |\n|---|---|---|---|---|---|\n'
  for job in "${!jobs[@]}"; do
    printf '| %s | %.0f | %.0f | %s | %.0f | %s |\n' "${names[$job]}" "$(median "$work/$job.none")" \
      "$(median "$work/$job.user")" "$(more "$work/$job.user")" "$(median "$work/$job.root")" "$(more "$work/$job.root")"
  done
  printf '\n'
  sed -n '/<!-- pulls measured -->/,$p' bench/README.md
} >"$work/README.md"
cat "$work/README.md" >bench/README.md
sed -n '/<!-- filter measured -->/,/<!-- pulls measured -->/{/<!--/!p}' bench/README.md
