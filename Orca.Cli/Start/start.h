/* What the files of this directory share. */
#include <linux/mman.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"

enum { HUGE_PAGE = 2 << 20 };

/* malloc's first memory (heap.c), behind all other data; and how much of it is asked for where there are no huge pages. */
enum { HEAP_SIZE = HUGE_PAGE, HEAP_AT_FIRST = 96 << 10 };
extern char orca_heap[HEAP_SIZE] __attribute__((visibility("hidden")));

/*
 * Asks for pages that will be read or written (MADV_POPULATE_READ, MADV_POPULATE_WRITE), in one call; an old kernel refuses, and the faults come as ever.
 * The size of a page is the kernel's: on arm64 it has 4, 16 or 64 kB, and refuses an address that is no boundary of its own pages.
 */
static inline void populate(uintptr_t start, uintptr_t end, int how, uintptr_t page) {
  start &= -page;
  call6(__NR_madvise, (long)start, (long)(end - start), how, 0, 0, 0);
}
