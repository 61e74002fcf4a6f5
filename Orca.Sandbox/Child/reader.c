/* See reader.h. No libc: the stub has none. */
#include "reader.h"

#include "call.h"

enum { PROCESSES = 512, PATH = 96, LINK = 64, TEXT = 1024, NAME_AT = 19 /* in struct linux_dirent64, after its 16 bits of length at 16 */ };

static char *append(char *to, const char *text) {
  while (*text) {
    *to++ = *text++;
  }
  *to = 0;
  return to;
}

static char *append_number(char *to, long number) {
  char digits[24];
  int count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
  } while ((number /= 10) > 0);
  while (count > 0) {
    *to++ = digits[--count];
  }
  *to = 0;
  return to;
}

static long number_at(const char **text, int base) {
  long value = 0;
  for (;; (*text)++) {
    const char c = **text;
    const int digit = c >= '0' && c <= '9' ? c - '0' : base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) {
      return value;
    }
    value = value * base + digit;
  }
}

/* Reads the beginning of a file of /proc as text; how much there was. */
static long read_text(const char *path, char *text, size_t size) {
  const long file = call(__NR_openat, AT_FDCWD_, path, O_RDONLY_ | O_CLOEXEC_, 0);
  const long count = file < 0 ? 0 : call(__NR_read, file, text, size - 1, 0);
  if (file >= 0) {
    call(__NR_close, file, 0, 0, 0);
  }
  text[count > 0 ? count : 0] = 0;
  return count > 0 ? count : 0;
}

/* A process that a pidfd stands for, by its number in the mounted /proc; 0 when it is gone. */
static long process_of(int pidfd) {
  static const char name[] = "\nPid:\t";
  char path[PATH], text[TEXT];
  append_number(append(path, "/proc/self/fdinfo/"), pidfd);
  read_text(path, text, sizeof text);
  for (const char *at = text; *at; at++) {
    const char *byte = at, *wanted = name;
    while (*wanted && *byte == *wanted) {
      byte++, wanted++;
    }
    if (!*wanted) {
      return number_at(&byte, 10);
    }
  }
  return 0;
}

/* What a descriptor is: "pipe:[INODE]", which both ends of a pipe are. */
static int name_descriptor(const char *process, long descriptor, char *name) {
  char path[PATH];
  append_number(append(append(path, process), "/fd/"), descriptor);
  const long size = call(__NR_readlinkat, AT_FDCWD_, path, name, LINK - 1);
  name[size > 0 ? size : 0] = 0;
  return size > 0;
}

static int same(const char *a, const char *b) {
  while (*a && *a == *b) {
    a++, b++;
  }
  return *a == *b;
}

static int reads(long number) {
  return number == __NR_read || number == __NR_readv || number == __NR_preadv2 || number == __NR_splice || number == __NR_tee;
}

static int polls(long number) {
#if defined(__x86_64__)
  if (number == __NR_poll || number == __NR_select || number == __NR_epoll_wait) {
    return 1;
  }
#endif
  return number == __NR_ppoll || number == __NR_pselect6 || number == __NR_epoll_pwait || number == __NR_epoll_pwait2;
}

/* True when the thread is inside a call that reads the pipe: "NUMBER 0xARGUMENT ...", or "running". */
static int waits(const char *process, const char *thread, const char *pipe, int may_poll) {
  char text[TEXT], name[LINK];
  read_text(thread, text, sizeof text);
  const char *at = text;
  if (*at < '0' || *at > '9') {
    return 0;
  }
  const long number = number_at(&at, 10);
  if (may_poll && polls(number)) {
    return name_descriptor(process, 0, name) && same(name, pipe);
  }
  if (!reads(number) || at[0] != ' ' || at[1] != '0' || at[2] != 'x') {
    return 0;
  }
  at += 3;
  return name_descriptor(process, number_at(&at, 16), name) && same(name, pipe);
}

struct walk {
  int32_t processes[PROCESSES]; /* found, and not looked at yet; beyond that many nothing is found */
  int count;
  int may_poll;
  char pipe[LINK];
};

static void add_children(struct walk *walk, const char *path) {
  char text[TEXT];
  const long size = read_text(path, text, sizeof text);
  for (const char *at = text; *at >= '0' && *at <= '9';) {
    const long child = number_at(&at, 10);
    if ((*at != ' ' && size == sizeof text - 1) || walk->count == PROCESSES) {
      return; /* cut short */
    }
    walk->processes[walk->count++] = (int32_t)child;
    at += *at == ' ';
  }
}

/* Looks at the threads of one process, and adds their children. */
static int look(struct walk *walk, long process) {
  char path[PATH], tasks[PATH], entries[TEXT] __attribute__((aligned(8)));
  append_number(append(path, "/proc/"), process);
  append(append(tasks, path), "/task");
  const long directory = call(__NR_openat, AT_FDCWD_, tasks, O_RDONLY_ | O_DIRECTORY_ | O_CLOEXEC_, 0);
  int found = 0;
  for (long size; directory >= 0 && !found && (size = call(__NR_getdents64, directory, entries, sizeof entries, 0)) > 0;) {
    for (long at = 0; at < size && !found; at += *(uint16_t *)(entries + at + 16)) {
      const char *const thread = entries + at + NAME_AT;
      char file[PATH];
      if (*thread < '0' || *thread > '9') {
        continue;
      }
      char *const end = append(append(append(file, tasks), "/"), thread);
      append(end, "/syscall");
      found = waits(path, file, walk->pipe, walk->may_poll);
      append(end, "/children");
      add_children(walk, file);
    }
  }
  if (directory >= 0) {
    call(__NR_close, directory, 0, 0, 0);
  }
  return found;
}

static int find(int process, int pipe, int may_poll) {
  static struct walk walk; /* one container at a time has this process's standard input */
  const long first = process_of(process);
  walk.count = 0;
  if (first <= 0 || !name_descriptor("/proc/self", pipe, walk.pipe)) {
    return 0;
  }
  walk.processes[walk.count++] = (int32_t)first;
  while (walk.count > 0) {
    const long process = walk.processes[--walk.count];
    walk.may_poll = may_poll && process != first; /* that is the init, as a rule, which polls as long as it lives */
    if (look(&walk, process)) {
      return 1;
    }
  }
  return 0;
}

int orca_waits_for_input(int process, int pipe) { return find(process, pipe, 0); }

int orca_may_wait_for_input(int process, int pipe) { return find(process, pipe, 1); }
