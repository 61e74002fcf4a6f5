# The peers of bench/run.sh that need more than a command line. Sourced by it.

versions() {
  printf 'orca %s; %s' "$("$work/orca" version | head -n 1 | sed 's/^orca //')" "$(bwrap --version)"
  printf '; %s' "$(crun --version | head -n 1 | sed 's/ version//')"
  command -v podman >/dev/null && printf '; %s' "$(podman --version | sed 's/ version//')"
  command -v dockerd >/dev/null && printf '; %s' "$(dockerd --version | sed 's/Docker version \([^,]*\).*/docker \1/')"
}

# prepare_crun TREE: a bundle that runs /bin/true on it, under one id as the others.
prepare_crun() {
  rm -rf "$work/home/bundle"
  as_user mkdir "$work/home/bundle"
  as_user sh -c 'cd "$1" && crun spec --rootless' sh "$work/home/bundle"
  as_user python3 - "$work/home/bundle/config.json" "$1" <<'PYTHON'
import json, os, sys
path, tree = sys.argv[1:]
spec = json.load(open(path))
spec["process"]["terminal"] = False
spec["process"]["args"] = ["/bin/true"]
spec["root"]["path"] = tree
spec["linux"]["uidMappings"] = [{"containerID": 0, "hostID": os.getuid(), "size": 1}]
spec["linux"]["gidMappings"] = [{"containerID": 0, "hostID": os.getgid(), "size": 1}]
json.dump(spec, open(path, "w"))
PYTHON
}

# podman_storage DIRECTORY: a configuration that keeps podman's images there, and has it unpack files of owners that the account does not have.
podman_storage() {
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/graph"\nrunroot = "%s/run"\n[storage.options.overlay]\nignore_chown_errors = "true"\n' "$1" "$1"
}

# With one id podman can be no other user than root, whatever the image says.
measure_podman() { # IMAGE BWRAP
  command -v podman >/dev/null || return 0
  podman_storage "$work/home" >"$work/storage.conf"
  local as=(as_user CONTAINERS_STORAGE_CONF="$work/storage.conf") run="podman --cgroup-manager=cgroupfs --log-level=fatal run --rm --cgroups=disabled --network=host --tls-verify=false --user 0 --entrypoint /bin/true $1"
  "${as[@]}" $run >/dev/null 2>&1 || { echo "| podman, rootless | could not run here | |"; return; }
  row "podman, rootless, network of the host" "$(runs=$((runs > 30 ? 30 : runs)) time_all "$run")" "$2"
}

# Docker's network of its own is what its users get who ask for nothing; its rules and its bridge go into a network namespace made for the daemon.
measure_docker() { # IMAGE BWRAP
  command -v dockerd >/dev/null || return 0
  local as=(env) run="docker -H unix://$work/docker/socket run --rm --entrypoint /bin/true" name=${1##*/}
  local daemon=(unshare --net sh -c 'ip link set lo up && exec "$@"' sh dockerd)
  start_docker
  [[ -e $work/$name.tar ]] || skopeo copy -q --src-tls-verify=false "docker://$1" "docker-archive:$work/$name.tar:$name:bench"
  docker -H "unix://$docker_root/socket" load -q -i "$work/$name.tar" >/dev/null 2>&1
  measure_docker_row "docker, a daemon of root, its own network" "$run $name:bench" "$2"
  measure_docker_row "docker, a daemon of root, network of the host" "$run --network host $name:bench" "$2"
}

measure_docker_row() { # NAME COMMAND BWRAP
  if $2 >/dev/null 2>&1; then row "$1" "$(runs=$((runs > 30 ? 30 : runs)) time_all "$2")" "$3"; else echo "| $1 | could not run here | |"; fi
}

# start_docker [DIRECTORY]: a daemon with everything below the directory, $work/docker unless given; without a network, unless $daemon starts another.
start_docker() {
  [[ -z ${docker_pid:-} ]] || return 0
  docker_root=${1:-$work/docker}
  mkdir -p "$docker_root"
  [[ -n ${daemon[*]:-} ]] || local daemon=(dockerd --iptables=false --ip6tables=false --bridge=none)
  "${daemon[@]}" --data-root "$docker_root/data" --exec-root "$docker_root/exec" --pidfile "$docker_root/pid" -H "unix://$docker_root/socket" \
    >"$docker_root/log" 2>&1 &
  docker_pid=$!
  for _ in $(seq 100); do
    docker -H "unix://$docker_root/socket" version >/dev/null 2>&1 && return
    sleep 0.1
  done
}

stop_docker() {
  [[ -n ${docker_pid:-} ]] || return 0
  kill "$docker_pid" 2>/dev/null || true
  wait "$docker_pid" 2>/dev/null || true
  docker_pid=
  umount "$docker_root"/exec/netns/* 2>/dev/null || true # the daemon leaves one, and what is mounted cannot be deleted
}
