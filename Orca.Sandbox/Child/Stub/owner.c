/* Owners of terminals. See answer.h. */
#include "../call.h"
#include "asker.h"
#include "rare.h"

enum { PATH_ROOM = 64, NO_CHANGE = -1 };

static int is_number(const char *text) {
  const char *end = text;
  while (*end >= '0' && *end <= '9') {
    end++;
  }
  return end > text && !*end;
}

/*
 * sshd, login and screen give a terminal to their user and to the group tty, which one id does not have: a terminal of its own is given to a user as far
 * as it can be, so the answer is done. Everything else is the kernel's to do or to refuse.
 */
static long about_terminal(const char *path, uint32_t user) {
  static const char terminals[] = "/dev/pts/";
  if (!begins(path, terminals) || !is_number(path + sizeof terminals - 1)) {
    return GO_ON;
  }
  const int is_own = user == (uint32_t)NO_CHANGE || user == (uint32_t)call(__NR_getuid, 0, 0, 0, 0);
  return is_own && call(__NR_faccessat, AT_FDCWD_, path, 0, 0) >= 0 ? DONE : GO_ON;
}

long about_owner(uint32_t process, uint64_t path_at, uint32_t user) {
  char path[PATH_ROOM];
  return read_text(process, path_at, path, sizeof path) < 0 ? GO_ON : about_terminal(path, user);
}

long about_open_owner(uint32_t process, int proc, int descriptor, uint32_t user) {
  char link[40] = "", path[PATH_ROOM];
  char *end = write_digits(link, process);
  for (const char *middle = "/fd/"; *middle; middle++) {
    *end++ = *middle;
  }
  if (proc < 0 || descriptor < 0) {
    return GO_ON;
  }
  *write_digits(end, (uint32_t)descriptor) = 0;
  const long length = call(__NR_readlinkat, proc, link, path, sizeof path - 1);
  if (length < 0) {
    return GO_ON;
  }
  path[length] = 0;
  return about_terminal(path, user);
}
