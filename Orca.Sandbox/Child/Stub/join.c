/*
 * Into a container that runs. Between the process that shares orca's memory and the one that has an id in the container is this one, which has neither:
 * there is nothing of orca's in it that the container could look at, whatever it is (CVE-2016-9962, CVE-2019-5736, CVE-2024-21626).
 *
 *   orca                     child (child.c)         joiner                          another process of this program
 *   clone ---------------->  connects streams,
 *                            closes all else
 *                            execveat ------------>  not dumpable
 *                                                    ORCA_OP_JOIN: setns(2)
 *                                                    ORCA_OP_ENTER: clone ---------> has an id in the container, and orca for its parent
 *   "entered" + pidfd  <------------------------------------------------------------ says so
 *   waits for the joiner  <------------------------  exits                           drops what the container is not to have
 *                                                                                    ORCA_OP_INIT: init.c, with the role JOINED
 *
 * That it cannot be looked into holds for every process of the container, even for one that may trace all others there: the memory of this program was made
 * outside, and belongs to the user namespace of the host (ptrace(2), PTRACE_MODE_ATTACH). Arguments: orca-join "REPORT PARENT TARGET JOINING SIZE".
 */
#include "../walk.h"
#include "asker.h"
#include "stub.h"

#include <linux/stat.h>
#include <sys/sysmacros.h>

#include "rare.h"

enum {
  CLONE_PARENT_ = 0x8000, CLONE_NEWUSER_ = 0x10000000, PIDFD_OPEN = 434,
  PROT_READ_WRITE = 3, MAP_PRIVATE_FIXED_NOREPLACE = 0x100002,
  TIOCSPTLCK_ = 0x40045431, KIND = 0170000, DEVICE = 0020000, TERMINALS = 5, MULTIPLEXER = 2, ENOTTY_ = 25,
  PATIENCE = 5, /* seconds for a process to be scheduled twice */
};

static int proc = -1; /* the host's */

/* All at once: no process is ever half inside. */
static long join(const struct orca_program *program, uint64_t namespaces, int keeps_proc) {
  if (keeps_proc) {
    proc = (int)call(__NR_openat, AT_FDCWD_, "/proc", O_PATH_ | O_DIRECTORY_ | O_CLOEXEC_, 0);
  }
  const long error = call(__NR_setns, program->target, namespaces, 0, 0);
  call(__NR_prctl, PR_SET_DUMPABLE_, 0, 0, 0); /* other capabilities have reset it to the host's setting */
  return error;
}

static long put(int helper, const char *name, const char *text, size_t size) {
  char path[32];
  char *end = write_digits(path, (uint32_t)helper);
  while ((*end++ = *name++)) {
  }
  const long file = call(__NR_openat, proc, path, O_WRONLY_ | O_CLOEXEC_, 0);
  const long count = file < 0 ? file : call(__NR_write, file, text, size, 0);
  if (file >= 0) {
    call(__NR_close, file, 0, 0, 0);
  }
  return count < 0 ? count : 0;
}

static long put_map(int helper, const char *name, uint32_t inside, uint32_t outside) {
  char text[32];
  char *end = write_digits(text, inside);
  *end++ = ' ';
  end = write_digits(end, outside);
  *end++ = ' ';
  *end++ = '1';
  return put(helper, name, text, (size_t)(end - text));
}

/* Maps can only be written of a process that may be looked at: this one holds nothing, is in the container's root, and has no id in the container. */
__attribute__((noreturn)) static void wait_for_maps(int ready) {
  call(__NR_prctl, PR_SET_PDEATHSIG_, SIGKILL_, 0, 0);
  close_between(0, ready - 1);
  close_between(ready + 1, ~0u);
  call(__NR_prctl, PR_SET_DUMPABLE_, 1, 0, 0);
  if (call(__NR_write, ready, "", 1, 0) == 1) { /* else who would end this is gone */
    call6(__NR_ppoll, 0, 0, 0, 0, 8, 0);
  }
  leave(1);
}

static long write_maps(int helper, uint32_t user, uint32_t group) {
  char self[16] = "", path[32];
  const uint32_t own_user = (uint32_t)call(__NR_getuid, 0, 0, 0, 0), own_group = (uint32_t)call(__NR_getgid, 0, 0, 0, 0);
  if (call(__NR_readlinkat, proc, "self", self, sizeof self - 1) <= 0 || read_digits(self, 10) != (uint64_t)call(__NR_getpid, 0, 0, 0, 0)) {
    return -ESRCH_; /* another container's /proc, with other numbers */
  }
  long error = put(helper, "/setgroups", "deny", 4);
  error = error < 0 ? error : put_map(helper, "/gid_map", group, own_group);
  error = error < 0 ? error : put_map(helper, "/uid_map", user, own_user);
  char *end = write_digits(path, (uint32_t)helper);
  memcpy(end, "/ns/user", sizeof "/ns/user");
  return error < 0 ? error : call(__NR_openat, proc, path, O_RDONLY_ | O_CLOEXEC_, 0);
}

static long make_user(uint32_t user, uint32_t group) {
  int ready[2];
  const long error = call(__NR_pipe2, ready, O_CLOEXEC_, 0, 0);
  if (error < 0) {
    return error;
  }
  const long helper = call6(__NR_clone, CLONE_NEWUSER_, 0, 0, 0, 0, 0);
  if (helper == 0) {
    wait_for_maps(ready[1]);
  }
  close_between(ready[1], ready[1]);
  struct poll_entry entry = {ready[0], POLLIN_, 0};
  const uint64_t time[2] = {PATIENCE, 0};
  const long space = helper < 0 ? helper : call6(__NR_ppoll, (long)&entry, 1, (long)time, 0, 8, 0) == 1 && entry.returned & POLLIN_
                     ? write_maps((int)helper, user, group) : -ESRCH_;
  if (helper > 0) {
    call(__NR_kill, helper, SIGKILL_, 0, 0); /* reaped by whoever reaps what this process leaves */
  }
  close_between(ready[0], ready[0]);
  close_between(proc, proc);
  return space;
}

static long enter(const struct orca_program *program) {
  const long child = call6(__NR_clone, CLONE_PARENT_, 0, 0, 0, 0, 0);
  if (child > 0) {
    leave(0);
  }
  if (child < 0) {
    return child;
  }
  const long self = call(PIDFD_OPEN, call(__NR_getpid, 0, 0, 0, 0), 0, 0, 0);
  const long error = self < 0 ? self : orca_send_descriptor(program->report, ORCA_REPORT_ENTERED, (int)self);
  if (self >= 0) {
    call(__NR_close, self, 0, 0, 0);
  }
  return error;
}

/* The container may have anything at that path: what is opened is looked at, and its other end is no path. */
static long open_terminal(const struct orca_program *program, const uint16_t *size, const struct orca_modes *modes) {
  struct statx status = {0};
  const int locked = 0;
  const long master = call(__NR_openat, AT_FDCWD_, "/dev/pts/ptmx", O_RDWR_ | O_NOCTTY_ | O_NOFOLLOW_ | O_NONBLOCK_ | O_CLOEXEC_, 0);
  if (master < 0) {
    return master;
  }
  long error = call6(__NR_statx, master, (long)"", AT_EMPTY_PATH_, STATX_TYPE, (long)&status, 0);
  error = error < 0 ? error : (status.stx_mode & KIND) != DEVICE || status.stx_rdev_major != TERMINALS || status.stx_rdev_minor != MULTIPLEXER ? -ENOTTY_ : 0;
  error = error < 0 ? error : call(__NR_ioctl, master, TIOCSPTLCK_, &locked, 0);
  error = error < 0 ? error : call(__NR_ioctl, master, TIOCSWINSZ_, size, 0);
  const long slave = error < 0 ? error : call(__NR_ioctl, master, TIOCGPTPEER_, O_RDWR_ | O_NOCTTY_ | O_CLOEXEC_, 0);
  error = slave < 0 || !modes ? 0 : call(__NR_ioctl, slave, TCSETS_, modes, 0);
  error = slave < 0 || error < 0 ? error : orca_send_descriptor(program->report, ORCA_REPORT_TERMINAL, (int)master);
  call(__NR_close, master, 0, 0, 0);
  return error < 0 ? error : slave;
}

/* The process of the container's own needs to be known only where the kernel does not end this one with it. */
__attribute__((noreturn)) static void become_init(const struct orca_program *program, const struct orca_init *init, const long *value) {
  const long given[] = {program->report, program->parent, value[1], value[2] < 0 ? -1 : value[2], value[3], value[4] ? program->target : -1};
  char *text = init->descriptors;
  for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
    text = orca_write_number(text, given[i]);
  }
  if (!value[4]) {
    call(__NR_close, program->target, 0, 0, 0);
  }
  init_main((char **)init->arguments, (char **)init->environment);
}

static long perform(const struct orca_program *program, const struct orca_operation *op, const long *value) {
  switch (op->kind) {
    case ORCA_OP_JOIN:
      return join(program, (uint64_t)value[0], (int)value[1]);
    case ORCA_OP_MAKE_USER:
      return make_user((uint32_t)value[0], (uint32_t)value[1]);
    case ORCA_OP_ENTER:
      return enter(program);
    case ORCA_OP_OPEN_TERMINAL:
      return open_terminal(program, (const uint16_t *)value[0], (const struct orca_modes *)value[1]);
    case ORCA_OP_INIT:
      become_init(program, (const struct orca_init *)value[0], value);
    default:
      return -ENOSYS_;
  }
}

__attribute__((noreturn)) void join_main(char **arguments) {
  call(__NR_prctl, PR_SET_DUMPABLE_, 0, 0, 0);
  call(__NR_prctl, PR_SET_NAME_, "orca-join", 0, 0);
  if (!arguments[1]) {
    started_by_nobody();
  }
  const char *text = arguments[1];
  struct orca_program program = {.pipes = {-1, -1, -1}, .stub = -1};
  program.report = (int)read_number(&text);
  program.parent = (int)read_number(&text);
  program.target = (int)read_number(&text);
  program.joining = (int)read_number(&text);
  const long size = read_number(&text);
  for (char *byte = arguments[1]; *byte; byte++) {
    *byte = 0; /* what /proc/PID/cmdline shows should be short */
  }
  const int held[] = {program.report, program.parent, program.target};
  for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
    if (held[i] >= 0) {
      call(__NR_fcntl, held[i], F_SETFD_, FD_CLOEXEC_, 0);
    }
  }
  if ((uintptr_t)call6(__NR_mmap, ORCA_JOINING, size, PROT_READ_WRITE, MAP_PRIVATE_FIXED_NOREPLACE, program.joining, 0) != ORCA_JOINING) {
    started_by_nobody();
  }
  call(__NR_close, program.joining, 0, 0, 0);
  const struct orca_joining *const joining = (const struct orca_joining *)ORCA_JOINING;
  program.operations = joining->operations;
  program.count = joining->count;
  orca_walk(&program, perform);
}
