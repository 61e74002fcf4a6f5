/* See place.h. As in child.c, no libc: this runs after a clone that shares the parent's memory. */
#include "place.h"

#include "call.h"

/* Else the compiler sees memcpy in a loop, and calls the library's. */
#define NO_LIBRARY __attribute__((no_builtin))

enum { PATH_ROOM = 4096, MOST_LINKS = 40, NO_MAGIC_LINKS = 2, PROC_MAGIC = 0x9fa0, REGULAR_0644 = 0100644 };

/* 0 when the path leads to something that a mount may cover; ELOOP when it leads into /proc or through one of its links to what is open. */
static long check_place(const char *path, long in_proc) {
  const uint64_t how[3] = {O_PATH_ | O_CLOEXEC_, 0, in_proc ? 0 : NO_MAGIC_LINKS}; /* struct open_how */
  long type[32]; /* struct statfs, the type first */
  const long place = call(__NR_openat2, AT_FDCWD_, path, how, sizeof how);
  if (place < 0) {
    return in_proc && place != -ENOENT_ ? 0 : place;
  }
  const long error = call(__NR_fstatfs, place, type, 0, 0);
  call(__NR_close, place, 0, 0, 0);
  return error < 0 ? error : type[0] == PROC_MAGIC && !in_proc ? -ELOOP_ : 0;
}

static long length_of(const char *text) {
  long length = 0;
  while (text[length]) {
    length++;
  }
  return length;
}

/* Moves bytes that may overlap. */
NO_LIBRARY static void move(char *to, const char *from, long count) {
  for (long i = 0; i < count; i++) {
    const long at = to < from ? i : count - 1 - i;
    to[at] = from[at];
  }
}

/* Puts what a symbolic link says in its place: the path up to end is the link, rest what follows it there after a slash. */
NO_LIBRARY static long follow(char *path, long end, long rest) {
  char target[PATH_ROOM];
  long start = 0;
  const long count = call(__NR_readlinkat, AT_FDCWD_, path, target, sizeof target);
  if (count < 0) {
    return count;
  }
  for (long i = 0; target[0] != '/' && i < end; i++) {
    start = path[i] == '/' ? i + 1 : start;
  }
  if (start + count + 1 + rest >= PATH_ROOM) {
    return -ENAMETOOLONG_;
  }
  move(path + start + count + 1, path + end + 1, rest);
  move(path + start, target, count);
  path[start + count] = rest > 0 ? '/' : 0;
  path[start + count + 1 + rest] = 0;
  return 0;
}

NO_LIBRARY long orca_make_place(const char *path, long directory, long in_proc) {
  char now[PATH_ROOM];
  long length = length_of(path);
  if (length >= PATH_ROOM) {
    return -ENAMETOOLONG_;
  }
  for (long i = 0; i <= length; i++) {
    now[i] = path[i];
  }
  int links = 0;
  for (long end = 1;; end++) {
    while (now[end] && now[end] != '/') {
      end++;
    }
    const char after = now[end];
    if (now[end - 1] == '/') { /* doubled, or at the end */
      if (!after) {
        return 0;
      }
      continue;
    }
    now[end] = 0;
    long error = after || directory ? call(__NR_mkdirat, AT_FDCWD_, now, 0755, 0) : call(__NR_mknodat, AT_FDCWD_, now, REGULAR_0644, 0);
    if (error < 0 && error != -EEXIST_) {
      return error;
    }
    error = check_place(now, in_proc);
    if (error == -ENOENT_ && links++ < MOST_LINKS) {
      error = follow(now, end, after ? length_of(now + end + 1) : 0);
      end = 0; /* from the start again */
    } else if (error == 0 && after) {
      now[end] = after;
    } else {
      return error == -ENOENT_ ? -ELOOP_ : error;
    }
    if (error < 0) {
      return error;
    }
  }
}
