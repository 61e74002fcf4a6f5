/*
 * The entry of the program, before the C library's: makes the memory that every start writes cheap to write.
 *
 * A position-independent program first relocates itself, which touches nearly every page of its data: 240 page faults, on a virtual machine
 * 13 us each. So the data is moved into huge pages at its own addresses: one fault, and the content read from the file by the kernel.
 * Orca.Cli.csproj links the writable segments 2 MB from all others for that. Where this cannot be (no /proc, no huge pages), the pages are asked
 * for in one call, which costs a fifth; where a kernel before 5.14 refuses even that, the faults come as ever.
 *
 * Nothing is relocated yet and there is no thread storage: this code reads no pointer from data and calls no library.
 */
#include <elf.h>
#include <linux/mman.h>

#include "call.h"

enum { HUGE_PAGE = 2 << 20, PAGE = 4096 };

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

static void populate(uintptr_t start, uintptr_t end) {
  start &= -(uintptr_t)PAGE;
  call6(__NR_madvise, (long)start, (long)(end - start), MADV_POPULATE_WRITE, 0, 0, 0);
}

/* Reads the segment's content into anonymous memory and puts that in its place; where a step fails, all stays as it was. */
static int move_to_huge_pages(int file, const Elf64_Phdr *segment, uintptr_t start) {
  uintptr_t first = start & -(uintptr_t)HUGE_PAGE, last = (start + segment->p_memsz + HUGE_PAGE - 1) & -(uintptr_t)HUGE_PAGE;
  long length = (long)(last - first);
  long spare = call6(__NR_mmap, 0, length + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (spare < 0) {
    return 0;
  }
  long copy = (spare + HUGE_PAGE - 1) & -(long)HUGE_PAGE;
  long content = copy + (long)(start - first), size = (long)segment->p_filesz;
  int moved = call6(__NR_madvise, copy, length, MADV_HUGEPAGE, 0, 0, 0) == 0 &&
              call6(__NR_pread64, file, content, size, (long)segment->p_offset, 0, 0) == size &&
              call6(__NR_mremap, copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (long)first, 0) == (long)first;
  call6(__NR_munmap, spare, length + HUGE_PAGE, 0, 0, 0, 0); /* what lies beside the copy, or all of it */
  return moved;
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
    if (segment->p_memsz < HUGE_PAGE / 8 || file < 0 || !move_to_huge_pages(file, segment, start)) {
      populate(start, start + segment->p_memsz);
    }
  }
  if (file >= 0) {
    call6(__NR_close, file, 0, 0, 0, 0, 0);
  }
}

__asm__(".globl orca_entry\n"
        "orca_entry:\n"
        "  push %rdx\n" /* what the kernel leaves for the C library's entry */
        "  call orca_make_data_cheap\n"
        "  pop %rdx\n"
        "  jmp _start\n");

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
    populated += size;
    populate((uintptr_t)address, (uintptr_t)address + size);
  }
  return done;
}
