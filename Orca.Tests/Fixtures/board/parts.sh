#!/usr/bin/env bash
# parts.sh: prints the directory with the parts of emulated boards, which it makes from Debian's packages for arm64 when they are missing:
#
#   4k/ 16k/    a kernel with pages of that size, and its initramfs: busybox, modules, first-init
#   card.ext4   the root file system: busybox, the C library, dpkg, useradd, newuidmap, script, strace, an account 'pi' with sub-ids
#   images/     root file systems for 'orca import', on the card in /images: busybox.tar, arm32.tar (32-bit arm), tools.tar (dpkg and useradd)
#
# They are kept where .ci/fixtures says. Needs no root.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
ci=$(realpath "$here/../../../.ci")
kept=$("$ci/fixtures")
board=$kept/board-$(cat "$here/parts.sh" "$here/first-init" | sha256sum | cut -c1-12)

exec 9>"$kept/board.lock"
flock 9
if [[ -d $board ]]; then
  touch "$board"
  echo "$board"
  exit
fi
find "$kept" -maxdepth 1 -name 'board-*' -type d -mtime +7 -exec rm -rf {} +
echo "making the parts of the emulated boards" >&2
debs=$kept/debs
work=$(mktemp -d -p "$kept" board.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir -p "$debs"/{arm64,armhf}

# unpack ARCHITECTURE DIRECTORY PACKAGE...
unpack() {
  local architecture=$1 directory=$2 package
  shift 2
  (cd "$debs/$architecture" && "$ci/foreign" "$architecture" apt-get download -qq "$@") >&2
  for package; do
    dpkg-deb -x "$(newest "$debs/$architecture/$package"_*.deb)" "$directory"
  done
}

newest() { ls -t "$@" | head -1; }

# link_applets DIRECTORY: the names of the host's busybox, which is of the same release.
link_applets() {
  local applet
  for applet in $(busybox --list); do
    [[ -e $1/bin/$applet || -e $1/sbin/$applet || -e $1/usr/bin/$applet || -e $1/usr/sbin/$applet ]] || ln -s busybox "$1/bin/$applet"
  done
}

# take_module TREE DIRECTORY MODULE: copies a module behind those that it depends on, and notes the order; one that is missing is built in.
take_module() {
  local file other
  file=$(find "$1/lib/modules" -name "$3.ko*")
  [[ -n $file && ! -e $2/$3.ko ]] || return 0
  case $file in
    *.xz) xz -dc "$file" >"$2/$3.ko" ;;
    *) cp "$file" "$2/" ;;
  esac
  for other in $(tr '\0' '\n' <"$2/$3.ko" | sed -n 's/^depends=//p' | tr ',' ' '); do
    take_module "$1" "$2" "$other"
  done
  echo "$3" >>"$2/order"
}

# make_kernel NAME METAPACKAGE
make_kernel() {
  local package tree=$work/$1.tree first=$work/$1.first module
  package=$("$ci/foreign" arm64 apt-cache depends "$2" | awk '$1 == "Depends:" { print $2; exit }')
  mkdir -p "$tree" "$first"/{bin,dev,proc,sys,root,modules} "$work/parts/$1"
  unpack arm64 "$tree" "$package"
  cp "$tree"/boot/vmlinuz-* "$work/parts/$1/vmlinuz"
  cp "$work/card/bin/busybox" "$first/bin/"
  install -m 755 "$here/first-init" "$first/init"
  for module in virtio_pci virtio_blk virtio_net crc32c_generic ext4 overlay; do
    take_module "$tree" "$first/modules" "$module"
  done
  (cd "$first" && find . | sort | cpio -o -H newc -R 0:0 --quiet) | gzip -1 >"$work/parts/$1/initramfs"
  rm -rf "$tree" "$first"
}

mkdir -p "$work"/{card,arm32,busybox} "$work/parts/images"
unpack arm64 "$work/card" busybox-static libc6 libc-bin libgcc-s1 dpkg tar passwd login uidmap libsubid4 bsdutils strace libunwind8 \
  liblzma5 zlib1g libbz2-1.0 libzstd1 libmd0 libselinux1 libpcre2-8-0 libacl1 libattr1 libaudit1 libcap-ng0 libcrypt1 libpam0g libsemanage2 libsepol2
make_kernel 4k linux-image-cloud-arm64
make_kernel 16k linux-image-arm64-16k

# system TREE: what every root file system has.
system() {
  mkdir -p "$1"/{bin,dev,proc,sys,run,tmp,root,home,etc,var/tmp}
  chmod 1777 "$1/tmp" "$1/var/tmp"
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$1/etc/passwd"
  printf 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n' >"$1/etc/group"
  link_applets "$1"
}
mkdir -p "$work"/{busybox,arm32}/bin
cp "$work/card/bin/busybox" "$work/busybox/bin/"
unpack armhf "$work/arm32" busybox-static
rm -rf "$work/arm32/usr" "$work"/card/usr/share/{doc,man,locale,info,lintian,bash-completion} "$work"/card/usr/lib/*/gconv
mkdir -p "$work"/card/var/lib/dpkg/{info,updates,triggers}
: >"$work/card/var/lib/dpkg/status"
for tree in busybox arm32 card; do
  system "$work/$tree"
done
printf 'root:*:19000:0:99999:7:::\n' >"$work/card/etc/shadow"
for image in busybox arm32; do
  tar -C "$work/$image" --owner=0 --group=0 --sort=name -cf "$work/parts/images/$image.tar" .
done
tar -C "$work/card" --owner=0 --group=0 --sort=name --exclude='./usr/bin/strace*' -cf "$work/parts/images/tools.tar" .

mkdir -p "$work"/card/{images,home/pi,board}
cp "$work"/parts/images/*.tar "$work/card/images/"
echo 'pi:x:1000:1000:pi:/home/pi:/bin/sh' >>"$work/card/etc/passwd"
echo 'pi:x:1000:' >>"$work/card/etc/group"
echo 'pi:100000:65536' | tee "$work/card/etc/subuid" >"$work/card/etc/subgid"
printf '127.0.0.1 localhost\n10.0.2.100 registry.board\n' >"$work/card/etc/hosts"
chmod 755 "$work/card"
mke2fs -q -t ext4 -d "$work/card" "$work/parts/card.ext4" 3g
chmod 755 "$work/parts"
mv "$work/parts" "$board"
echo "$board"
