/*
 * The entry of the program, before the C library's: makes the memory that every start touches cheap to touch.
 *
 * A position-independent program first relocates itself, which touches nearly every page of its data: 240 page faults, on a virtual machine
 * 13 us each. So the data is moved into huge pages at its own addresses: one fault, and the content read from the file by the kernel.
 * data.ld gives the data a segment of its own on a boundary of 2 MB for that, so that one huge page has room for it and for malloc's first
 * memory (heap.c). Where this cannot be (no /proc, no huge pages), the pages are asked for in one call, which
 * costs a fifth; where a kernel before 5.14 refuses even that, the faults come as ever. The code's pages are asked for as well.
 *
 * Nothing is relocated yet and there is no thread storage: this code reads no pointer from data and calls no library.
 */
#include <elf.h>
#include <linux/mman.h>

#include "call.h"
#include "start.h"

enum { FAILED = 125 };

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

/* The linker puts it before all other data, at the boundary that data.ld names. */
__attribute__((used, visibility("hidden"), section(".data.orca_first_data"))) char orca_first_data[16] = {1};

__attribute__((noreturn)) static void die(void) {
  static const char text[] = "orca: cannot run: there is not enough memory for its data\n";
  call6(__NR_write, 2, (long)text, sizeof text - 1, 0, 0, 0);
  call6(__NR_exit_group, FAILED, 0, 0, 0, 0, 0);
  __builtin_trap(); /* where a filter refuses even that */
}

/* Reads the content of a segment's data into anonymous memory and puts that in its place; where a step fails, all stays as it was. */
static int move_to_huge_pages(int file, const Elf64_Phdr *segment, uintptr_t start, uintptr_t last) {
  const uintptr_t first = (uintptr_t)orca_first_data;
  const long length = (long)(last - first), size = (long)(start + segment->p_filesz - first);
  const long spare = call6(__NR_mmap, 0, length + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (spare < 0) {
    return 0;
  }
  const long copy = (spare + HUGE_PAGE - 1) & -(long)HUGE_PAGE;
  long moved = -1;
  if (call6(__NR_madvise, copy, length, MADV_HUGEPAGE, 0, 0, 0) == 0 &&
      call6(__NR_pread64, file, copy, size, (long)(segment->p_offset + (first - start)), 0, 0) == size) {
    moved = call6(__NR_mremap, copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (long)first, 0);
    if (moved == -ENOMEM_) {
      die(); /* what was there may be gone */
    }
  }
  call6(__NR_munmap, spare, length + HUGE_PAGE, 0, 0, 0, 0); /* what lies beside the copy, or all of it */
  return moved == (long)first;
}

/* The size of the kernel's pages: AT_PAGESZ, behind the arguments and the environment, as they lie on the stack when the program begins. */
static uintptr_t page_size(const uintptr_t *stack) {
  const uintptr_t *word = stack + 1 + stack[0] + 1; /* how many arguments, these, and their end */
  while (*word++) {
  }
  for (; word[0] != AT_NULL; word += 2) {
    if (word[0] == AT_PAGESZ) {
      return word[1];
    }
  }
  return 4096;
}

/* The segment with the data: up to its last boundary of a huge page, never beyond it, as other things may lie there. */
static void make_data_cheap(int file, const Elf64_Phdr *segment, uintptr_t start, uintptr_t page) {
  const uintptr_t first = (uintptr_t)orca_first_data, heap = (uintptr_t)orca_heap, last = (start + segment->p_memsz) & -(uintptr_t)HUGE_PAGE;
  const int fits = file >= 0 && first % HUGE_PAGE == 0 && start + segment->p_filesz <= last;
  if (!fits || !move_to_huge_pages(file, segment, start, last)) {
    populate(first, heap + HEAP_AT_FIRST, MADV_POPULATE_WRITE, page);
  } else if (last < heap) {
    populate(last, heap, MADV_POPULATE_WRITE, page);
  }
}

__attribute__((used, no_stack_protector)) void orca_make_memory_cheap(const uintptr_t *stack) {
  const uintptr_t page = page_size(stack);
  const uintptr_t base = (uintptr_t)&__ehdr_start;
  const Elf64_Phdr *segment = (const Elf64_Phdr *)(base + __ehdr_start.e_phoff);
  const int file = (int)call6(__NR_openat, AT_FDCWD_, (long)"/proc/self/exe", O_RDONLY_ | O_CLOEXEC_, 0, 0, 0);
  for (int i = 0; i < __ehdr_start.e_phnum; i++, segment++) {
    const uintptr_t start = base + segment->p_vaddr, end = start + segment->p_memsz;
    if (segment->p_type != PT_LOAD) {
      continue;
    }
    if ((uintptr_t)orca_first_data >= start && (uintptr_t)orca_first_data < end) {
      make_data_cheap(file, segment, start, page);
    } else if (segment->p_flags & (PF_W | PF_X)) {
      populate(start, end, segment->p_flags & PF_W ? MADV_POPULATE_WRITE : MADV_POPULATE_READ, page);
    }
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
        "  mov %rsp, %rdi\n"
        "  push %rdx\n"
        "  sub $8, %rsp\n"
        "  call orca_make_memory_cheap\n"
        "  add $8, %rsp\n"
        "  pop %rdx\n"
        "  jmp _start\n");
#else
__asm__(".globl orca_entry\n"
        "orca_entry:\n"
        "  stp x0, xzr, [sp, #-16]!\n"
        "  add x0, sp, #16\n"
        "  bl orca_make_memory_cheap\n"
        "  ldp x0, x1, [sp], #16\n"
        "  b _start\n");
#endif
