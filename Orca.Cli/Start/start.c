/*
 * What happens before the .NET runtime is set up, and what is said when it cannot be.
 *
 * The runtime reads DOTNET_* variables and the limits of the process when it starts, and ends without a word when they leave it
 * no memory. So the variables are taken away here (a container never sees the host's, and -e reads them from /proc/self/environ), and an
 * end before the first line of Main gets its message and its exit status.
 */
#define _GNU_SOURCE
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FAILED = 125, NEEDED_STACK = 512 << 10, OWNER = 0700, PAGE = 4096 };

static int main_was_reached;

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vdprintf(STDERR_FILENO, format, values);
  va_end(values);
  _exit(FAILED);
}

static int starts_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* Only the array is changed: the strings stay where the kernel shows them. */
static void drop_variables_of_the_runtime(void) {
  char **kept = environ;
  for (char **variable = environ; *variable; variable++) {
    if (!starts_with(*variable, "DOTNET_") && !starts_with(*variable, "COMPlus_")) {
      *kept++ = *variable;
    }
  }
  *kept = NULL;
}

static void require_stack(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < NEEDED_STACK) {
    fail("orca: cannot run: the limit of the stack is %llu kB, and orca needs %d\nhint: raise it with 'ulimit -s 8192'\n",
         (unsigned long long)limit.rlim_cur >> 10, NEEDED_STACK >> 10);
  }
}

static inline void raw_madvise(uintptr_t start, uintptr_t length, long advice) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "0"(SYS_madvise), "D"(start), "S"(length), "d"(advice) : "rcx", "r11", "memory");
}

/*
 * The entry of the program, before the C library's. The first thing a position-independent program does is to relocate itself, which writes
 * nearly every page of its data: one page fault each. One call for all of them costs a third of it; a kernel before 5.14 refuses, and the
 * faults come as ever. Nothing is relocated yet here: no pointer in data may be read, and there is no thread storage.
 */
__attribute__((used, no_stack_protector)) void orca_populate_data(void) {
  extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
  const char *base = (const char *)&__ehdr_start;
  const ElfW(Phdr) *segment = (const void *)(base + __ehdr_start.e_phoff);
  for (int i = 0; i < __ehdr_start.e_phnum; i++, segment++) {
    if (segment->p_type == PT_LOAD && segment->p_flags & PF_W) {
      uintptr_t start = ((uintptr_t)base + segment->p_vaddr) & -(uintptr_t)PAGE;
      raw_madvise(start, (uintptr_t)base + segment->p_vaddr + segment->p_memsz - start, MADV_POPULATE_WRITE);
    }
  }
}

__asm__(".globl orca_entry\n"
        "orca_entry:\n"
        "  push %rdx\n" /* what the kernel leaves for the C library's entry */
        "  call orca_populate_data\n"
        "  pop %rdx\n"
        "  jmp _start\n");

static void at_exit(int status, void *unused) {
  (void)status, (void)unused;
  struct rlimit limit;
  if (main_was_reached) {
    return;
  }
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    fail("orca: cannot run: the limit of address space is %llu MB, which is too little\nhint: raise it with 'ulimit -v unlimited'\n",
         (unsigned long long)limit.rlim_cur >> 20);
  }
  fail("orca: cannot run: the .NET runtime in it could not be set up, perhaps for lack of memory\n");
}

__attribute__((constructor)) static void prepare(void) {
  drop_variables_of_the_runtime();
  require_stack();
  signal(SIGXFSZ, SIG_IGN); /* a write beyond 'ulimit -f' is an error (EFBIG) to report, no reason to die */
  umask(umask(OWNER) & ~OWNER); /* what orca makes must stay open to orca itself */
  on_exit(at_exit, NULL);
}

/* Main is there: from now on exit statuses are its own. */
void orca_started(void) { main_was_reached = 1; }
