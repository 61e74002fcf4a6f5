#!/usr/bin/env bash
# Real images in real registries on loopback, made from Debian's own packages, so that no test needs the Internet's.
#
#   real-images.sh up                 start the registries that do not answer, build and push the images they lack
#   real-images.sh down               stop the registries, unless somebody's tests use them
#   real-images.sh during COMMAND...  up, run the command, and stop what 'during' started when its last user has ended
#
# Several may do so at a time, from several checkouts: one builds while the others wait.
#
#   http://localhost:5000    no login             http://localhost:5001    Basic: user orca, password secret
#   https://localhost:5443   own CA, pki/ca.pem   all three serve the same repositories
#
#   busybox           one layer, 1 MB: Debian's static busybox with its applets
#   debian:bookworm   one layer: minbase with apt
#   dev               three layers, 620 MB unpacked: debian; gcc, git, python3, make; one that deletes, links, adds 3000 files
#   servers           two layers, 900 MB unpacked: debian; servers that give up root, and what talks to them
#
# Needs root. Images, keys and logs are kept in $ORCA_FIXTURES (default /var/tmp/orca-fixtures) and used again.
[[ ${ORCA_PLAIN:-} ]] || exec "$(dirname "$0")/../../.ci/plain" "$0" "$@"
set -euo pipefail
root=${ORCA_FIXTURES:-/var/tmp/orca-fixtures}
registry=http://localhost:5000
directory=$PWD
mkdir -p "$root/pki"
cd "$root"

storage() { buildah --root "$root/storage" --runroot "$root/run" "$@"; }

# begin IMAGE: prints the name of a working container made from it.
begin() { storage from "$1" 2>/dev/null; }

# finish CONTAINER NAME: turns it into the image NAME and pushes that.
finish() {
  storage commit -q --rm "$1" "localhost:5000/$2" >/dev/null
  storage push -q --tls-verify=false "localhost:5000/$2" "docker://localhost:5000/$2" >/dev/null
}

build_busybox() {
  local tree container
  tree=$(mktemp -d)
  chmod 755 "$tree"
  mkdir -p "$tree"/{bin,etc,tmp,root,home,var}
  cp /bin/busybox "$tree/bin/busybox"
  busybox --list | grep -vx busybox | while read -r applet; do ln -s busybox "$tree/bin/$applet"; done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$tree/etc/passwd"
  printf 'root:x:0:\nnobody:x:65534:\n' >"$tree/etc/group"
  container=$(begin scratch)
  storage add -q "$container" "$tree" / >/dev/null
  storage config --env PATH=/bin --cmd /bin/sh "$container"
  finish "$container" busybox:latest
  rm -rf "$tree"
}

build_debian() {
  local sources=/etc/apt/sources.list.d/debian.sources container
  [[ -f $sources ]] || sources=/etc/apt/sources.list
  mmdebstrap --quiet --variant=minbase --mode=root bookworm debian.tar - <"$sources"
  container=$(begin scratch)
  storage add -q "$container" debian.tar / >/dev/null
  storage config --cmd bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  finish "$container" debian:bookworm
  rm -f debian.tar
}

build_dev() {
  local container
  container=$(begin localhost:5000/debian:bookworm)
  storage run --isolation chroot "$container" -- sh -c '
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      python3 git gcc libc6-dev make curl >/dev/null 2>&1'
  storage commit -q --rm "$container" localhost:5000/dev:base >/dev/null
  container=$(begin localhost:5000/dev:base)
  storage run --isolation chroot "$container" -- sh -c '
    rm -rf /usr/share/doc /usr/share/man
    echo hello > /etc/hello
    mkdir -p /app && cd /app
    for i in $(seq 1 3000); do mkdir -p d$((i % 50)); echo file $i > d$((i % 50))/f$i; done
    ln -s d1 link; ln d1/f1 hard
    useradd -m -u 1000 app; chown -R app /app'
  storage config --user app --workingdir /app --entrypoint '["/bin/sh","-c"]' --cmd 'echo from-entrypoint' "$container" 2>/dev/null
  finish "$container" dev:latest
}

build_servers() {
  local container
  container=$(begin localhost:5000/debian:bookworm)
  # As Debian asks for: no package starts its server here, where that would be one of this machine.
  storage run --isolation chroot "$container" -- sh -c '
    printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      apache2 bind9 bind9-dnsutils cron curl dnsmasq-base gdb gosu haproxy keyutils libcap2-bin memcached mosquitto mosquitto-clients netcat-openbsd nginx-light nodejs \
      openssh-client openssh-server php-fpm postfix postgresql procps rabbitmq-server rsync runit ssl-cert sudo systemd unbound >/dev/null 2>&1
    rm -rf /usr/share/doc /usr/share/man /var/lib/apt/lists/* /usr/sbin/policy-rc.d'
  finish "$container" servers:latest
}

make_keys() {
  [[ -f pki/ca.pem ]] && return
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout pki/key.pem -out pki/ca.pem -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
  chmod 755 . pki
}

# serve NAME PORT URL MORE: a registry on the shared storage, unless one answers at URL already. 401 is an answer too.
serve() {
  local name=$1 port=$2 url=$3 more=$4
  curl -s --cacert pki/ca.pem -o /dev/null "$url/v2/" && return
  cat >"orca-$name.yml" <<CONFIG
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $root/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$port"$more
CONFIG
  setsid docker-registry serve "orca-$name.yml" >"orca-$name.log" 2>&1 </dev/null 7>&- 8>&- &
  echo $! >"orca-$name.pid"
  for _ in $(seq 100); do
    curl -s --cacert pki/ca.pem -o /dev/null "$url/v2/" && return
    sleep 0.1
  done
  echo "the registry at $url did not come up: see $root/orca-$name.log" >&2
  exit 1
}

up() {
  make_keys
  # The password is 'secret'; the registry knows only bcrypt.
  echo 'orca:$2y$05$8jvXy.P3KsfZMnjEjOZJyOcDE0qvHCvrj.Vak2k7ORJgfEly1z/LG' >htpasswd
  serve http 5000 http://localhost:5000 '}'
  serve https 5443 https://localhost:5443 ", tls: {certificate: $root/pki/ca.pem, key: $root/pki/key.pem}}"
  serve basic 5001 http://localhost:5001 "}
auth: {htpasswd: {realm: orca-tests, path: $root/htpasswd}}"
  local image
  for image in busybox:latest debian:bookworm dev:latest servers:latest; do
    curl -sf -o /dev/null -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
      -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
      "$registry/v2/${image%%:*}/manifests/${image##*:}" && continue
    echo "building the image $image"
    "build_${image%%:*}"
  done
}

down() {
  local pid
  for pid in orca-*.pid; do
    [[ -f $pid ]] || continue
    kill "$(cat "$pid")" 2>/dev/null || true
    rm -f "$pid"
  done
  rm -f images.stay
}

# Two locks: 7 of whoever builds, starts or stops, exclusive and short; 8 of whoever uses the registries, shared and as long as they are used.
# A registry must not inherit them: it lives on.
alone() {
  flock -n 7 || { echo "waiting for another who builds images in $root" >&2; flock 7; }
  "$@"
  flock -u 7
}

up_to_stay() {
  touch images.stay
  up
}

begin_use() {
  flock -s 8
  up
}

# The lock tells whether this was the last user: only then can it be had alone.
end_use() {
  flock -u 8
  [[ -e images.stay ]] || ! flock -n 8 || down
}

down_unless_used() {
  flock -n 8 || { echo "tests use the registries: they go with the last of them" >&2; rm -f images.stay; return; }
  down
}

exec 7>"$root/images.lock" 8>"$root/images.used"
case ${1:-} in
  up) alone up_to_stay ;;
  down) alone down_unless_used ;;
  during)
    alone begin_use
    trap 'alone end_use' EXIT
    status=0
    (cd "$directory" && exec "${@:2}") 7>&- 8>&- || status=$?
    exit "$status" ;;
  *) echo "usage: real-images.sh up|down|during COMMAND..." >&2; exit 2 ;;
esac
