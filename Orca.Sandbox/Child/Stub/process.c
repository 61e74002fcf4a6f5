/* What /proc says of a process. See users.h. */
#include <linux/stat.h>

#include "../call.h"
#include "asker.h"
#include "users.h"
#include "rare.h"

enum { PLACE_ROOM = 48, PAGE = 4096 };

static void place_of(int pid, const char *name, char *place) {
  memcpy(place, "/proc/", 6);
  char *end = write_digits(place + 6, (uint32_t)pid);
  while ((*end++ = *name++)) {
  }
}

long open_proc_file(int pid, const char *name, int access) {
  char place[PLACE_ROOM];
  place_of(pid, name, place);
  /* Who may mount may have put a pipe there, which is not to be waited for. */
  return call(__NR_openat, AT_FDCWD_, place, access | O_CLOEXEC_ | O_NONBLOCK_, 0);
}

long read_proc(int pid, const char *name, void *to, size_t size) {
  const long file = open_proc_file(pid, name, O_RDONLY_);
  const long count = file < 0 ? file : call(__NR_read, file, to, size, 0);
  if (file >= 0) {
    call(__NR_close, file, 0, 0, 0);
  }
  return count;
}

long read_link(int pid, const char *name, char *to, size_t size) {
  char place[PLACE_ROOM];
  place_of(pid, name, place);
  const long length = call(__NR_readlinkat, AT_FDCWD_, place, to, size - 1);
  to[length < 0 ? 0 : length] = 0;
  return length;
}

uint64_t namespace_of(int pid, const char *name) {
  char place[PLACE_ROOM];
  struct statx status;
  place_of(pid, name, place);
  return call6(__NR_statx, AT_FDCWD_, (long)place, 0, STATX_INO, (long)&status, 0) < 0 ? 0 : status.stx_ino;
}

uint64_t space_of(int pid) { return namespace_of(pid, "/ns/user"); }

/* Fields of /proc/PID/stat (proc_pid_stat(5)) are counted from the program's name, which may hold anything. */
static uint64_t field(const char *stat, int number) {
  const char *end = stat;
  for (const char *byte = stat; *byte; byte++) {
    end = *byte == ')' ? byte : end;
  }
  for (int i = 2; *end && i < number; end++) {
    i += *end == ' ';
  }
  return read_digits(end, 10);
}

static uint64_t number_in(const char *status, const char *name, int base) {
  const char *value = value_in(status, name);
  while (value && (*value == ' ' || *value == '\t')) {
    value++;
  }
  return value ? read_digits(value, base) : 0;
}

int64_t processor_time(int tid) {
  enum { USER_TIME = 14, SYSTEM_TIME = 15 };
  char text[PAGE];
  const long count = read_proc(tid, "/stat", text, sizeof text - 1);
  if (count <= 0) {
    return 0;
  }
  text[count] = 0;
  return (int64_t)(field(text, USER_TIME) + field(text, SYSTEM_TIME));
}

int read_asker(int tid, struct asker *asker) {
  enum { START = 22, STACK_START = 28 };
  char text[PAGE];
  long count = read_proc(tid, "/stat", text, sizeof text - 1);
  if (count <= 0) {
    return 0;
  }
  text[count] = 0;
  asker->born = field(text, START);
  asker->program = field(text, STACK_START);
  count = read_proc(tid, "/status", text, sizeof text - 1);
  if (count <= 0) {
    return 0;
  }
  text[count] = 0;
  asker->process = (int)number_in(text, "Tgid:", 10);
  asker->parent = (int)number_in(text, "PPid:", 10);
  asker->tracer = (int)number_in(text, "TracerPid:", 10);
  asker->threads = (int)number_in(text, "Threads:", 10);
  asker->filters = (int)number_in(text, "Seccomp_filters:", 10);
  asker->permitted = number_in(text, "CapPrm:", 16);
  asker->effective = number_in(text, "CapEff:", 16);
  asker->inheritable = number_in(text, "CapInh:", 16);
  asker->bounding = number_in(text, "CapBnd:", 16);
  asker->space = space_of(tid);
  return asker->space && asker->threads > 0;
}

uint32_t only_id(int tid, const char *map) {
  char text[64];
  uint64_t numbers[3];
  const long size = read_proc(tid, map, text, sizeof text - 1);
  if (size <= 0) {
    return 0;
  }
  text[size] = 0;
  const char *next = text;
  for (int i = 0; i < 3; i++) {
    for (; *next == ' '; next++) {
    }
    numbers[i] = read_digits(next, 10);
    for (; *next > ' '; next++) {
    }
  }
  return numbers[2] == 1 && begins(next, "\n") && !next[1] ? (uint32_t)numbers[0] : 0;
}
