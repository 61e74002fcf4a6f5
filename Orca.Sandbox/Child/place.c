/* See place.h. As in child.c, no libc: this runs after a clone that shares the parent's memory. */
#include "place.h"

#include "call.h"

/* Else the compiler sees memcpy in a loop, and calls the library's. */
#define NO_LIBRARY __attribute__((no_builtin))

enum { PATH_ROOM = 4096, MOST_LINKS = 40, PROC_MAGIC = 0x9fa0, REGULAR_0644 = 0100644, LINK = 1, LINK_OF_PROC = 2 };

/*
 * What is at a path that has no symbolic link before its last part: 0, LINK, LINK_OF_PROC, or a negative errno; ELOOP for what is in /proc.
 * Links are never left to the kernel to follow: those of /proc may lead to what is open, and so out of the root. (openat2(2) could be told
 * that, but old kernels and filters around orca lack it.)
 */
static long look(const char *path, long in_proc) {
  long type[32]; /* struct statfs, the type first */
  char byte;
  const long place = call(__NR_openat, AT_FDCWD_, path, O_PATH_ | O_NOFOLLOW_ | O_CLOEXEC_, 0);
  if (place < 0) {
    return place;
  }
  const long error = call(__NR_fstatfs, place, type, 0, 0);
  const int is_link = call(__NR_readlinkat, place, "", &byte, 1) >= 0;
  call(__NR_close, place, 0, 0, 0);
  if (error < 0) {
    return error;
  }
  if (type[0] == PROC_MAGIC) {
    return !in_proc ? -ELOOP_ : is_link ? LINK_OF_PROC : 0;
  }
  return is_link ? LINK : 0;
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

NO_LIBRARY long orca_make_place(const char *path, enum orca_place kind) {
  char now[PATH_ROOM];
  const long length = length_of(path);
  if (length >= PATH_ROOM) {
    return -ENAMETOOLONG_;
  }
  for (long i = 0; i <= length; i++) {
    now[i] = path[i];
  }
  int links = 0;
  long total = length, own = length; /* bytes of what is left of the path itself, behind what links have put before it */
  for (long end = 1;; end++) {
    while (now[end] && now[end] != '/') {
      end++;
    }
    const char after = now[end];
    if (now[end - 1] != '/') { /* else doubled, or at the end */
      now[end] = 0;
      const int is_of_link = end <= total - own;
      long error = kind == ORCA_PLACE_OWN && is_of_link ? 0
                   : after || kind != ORCA_PLACE_FILE   ? call(__NR_mkdirat, AT_FDCWD_, now, 0755, 0)
                                                        : call(__NR_mknodat, AT_FDCWD_, now, REGULAR_0644, 0);
      if (error < 0 && error != -EEXIST_) {
        return error;
      }
      error = look(now, kind == ORCA_PLACE_TO_WORK || kind == ORCA_PLACE_IN_PROC);
      if (error == LINK) {
        const long rest = after ? length_of(now + end + 1) : 0;
        own = is_of_link ? own : rest > 0 ? rest + 1 : 0;
        error = links++ < MOST_LINKS ? follow(now, end, rest) : -ELOOP_;
        total = length_of(now);
        end = 0; /* from the start again */
      } else if (error == LINK_OF_PROC) {
        return 0; /* nothing is made behind it */
      } else if (error == 0) {
        now[end] = after;
      }
      if (error < 0) {
        return error;
      }
      if (end == 0) {
        continue;
      }
    }
    if (!after) {
      return kind == ORCA_PLACE_OWN ? call(__NR_openat, AT_FDCWD_, now, O_PATH_ | O_DIRECTORY_ | O_NOFOLLOW_ | O_CLOEXEC_, 0) : 0;
    }
  }
}
