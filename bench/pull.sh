#!/usr/bin/env bash
# Measures 'orca pull' beside its peers, from a registry on loopback, and writes its tables into bench/README.md.
#
#   bench/pull.sh [RUNS [IMAGE...]]     RUNS pulls of each image (dev, bench-layers, bench-files) by each, in turn, 5 unless given;
#                                       ORCA_BENCH_PEERS="orca docker" measures these alone
#
# Needs root, as bench/run.sh does and for the same reasons. Every pull starts with nothing and in a directory of its own, and nothing is
# deleted between two of one table: ext4 without a journal looks at every inode that was deleted in the last minutes before it makes a new one.
# Nor does one find the memory full of what another has left: before each all is synced and the page cache emptied, and the registry's
# blobs and the programs are read again. So the order of the peers does not matter.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
shift $(($# > 0))
(($#)) || set -- dev bench-layers bench-files
((EUID == 0)) || { echo "the bench needs root: it starts a docker daemon and an ordinary account" >&2; exit 1; }
if [[ ${ORCA_BENCH:-} != inside ]]; then
  Orca.Tests/Fixtures/test-user.sh orca-test
  [[ ${ORCA_BENCH_REGISTRY:-} == up ]] || { Orca.Tests/Fixtures/real-images.sh up && trap 'Orca.Tests/Fixtures/real-images.sh down' EXIT; }
  ORCA_BENCH=inside unshare --mount --propagation private "$0" "$runs" "$@"
  exit
fi
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup

work=$(mktemp -d /var/tmp/orca-bench-XXXXXX)
source bench/peers.sh
clean_up() {
  stop_docker
  rm -rf "$work"
}
trap clean_up EXIT
registry=${ORCA_FIXTURES:-/var/tmp/orca-fixtures}/registry
chmod 755 "$work"
install -m 755 dist/orca "$work/orca"
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/policy.json"

# take COMMAND...: runs it and prints its seconds and the most memory, in KiB, of its largest process; fails as it does.
take() {
  python3 -c '
import resource, subprocess, sys, time
start = time.monotonic()
with open(sys.argv[1], "wb") as log:
    status = subprocess.run(sys.argv[2:], stdout=log, stderr=log).returncode
print(f"{time.monotonic() - start:.3f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}")
sys.exit(status)' "$work/log" "$@"
}

# The pulls. $here is empty and the account's; $1 is the image's name on localhost:5000.
pull_orca() { take "${as_user[@]}" "$work/orca" pull -q "localhost:5000/$1"; }

pull_podman() {
  podman_storage "$here" >"$here/storage.conf"
  take "${as_user[@]}" podman --log-level=fatal pull -q --tls-verify=false --signature-policy="$work/policy.json" "localhost:5000/$1"
}

pull_docker() {
  start_docker "$here/docker"
  take docker -H "unix://$docker_root/socket" pull -q "localhost:5000/$1" | sed 's/ .*/ -/' # the daemon has the memory
  stop_docker
}

pull_umoci() {
  take "${as_user[@]}" sh -c 'skopeo copy -q --src-tls-verify=false "docker://localhost:5000/$1" "oci:$HOME/layout:x" &&
    umoci unpack --rootless --image "$HOME/layout:x" "$HOME/bundle"' sh "$1"
}

pull_skopeo() { take "${as_user[@]}" skopeo copy -q --src-tls-verify=false "docker://localhost:5000/$1" "oci:$here/layout:x"; }

pull_charliecloud() { take "${as_user[@]}" ch-image --tls-no-verify pull "localhost:5443/$1"; }

# fresh: an empty directory, the home of the account for one pull, in a block group of its own where the file system has such.
fresh() {
  mkdir -p "$work/pulls"
  chattr +T "$work/pulls" 2>/dev/null || true
  here=$(mktemp -d "$work/pulls/XXXXXX")
  chown orca-test: "$here"
  as_user=(
    setpriv --reuid orca-test --regid orca-test --clear-groups env -i HOME="$here" USER=orca-test XDG_RUNTIME_DIR="$here"
    CONTAINERS_STORAGE_CONF="$here/storage.conf" CH_IMAGE_STORAGE="$here/ch" CH_IMAGE_CACHE=disabled PATH=/usr/bin:/bin:/usr/sbin:/sbin
  )
  sync
  echo 3 >/proc/sys/vm/drop_caches
  cat "$registry"/docker/registry/v2/blobs/*/*/*/data >/dev/null
  for tool in "$work/orca" podman docker skopeo umoci ch-image; do "$tool" --version >/dev/null 2>&1 || true; done
}

# median FILE COLUMN
median() { awk -v c="$2" '{ print $c }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

compare() { # IMAGE TITLE: one table
  local image=$1 peer round memory first=
  for round in $(seq "$runs"); do
    for peer in "${peers[@]}"; do
      fresh
      "pull_$peer" "$image" >>"$work/$image.$peer" || { echo "pull.sh: $peer cannot pull $image: $(tail -n 1 "$work/log")" >&2; touch "$work/$image.$peer.failed"; }
      stop_docker
      echo "$image, round $round, $peer: $(tail -n 1 "$work/$image.$peer")" >&2
    done
  done
  printf '\n### %s\n\n| | median, s | of orca | most memory, MB |\n|---|---|---|---|\n' "$2"
  for peer in "${peers[@]}"; do
    [[ ! -e $work/$image.$peer.failed ]] || { printf '| %s | could not pull it here | | |\n' "${names[$peer]}"; continue; }
    first=${first:-$(median "$work/$image.$peer" 1)}
    memory=$(median "$work/$image.$peer" 2)
    printf '| %s | %.2f | %.2f | %s |\n' "${names[$peer]}" "$(median "$work/$image.$peer" 1)" \
      "$(awk "BEGIN { print $(median "$work/$image.$peer" 1) / $first }")" "$([[ $memory == - ]] || awk "BEGIN { printf \"%.0f\", $memory / 1024 }")"
  done
  rm -rf "$work/pulls"
}

read -ra peers <<<"${ORCA_BENCH_PEERS:-orca podman docker umoci skopeo charliecloud}"
declare -A names=(
  [orca]="orca"
  [podman]="podman, rootless"
  [docker]="docker, a daemon of root"
  [umoci]="skopeo copy and umoci unpack, rootless"
  [skopeo]="skopeo copy alone, which unpacks nothing"
  [charliecloud]="charliecloud (ch-image), over TLS, which it insists on"
)
for peer in podman docker umoci skopeo charliecloud; do
  tool=${peer/charliecloud/ch-image}
  command -v "$tool" >/dev/null || peers=("${peers[@]/#$peer/}")
done
read -ra peers <<<"${peers[*]}"

declare -A titles=(
  [dev]='`dev`: 281 MB in three layers, 620 MB unpacked'
  [bench-layers]='60 layers, 63 MB unpacked'
  [bench-files]='100,000 small files in one layer'
)
[[ "$*" != *bench-* ]] || python3 bench/images.py "$work/made"
for image in layers files; do
  [[ " $* " != *" bench-$image "* ]] || skopeo copy -q --policy "$work/policy.json" --dest-tls-verify=false "oci:$work/made:$image" "docker://localhost:5000/bench-$image"
done

{
  sed '/<!-- pulls measured -->/,$d' bench/README.md
  printf '<!-- pulls measured -->\n'
  printf '\nMedian of %s pulls of each, in turn, each from nothing, from a registry on loopback; %s cores.\n' "$runs" "$(nproc)"
  for image; do compare "$image" "${titles[$image]:-$image}"; done
} >"$work/README.md"
cat "$work/README.md" >bench/README.md
sed -n '/<!-- pulls measured -->/,$p' bench/README.md
