/* See asker.h. */
#include "asker.h"

#include <linux/stat.h>

#include "../call.h"
#include "rare.h"

enum { PAGE = 4096 };

struct piece {
  uint64_t address;
  uint64_t size;
};

long read_memory(uint32_t process, uint64_t address, void *to, size_t size) {
  const size_t first = PAGE - address % PAGE < size ? PAGE - address % PAGE : size;
  const struct piece theirs[] = {{address, first}, {address + first, size - first}};
  const struct piece ours = {(uint64_t)to, size};
  return call6(__NR_process_vm_readv, process, (long)&ours, 1, (long)theirs, first < size ? 2 : 1, 0);
}

long read_text(uint32_t process, uint64_t address, char *to, size_t room) {
  const long count = read_memory(process, address, to, room);
  for (long i = 0; i < count; i++) {
    if (!to[i]) {
      return i;
    }
  }
  return count < 0 ? count : (size_t)count < room ? -EFAULT_ : -ENAMETOOLONG_;
}

int begins(const char *text, const char *beginning) {
  while (*beginning && *text == *beginning) {
    text++, beginning++;
  }
  return !*beginning;
}

char *write_digits(char *to, uint32_t number) {
  char digits[10];
  int count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number);
  while (count > 0) {
    *to++ = digits[--count];
  }
  return to;
}

uint64_t read_digits(const char *text, int base) {
  uint64_t value = 0;
  for (;; text++) {
    const int digit = *text >= '0' && *text <= '9' ? *text - '0' : *text >= 'a' && *text <= 'f' ? *text - 'a' + 10 : base;
    if (digit >= base) {
      return value;
    }
    value = value * (uint64_t)base + (uint64_t)digit;
  }
}

const char *value_in(const char *status, const char *name) {
  for (; *status; status++) {
    if (*status == '\n' && begins(status + 1, name)) { /* a newline in the first line, the program's name, is shown as \n */
      for (status += 1; *status != '\t'; status++) {
      }
      return status + 1;
    }
  }
  return NULL;
}

uint64_t inode_of(int file) {
  struct statx status;
  return call6(__NR_statx, file, (long)"", AT_EMPTY_PATH_, STATX_INO, (long)&status, 0) < 0 ? 0 : status.stx_ino;
}
