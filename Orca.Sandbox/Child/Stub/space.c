/*
 * User namespaces with one user and one group each. A process of the init's makes one for itself, and asks twice
 * (seccomp_unotify(2)): whether it may, which the filter lets nobody else, and when it is done. The init then holds the
 * namespace by a descriptor, and ends it. See users.h.
 */
#include "../call.h"
#include "asker.h"
#include "users.h"
#include "rare.h"

enum { SPACES = 16, PATIENCE = 5000 };

static struct space spaces[SPACES];
static int count, oldest;
static int is_refused;

static int put(const char *path, const char *text, size_t size) {
  const long file = call(__NR_openat, AT_FDCWD_, path, O_WRONLY_ | O_CLOEXEC_, 0);
  return file >= 0 && call(__NR_write, file, text, size, 0) == (long)size;
}

static int put_map(const char *path, uint32_t inside, uint32_t outside) {
  char text[32];
  char *end = write_digits(text, inside);
  *end++ = ' ';
  end = write_digits(end, outside);
  *end++ = ' ';
  *end++ = '1';
  return put(path, text, (size_t)(end - text));
}

/* In a process of its own. It may be looked at, or its maps in /proc would be the host's root's; so it holds nothing.
 */
__attribute__((noreturn)) static void make_space(uint32_t user, uint32_t group) {
  const uint32_t own_user = (uint32_t)call(__NR_getuid, 0, 0, 0, 0),
                 own_group = (uint32_t)call(__NR_getgid, 0, 0, 0, 0);
  call(__NR_prctl, PR_SET_PDEATHSIG_, SIGKILL_, 0, 0);
  close_between(0, ~0u);
  call(__NR_prctl, PR_SET_DUMPABLE_, 1, 0, 0);
  if (call(__NR_unshare, CLONE_NEWUSER_, ORCAS, ORCAS, 0) >= 0 && put("/proc/self/setgroups", "deny", 4)
      && put_map("/proc/self/gid_map", group, own_group) && put_map("/proc/self/uid_map", user, own_user)) {
    call(__NR_setns, -1, CLONE_NEWUSER_, ORCAS, ORCAS);
  }
  leave(1);
}

int has_spaces(void) { return count > 0; }

static long ask_helper(uint32_t user, uint32_t group) {
  const long helper = call6(__NR_clone, SIGCHLD_, 0, 0, 0, 0, 0);
  if (helper == 0) {
    make_space(user, group);
  }
  if (helper < 0) {
    return helper;
  }
  const int64_t deadline = now() + PATIENCE;
  long ended = 0;
  int status = 0;
  expected = (struct expected){.tid = (int)helper, .space = -1};
  while (!expected.ready && ended == 0 && now() < deadline) {
    await_news(deadline);
    ended = call(__NR_wait4, helper, &status, WNOHANG_ | WALL_, 0);
  }
  const int was_killed = ended > 0 && status & 0x7f; /* by anybody of the container: the kernel refuses nothing */
  const long file = expected.ready ? open_space((int)helper) : ended && !was_killed ? -EPERM_ : -EAGAIN_;
  expected = (struct expected){.space = -1};
  if (ended == 0) { /* not waited for: who traces it may keep it. It is reaped with the others */
    call(__NR_kill, helper, SIGKILL_, 0, 0);
  }
  return file;
}

const struct space *space_for(uint32_t user, uint32_t group) {
  for (int i = 0; i < count; i++) {
    if (spaces[i].user == user && spaces[i].group == group) {
      return &spaces[i];
    }
  }
  const long file = is_refused ? -EPERM_ : ask_helper(user, group);
  if (file < 0) {
    is_refused = file == -EPERM_;
    return NULL;
  }
  struct space *space = &spaces[count];
  if (count < SPACES) {
    count++;
  } else { /* the oldest stays as long as there are processes in it */
    space = &spaces[oldest];
    oldest = (oldest + 1) % SPACES;
    call(__NR_close, space->file, 0, 0, 0);
  }
  *space = (struct space){user, group, (int)file, inode_of((int)file)};
  return space;
}
