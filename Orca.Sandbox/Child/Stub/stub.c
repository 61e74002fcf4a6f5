#include "stub.h"

static int same(const char *a, const char *b) {
  while (*a && *a == *b) {
    a++, b++;
  }
  return *a == *b;
}

/* Apart from what containers need that run (rare.h). */
__attribute__((noreturn, section(".rare.text"))) void started_by_nobody(void) {
  static const char text[] __attribute__((section(".rare.rodata"))) = "orca: cannot start the command: it is orca's init, and no program of the image\n";
  enum { NOT_RUNNABLE = 126 };
  call(__NR_write, 2, text, sizeof text - 1, 0);
  leave(NOT_RUNNABLE);
}

long read_number(const char **text) {
  const int negative = **text == '-';
  long value = 0;
  *text += negative;
  while (**text >= '0' && **text <= '9') {
    value = value * 10 + (*(*text)++ - '0');
  }
  *text += **text == ' ';
  return negative ? -value : value;
}

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

int read_bytes(const char **text, uint8_t *bytes, size_t size) {
  size_t count = 0;
  for (; count < size && digit((*text)[0]) >= 0 && digit((*text)[1]) >= 0; count++, *text += 2) {
    bytes[count] = (uint8_t)(digit((*text)[0]) << 4 | digit((*text)[1]));
  }
  while (**text && **text != ' ') {
    (*text)++; /* the '-' that stands for none */
  }
  *text += **text == ' ';
  return count == size;
}

void *memcpy(void *to, const void *from, size_t size) {
  for (size_t i = 0; i < size; i++) {
    ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
  }
  return to;
}

void *memset(void *to, int value, size_t size) {
  for (size_t i = 0; i < size; i++) {
    ((volatile uint8_t *)to)[i] = (uint8_t)value;
  }
  return to;
}

/* The kernel's stack at the start: argc, argv[], NULL, envp[], NULL. */
__attribute__((noreturn, used)) void stub_main(long *stack) {
  const long count = stack[0];
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + count + 1;
  if (count > 0 && same(arguments[0], "orca-init")) {
    init_main(arguments, environment);
  }
  if (count > 0 && same(arguments[0], "orca-join")) {
    join_main(arguments);
  }
  keeper_main(arguments, environment);
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall stub_main\n\thlt\n");
#else
__asm__(".globl _start\n_start:\n\tmov x29, xzr\n\tmov x0, sp\n\tbl stub_main\n\tbrk #1\n");
#endif
