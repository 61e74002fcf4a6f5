#!/usr/bin/env bash
# board.sh [OPTION...] BINARY LINE: boots an emulated arm64 board on which BINARY is 'orca', runs a line of shell there and shows its console.
# Ends with the line's status; with 1 when the board did not get that far.
#
#   --kernel 4k|16k        pages of 4 KB on a Cortex-A53, the default, or of 16 KB on a Cortex-A76, as on a Raspberry Pi 5
#   --memory MB            512
#   --card FILE            the card it boots from: made when it is missing, and kept with all that was written; else that is gone at the end
#   --root                 as root; else as the account 'pi', which has sub-ids and a delegated control group
#   --add FILE             puts a copy into /board, which is in PATH
#   --forward PORT:PORT2   leads registry.board:PORT on the board to port PORT2 of this machine's loopback; there is no other network
#   --append WORDS         more words for the kernel's command line
#   --pid FILE             writes the id of the emulator's process: kill -9 is a power cut
#
# On the card: busybox, dpkg, useradd, script, strace, and root file systems to import in /images (busybox.tar, arm32.tar, tools.tar).
# Standard input is the board's console. Needs no root: qemu-system-aarch64, cpio, xz, mke2fs, busybox, socat.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
kernel=4k memory=512 card='' account=pi append='' pid=''
add=() forwards=''
while [[ ${1:-} == --* ]]; do
  case $1 in
    --kernel) kernel=$2 ;;
    --memory) memory=$2 ;;
    --card) card=$2 ;;
    --add) add+=("$2") ;;
    --forward) forwards+=",guestfwd=tcp:10.0.2.100:${2%%:*}-cmd:socat - TCP:127.0.0.1:${2##*:}" ;;
    --append) append=$2 ;;
    --pid) pid=$2 ;;
    --root) account=root && set -- "$1" "$@" ;;
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  esac
  shift 2
done
(($# == 2)) || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
parts=$("$here/board/parts.sh")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/board"
install -m 755 "$1" "$work/board/orca"
install -m 755 "$here/board/init" "$work/board/init"
echo "$2" >"$work/board/line"
echo "$account" >"$work/board/account"
for file in "${add[@]}"; do
  cp -p "$file" "$work/board/"
done
chmod -R a+rX "$work/board"
tar -C "$work/board" --owner=0 --group=0 -cf "$work/handed.tar" .

if [[ -z $card ]]; then
  card=$work/card
  cp --sparse=always "$parts/card.ext4" "$card"
elif [[ ! -e $card ]]; then
  cp --sparse=always "$parts/card.ext4" "$card.new" && mv "$card.new" "$card"
fi
processor=cortex-a53
[[ $kernel == 16k ]] && processor=cortex-a76
signal=on # for a person at a terminal; else a byte 3 is the board's
[[ -t 0 ]] || signal=off

status=1 line=''
while IFS= read -r line || [[ -n $line ]]; do
  line=${line%$'\r'}
  printf '%s\n' "$line"
  [[ $line == 'board: status '* ]] && status=${line##* }
done < <(exec qemu-system-aarch64 -machine virt -cpu "$processor" -smp 2 -m "$memory" -no-reboot -display none -monitor none ${pid:+-pidfile "$pid"} \
  -chardev "stdio,id=console,signal=$signal" -serial chardev:console \
  -netdev "user,id=net,restrict=on$forwards" -device virtio-net-pci,netdev=net,romfile= \
  -drive "file=$card,format=raw,if=none,id=card,cache=writeback,discard=unmap" -device virtio-blk-pci,drive=card \
  -drive "file=$work/handed.tar,format=raw,if=none,id=handed,readonly=on" -device virtio-blk-pci,drive=handed \
  -kernel "$parts/$kernel/vmlinuz" -initrd "$parts/$kernel/initramfs" -append "console=ttyAMA0 quiet loglevel=2 panic=1 $append")
exit "$status"
