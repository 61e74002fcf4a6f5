#!/usr/bin/env bash
# bare-system.sh TREE USER LINE: runs a line of shell as USER on a system that has nothing but a kernel and what TREE holds.
#
# Not a plain chroot: the kernel lets nobody make a user namespace there. So TREE becomes the root of a mount
# namespace of its own, as after a boot. TREE holds a static bin/busybox, and etc/passwd with a line for USER.
# Needs root.
set -euo pipefail
tree=$1 user=$2 line=$3
exec unshare --mount --propagation private /bin/busybox sh -euc '
  cd "$1"
  mkdir -p proc dev sys old
  /bin/busybox mount --bind . .
  cd "$1"
  /bin/busybox mount -t proc proc proc
  /bin/busybox mount --rbind /dev dev
  /bin/busybox mount --rbind /sys sys
  /bin/busybox pivot_root . old
  cd /
  /bin/busybox umount -l /old
  exec /bin/busybox su -s /bin/sh -c "$3" "$2"' bare "$tree" "$user" "$line"
