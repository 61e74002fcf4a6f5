/*
 * Where the first memory of malloc and of the runtime's collector comes from: huge pages, as a start touches some 90 pages of it, and on a
 * virtual machine each costs up to 25 us.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "start.h"

/* ---- malloc -------------------------------------------------------------------------------------------------------- */

/* A section of its own, as .bss has to lie before it: char orca_heap[HEAP_SIZE]. */
__asm__(".pushsection .orca_heap, \"aw\", @nobits\n"
        ".balign 4096\n"
        ".hidden orca_heap\n"
        ".globl orca_heap\n"
        ".type orca_heap, @object\n"
        "orca_heap: .zero 2 << 20\n"
        ".popsection");

/*
 * In place of the C library's, whose memory lies where no huge page reaches. When this is used up malloc takes its memory from mmap, as it does
 * wherever sbrk ends; the caller has the lock of malloc's main arena.
 */
void *__sbrk(intptr_t increment) {
  static size_t used;
  _Static_assert(HEAP_SIZE == 2 << 20, "as the section above has it");
  if (increment > (intptr_t)(HEAP_SIZE - used) || increment < -(intptr_t)used) {
    errno = ENOMEM;
    return (void *)-1;
  }
  char *before = orca_heap + used;
  used += (size_t)increment;
  return before;
}

void *sbrk(intptr_t increment) { return __sbrk(increment); }

/* ---- the collector -------------------------------------------------------------------------------------------------- */

/* GCToOSInterface::VirtualReserve(size_t, size_t, uint32_t, uint16_t), VirtualCommit(void *, size_t, uint16_t) and VirtualDecommit(void *, size_t), wrapped by Start.targets. */
void *__real__ZN15GCToOSInterface14VirtualReserveEmmjt(size_t size, size_t alignment, uint32_t flags, uint16_t node);
_Bool __real__ZN15GCToOSInterface13VirtualCommitEPvmt(void *address, size_t size, uint16_t node);
_Bool __real__ZN15GCToOSInterface15VirtualDecommitEPvm(void *address, size_t size);

/* The heap's address space, until its first commit; and the huge page that this one makes, in which all later commits are done already. */
static uintptr_t reserved, reserved_end, block;

void *__wrap__ZN15GCToOSInterface14VirtualReserveEmmjt(size_t size, size_t alignment, uint32_t flags, uint16_t node) {
  enum { HEAP_IS_LARGER_THAN = 64 << 20 };
  void *start = __real__ZN15GCToOSInterface14VirtualReserveEmmjt(size, alignment, flags, node);
  if (start && size > HEAP_IS_LARGER_THAN) {
    reserved = (uintptr_t)start;
    reserved_end = reserved + size;
  }
  return start;
}

static void make_block(uintptr_t address) {
  const uintptr_t start = address & -(uintptr_t)HUGE_PAGE, end = start + HUGE_PAGE;
  if (start >= reserved && end <= reserved_end && mprotect((void *)start, HUGE_PAGE, PROT_READ | PROT_WRITE) == 0) {
    madvise((void *)start, HUGE_PAGE, MADV_HUGEPAGE);
    block = start;
  }
  reserved = reserved_end = 0;
}

/* The heap commits its memory in steps of 64 kB; the first of them are nearly all that a start allocates. */
_Bool __wrap__ZN15GCToOSInterface13VirtualCommitEPvmt(void *address, size_t size, uint16_t node) {
  static size_t populated;
  enum { ENOUGH = 1 << 20 };
  const uintptr_t start = (uintptr_t)address;
  if (start >= reserved && start < reserved_end) {
    make_block(start);
  }
  _Bool done = (block && start >= block && start + size <= block + HUGE_PAGE) || __real__ZN15GCToOSInterface13VirtualCommitEPvmt(address, size, node);
  if (done && populated < ENOUGH) {
    const size_t part = size < ENOUGH - populated ? size : ENOUGH - populated;
    populated += part;
    populate(start, start + part, MADV_POPULATE_WRITE, (uintptr_t)getpagesize());
  }
  return done;
}

_Bool __wrap__ZN15GCToOSInterface15VirtualDecommitEPvm(void *address, size_t size) {
  if ((uintptr_t)address < block + HUGE_PAGE && (uintptr_t)address + size > block) {
    block = 0;
  }
  return __real__ZN15GCToOSInterface15VirtualDecommitEPvm(address, size);
}

/*
 * The two looks for the limits of the control group, InitializeCGroup() and InitializeCpuCGroup(), which read mountinfo and cgroup twice: a fortieth of a start, for a
 * heap of one megabyte. Start.targets puts these in their place in the front alone.
 */
void __wrap__Z16InitializeCGroupv(void) {}
void __wrap__Z19InitializeCpuCGroupv(void) {}
