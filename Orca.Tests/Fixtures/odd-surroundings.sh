#!/bin/sh
# odd-surroundings.sh COMMAND...: runs a command in surroundings in which somebody may start the tests: signals ignored as under nohup, '&' and timeout, umask 077, few open files,
# variables that lead orca, buildah and .NET astray, an input that is closed.
trap '' HUP INT QUIT TERM USR1 TSTP TTIN TTOU
umask 077
ulimit -S -n 256
export HOME=/nonexistent/home TMPDIR=/nonexistent/tmp TERM=unheard-of LANG=xx_XX.UTF-8 LC_ALL=xx_XX.UTF-8 TZ=Nowhere/Land COLUMNS=7 LINES=3
export XDG_DATA_HOME=/nonexistent/data XDG_RUNTIME_DIR=/nonexistent/run XDG_CONFIG_HOME=/nonexistent/config XDG_CACHE_HOME=relative XDG_STATE_HOME=
export ORCA_ROOT=/nonexistent/store ORCA_STORES=/nonexistent/stores ORCA_PULLED=1 ORCA_KEPT=1 ORCA_FRONT=1 ORCA_SLOTS=1 ORCA_HELLO_ASKED=1
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 HTTP_PROXY=http://127.0.0.1:9 ALL_PROXY=socks5://127.0.0.1:9 no_proxy=
export REGISTRY_AUTH_FILE=/nonexistent/auth.json DOCKER_CONFIG=/nonexistent/docker CONTAINERS_CONF=/nonexistent/containers.conf CONTAINERS_REGISTRIES_CONF=/nonexistent/registries.conf
export NO_COLOR=1 CDPATH=/ container=podman NOTIFY_SOCKET=/nonexistent/notify POSIXLY_CORRECT=1
exec <&-
exec "$@"
