/*
 * The entry of the program, before the C library's: makes the memory that every start writes cheap to write.
 *
 * A position-independent program first relocates itself, which touches nearly every page of its data: 240 page faults, on a virtual machine
 * 13 us each. So the data is moved into huge pages at its own addresses: one fault, and the content read from the file by the kernel.
 * Start.targets links the writable segments 2 MB from all others for that. Where this cannot be (no /proc, no huge pages, something lies in
 * the way), the pages are asked for in one call, which costs a fifth; where a kernel before 5.14 refuses even that, the faults come as ever.
 *
 * Nothing is relocated yet and there is no thread storage: this code reads no pointer from data and calls no library.
 */
#include <elf.h>
#include <linux/mman.h>

#include "call.h"

enum { HUGE_PAGE = 2 << 20, PAGE = 4096 /* larger ones are not populated: the address is not aligned then */, FAILED = 125 };

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

/* The first byte behind the data's last huge page. The segment reaches to it, so that nothing else can lie before it. */
__attribute__((used, visibility("hidden"), aligned(HUGE_PAGE))) char orca_end_of_data[1];

__attribute__((noreturn)) static void die(void) {
  static const char text[] = "orca: cannot run: there is not enough memory for its data\n";
  call6(__NR_write, 2, (long)text, sizeof text - 1, 0, 0, 0);
  for (;;) {
    call6(__NR_exit_group, FAILED, 0, 0, 0, 0, 0);
  }
}

static void populate(uintptr_t start, uintptr_t end) {
  start &= -(uintptr_t)PAGE;
  call6(__NR_madvise, (long)start, (long)(end - start), MADV_POPULATE_WRITE, 0, 0, 0);
}

/* Takes the addresses before the segment in its first huge page; the kernel may have put something of its own there. */
static int take(uintptr_t start, uintptr_t end) {
  return start == end || call6(__NR_mmap, (long)start, (long)(end - start), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0) == (long)start;
}

/* Reads the segment's content into anonymous memory and puts that in its place up to the end of data; where a step fails, all stays as it was. */
static int move_to_huge_pages(int file, const Elf64_Phdr *segment, uintptr_t start) {
  const uintptr_t first = start & -(uintptr_t)HUGE_PAGE, last = (uintptr_t)orca_end_of_data;
  const long length = (long)(last - first);
  if (start + segment->p_filesz > last || start + segment->p_memsz < last || !take(first, start & -(uintptr_t)PAGE)) {
    return 0;
  }
  const long spare = call6(__NR_mmap, 0, length + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (spare < 0) {
    return 0;
  }
  const long copy = (spare + HUGE_PAGE - 1) & -(long)HUGE_PAGE;
  const long content = copy + (long)(start - first), size = (long)segment->p_filesz;
  long moved = -1;
  if (call6(__NR_madvise, copy, length, MADV_HUGEPAGE, 0, 0, 0) == 0 &&
      call6(__NR_pread64, file, content, size, (long)segment->p_offset, 0, 0) == size) {
    moved = call6(__NR_mremap, copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (long)first, 0);
    if (moved == -ENOMEM_) {
      die(); /* what was there may be gone */
    }
  }
  call6(__NR_munmap, spare, length + HUGE_PAGE, 0, 0, 0, 0); /* what lies beside the copy, or all of it */
  return moved == (long)first;
}

__attribute__((used, no_stack_protector)) void orca_make_data_cheap(void) {
  uintptr_t base = (uintptr_t)&__ehdr_start;
  const Elf64_Phdr *segment = (const Elf64_Phdr *)(base + __ehdr_start.e_phoff);
  int file = base % HUGE_PAGE == 0 ? (int)call6(__NR_openat, AT_FDCWD_, (long)"/proc/self/exe", O_RDONLY_ | O_CLOEXEC_, 0, 0, 0) : -1;
  for (int i = 0; i < __ehdr_start.e_phnum; i++, segment++) {
    uintptr_t start = base + segment->p_vaddr;
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W)) {
      continue;
    }
    const int is_moved = file >= 0 && segment->p_memsz >= HUGE_PAGE / 8 && move_to_huge_pages(file, segment, start);
    populate(is_moved ? (uintptr_t)orca_end_of_data : start, start + segment->p_memsz);
  }
  if (file >= 0) {
    call6(__NR_close, file, 0, 0, 0, 0, 0);
  }
}

/* The register that the kernel leaves for the C library's entry is kept, and the stack aligned as for any call. */
#if defined(__x86_64__)
__asm__(".globl orca_entry\n"
        "orca_entry:\n"
        "  xor %ebp, %ebp\n"
        "  push %rdx\n"
        "  sub $8, %rsp\n"
        "  call orca_make_data_cheap\n"
        "  add $8, %rsp\n"
        "  pop %rdx\n"
        "  jmp _start\n");
#else
__asm__(".globl orca_entry\n"
        "orca_entry:\n"
        "  stp x0, xzr, [sp, #-16]!\n"
        "  bl orca_make_data_cheap\n"
        "  ldp x0, x1, [sp], #16\n"
        "  b _start\n");
#endif

/*
 * The runtime's heap commits its memory in steps of 64 kB; the first of them are nearly all that a start allocates.
 * _ZN15GCToOSInterface13VirtualCommitEPvmt is GCToOSInterface::VirtualCommit(void *, size_t, uint16_t); Start.targets has it wrapped.
 */
_Bool __real__ZN15GCToOSInterface13VirtualCommitEPvmt(void *address, size_t size, uint16_t node);

_Bool __wrap__ZN15GCToOSInterface13VirtualCommitEPvmt(void *address, size_t size, uint16_t node) {
  static size_t populated;
  enum { ENOUGH = 1 << 20 };
  _Bool done = __real__ZN15GCToOSInterface13VirtualCommitEPvmt(address, size, node);
  if (done && populated < ENOUGH) {
    const size_t part = size < ENOUGH - populated ? size : ENOUGH - populated;
    populated += part;
    populate((uintptr_t)address, (uintptr_t)address + part);
  }
  return done;
}
