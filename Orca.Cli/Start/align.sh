#!/bin/sh
# align.sh FILE: raises the alignment of the first segment to load, which begins the file and the addresses, from 64 KB to 2 MB. The kernel chooses the
# base address of a position-independent program by the largest alignment among its segments, and the data has to be on a boundary of a huge page (entry.c).
# The linker knows one alignment for all segments, and would align them in the file as well: 1.5 MB of zeros.
set -eu
at=$((64 + 56 + 48)) # the ELF header, one program header (PT_PHDR), and p_align of the second
kind=$(od -An -t u4 -j $((64 + 56)) -N 4 "$1" | tr -d ' ')
offset=$(od -An -t u8 -j $((64 + 56 + 8)) -N 8 "$1" | tr -d ' ')
align=$(od -An -t u8 -j $at -N 8 "$1" | tr -d ' ')
case $kind:$offset:$align in
  1:0:65536) printf '\0\0\040\0\0\0\0\0' | dd of="$1" bs=1 seek=$at conv=notrunc status=none ;;
  1:0:2097152) ;; # a build that had nothing to link
  *) echo "$1: the second program header is not that of a segment at 0 with an alignment of 64 KB" >&2; exit 1 ;;
esac
