/*
 * What runs between clone and exec.
 *
 * The managed side plans a sandbox and encodes it as an array of operations; this file walks the array in the new namespaces.
 * No managed code may run there: the runtime's other threads do not exist in the child, and a call returning into managed code
 * would wait for them (measured: a hang as soon as the parent collects garbage). For the same reason nothing of libc is used
 * but what clone needs: system calls are made directly, so no lock, no errno and no allocator of the parent is touched.
 *
 *   parent (managed)                      child = PID 1 of the sandbox              command = PID 2
 *   orca_launch() ---- clone ---------->  walks operations
 *   reads the report socket  <-- fd ----  sends the terminal's master (if any)
 *                                         OP_FORK -------- vfork ----------------->  walks the rest
 *                                         closes its report socket                   OP_EXEC
 *   end of file: the command runs   <-------------------------------------------- (close-on-exec)
 *   or {step, errno}: it does not   <-------------------------------------------- (failed)
 *   sends signals                   ---->  passes them on, reaps
 *   waitid()                        <----  exits as the command did
 */
#define _GNU_SOURCE
#include <asm/unistd.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "child.h"

enum {
  ENOENT_ = 2, EINTR_ = 4, EAGAIN_ = 11, EACCES_ = 13, ENOTDIR_ = 20, EINVAL_ = 22, ENOSYS_ = 38,
  SIG_FIRST = 1, SIG_LAST = 64,
  POLLIN_ = 1,
  WNOHANG_ = 1, WALL_ = 0x40000000,
  TCSETS_ = 0x5402,
  SFD_CLOEXEC_ = 02000000,
  STATUS_TOOL_FAILED = 125,
};

#if defined(__x86_64__)
static long call6(long n, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static long call6(long n, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = n;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "orca knows x86-64 and arm64"
#endif

#define call(n, a, b, c, d) call6((n), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

/* The kernel's own layout of a signal action; libc's wrapper would refuse its two private signals. */
struct kernel_sigaction {
  void *handler;
  unsigned long flags;
  void *restorer;
  uint64_t mask;
};

struct poll_entry {
  int fd;
  short events;
  short returned;
};

/* ---- reports ---------------------------------------------------------------------------------------------------- */

static void report(int socket, uint32_t step, uint32_t error) {
  const struct orca_report message = {step, error};
  while (call(__NR_write, socket, &message, sizeof message, 0) == -EINTR_) {
  }
}

__attribute__((noreturn)) static void leave(int status) {
  for (;;) {
    call(__NR_exit_group, status, 0, 0, 0);
  }
}

/* Hands a descriptor to the parent: an empty report with the descriptor beside it (unix(7), SCM_RIGHTS). */
static long send_descriptor(int socket, int descriptor) {
  struct orca_report message = {ORCA_REPORT_TERMINAL, 0};
  struct iovec {
    void *base;
    size_t length;
  } part = {&message, sizeof message};
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  *(int *)CMSG_DATA(&control.header) = descriptor;
  struct msghdr envelope = {.msg_iov = (void *)&part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
  return call(__NR_sendmsg, socket, &envelope, 0, 0);
}

/* ---- small operations that are more than one call ------------------------------------------------------------------ */

/* The runtime ignores SIGPIPE and has handlers of its own; both would survive or confuse what runs next. */
static void reset_signals(void) {
  const struct kernel_sigaction standard = {0};
  for (int number = SIG_FIRST; number <= SIG_LAST; number++) {
    call(__NR_rt_sigaction, number, &standard, 0, 8);
  }
}

/* The host's command line, where PID 1's would be read: kept by a constructor, for libc tells it to nobody else. */
static char *command_line;
static size_t command_line_size;

__attribute__((constructor)) static void remember_command_line(int count, char **arguments) {
  if (count > 0) {
    command_line = arguments[0];
    for (const char *last = arguments[count - 1];; last++) {
      if (!*last) {
        command_line_size = (size_t)(last + 1 - command_line);
        return;
      }
    }
  }
}

/* PID 1 is seen by all in the container; what the caller typed (paths, secrets in -e) is not theirs to read. */
static void rename_process(void) {
  static const char name[] = "orca-init";
  for (size_t i = 0; i < command_line_size; i++) {
    command_line[i] = i < sizeof name - 1 && i < command_line_size - 1 ? name[i] : 0;
  }
  call(__NR_prctl, 15 /* PR_SET_NAME */, name, 0, 0);
}

static void set_mask(uint64_t mask) { call(__NR_rt_sigprocmask, SIG_SETMASK, &mask, 0, 8); }

static void close_between(long first, long last) {
  if (first > last) {
    return;
  }
  if (call(__NR_close_range, first, last, 0, 0) == -ENOSYS_) { /* before Linux 5.9 */
    for (long fd = first; fd <= last && fd < 65536; fd++) {
      call(__NR_close, fd, 0, 0, 0);
    }
  }
}

/* Closes everything above standard error but up to two descriptors. Nothing of the host may stay reachable through
 * /proc/self/fd once names from the image are resolved (CVE-2024-21626). */
static void close_all_but(long keep, long other) {
  const long low = keep < other ? keep : other, high = keep < other ? other : keep;
  close_between(3, low - 1);
  close_between(low + 1 > 3 ? low + 1 : 3, high - 1);
  close_between(high + 1 > 3 ? high + 1 : 3, ~0u);
}

/* A working directory outside the root shows as "(unreachable)/..." (getcwd(2)). */
static long check_directory(void) {
  char path[4096];
  const long length = call(__NR_getcwd, path, sizeof path, 0, 0);
  return length < 0 ? length : path[0] == '/' ? 0 : -ENOENT_;
}

/* Tries each candidate in turn, as execvp(3) does: a missing one is passed over, a forbidden one is remembered. */
static long execute(const struct orca_exec *what) {
  long result = -ENOENT_;
  for (char *const *path = what->candidates; *path; path++) {
    const long error = call(__NR_execve, *path, what->arguments, what->environment, 0);
    if (error != -ENOENT_ && error != -ENOTDIR_ && error != -EACCES_) {
      return error;
    }
    if (error == -EACCES_ || result != -EACCES_) {
      result = error == -ENOTDIR_ && path[1] ? result : error;
    }
  }
  return result;
}

/* ---- PID 1 ------------------------------------------------------------------------------------------------------- */

/* Reaps until the command has ended; its end is ours. */
static void reap(int command) {
  for (;;) {
    int status;
    const long pid = call(__NR_wait4, -1, &status, WNOHANG_ | WALL_, 0);
    if (pid == -EINTR_) {
      continue;
    }
    if (pid <= 0) {
      return;
    }
    if (pid == command) {
      const int signal = status & 0x7f;
      leave(signal ? 128 + signal : (status >> 8) & 0xff);
    }
  }
}

/* The parent is gone: everything in the namespace dies with us. Its terminal must not stay raw. */
__attribute__((noreturn)) static void abandoned(const struct orca_program *program) {
  if (program->saved_terminal) {
    call(__NR_ioctl, 0, TCSETS_, program->saved_terminal, 0);
  }
  leave(128 + SIGKILL);
}

/* All signals are blocked in PID 1, so none is lost and none is ignored: they are read here and passed on. */
__attribute__((noreturn)) static void be_init(const struct orca_program *program, int command) {
  const uint64_t all = ~(uint64_t)0;
  const long signals = call(__NR_signalfd4, -1, &all, 8, SFD_CLOEXEC_);
  close_all_but(signals, program->parent);
  struct poll_entry entries[2] = {{(int)signals, POLLIN_, 0}, {program->parent, POLLIN_, 0}};
  reap(command);
  for (;;) {
    call6(__NR_ppoll, (long)entries, 2, 0, 0, 8, 0);
    if (entries[1].returned) {
      abandoned(program);
    }
    uint32_t record[32]; /* struct signalfd_siginfo: 128 bytes, the number first */
    if (!entries[0].returned || call(__NR_read, signals, record, sizeof record, 0) != sizeof record) {
      continue;
    }
    if (record[0] == SIGCHLD) {
      reap(command);
    } else {
      call(__NR_kill, command, record[0], 0, 0);
    }
  }
}

/* ---- the walk ------------------------------------------------------------------------------------------------------ */

struct walk {
  const struct orca_program *program;
  const struct orca_operation *next;
  long slots[ORCA_SLOTS];
};

static int walk(void *argument);

/* The command starts in a vfork child on a stack of its own: no page is copied, and PID 1 waits until it has exec'ed or failed. */
static long start_command(struct walk *state) {
  static char stack[65536] __attribute__((aligned(16)));
  struct walk rest = *state;
  const int command = clone(walk, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &rest);
  if (command < 0) {
    return -EAGAIN_;
  }
  call(__NR_close, state->program->report, 0, 0, 0);
  be_init(state->program, command);
}

static long perform(struct walk *state, const struct orca_operation *op) {
  long value[6];
  for (int i = 0; i < 6; i++) {
    value[i] = op->slot_mask & (1u << i) ? state->slots[op->arguments[i]] : (long)op->arguments[i];
  }
  switch (op->kind) {
    case ORCA_OP_CALL:
      return call6(op->number, value[0], value[1], value[2], value[3], value[4], value[5]);
    case ORCA_OP_SEND_DESCRIPTOR:
      return send_descriptor(state->program->report, (int)value[0]);
    case ORCA_OP_CLOSE_DESCRIPTORS:
      close_all_but(state->program->report, value[0] ? state->program->parent : state->program->report);
      return 0;
    case ORCA_OP_BLOCK_SIGNALS:
      reset_signals();
      set_mask(~(uint64_t)0);
      return 0;
    case ORCA_OP_UNBLOCK_SIGNALS:
      set_mask(0);
      return 0;
    case ORCA_OP_RENAME:
      rename_process();
      return 0;
    case ORCA_OP_CHECK_DIRECTORY:
      return check_directory();
    case ORCA_OP_FORK:
      return start_command(state);
    case ORCA_OP_EXEC:
      return execute((const struct orca_exec *)value[0]);
    case ORCA_OP_WAIT: { /* until the parent has done its part: one byte, or its end of the socket closed */
      char byte;
      const long count = call(__NR_read, state->program->report, &byte, 1, 0);
      return count == 1 ? 0 : -EINTR_;
    }
    default:
      return -ENOSYS_;
  }
}

static int tolerated(const struct orca_operation *op, long error) {
  return error > 0 && error < 128 && (op->tolerated[error / 64] >> (error % 64)) & 1;
}

static int walk(void *argument) {
  struct walk *state = argument;
  const struct orca_operation *const end = state->program->operations + state->program->count;
  while (state->next < end) {
    const struct orca_operation *op = state->next++;
    const long result = perform(state, op);
    if (result < 0 && result >= -4095) {
      if (tolerated(op, -result)) {
        state->next += op->skip_on_tolerated;
      } else {
        report(state->program->report, op->step, (uint32_t)-result);
        leave(STATUS_TOOL_FAILED);
      }
    }
    if (op->result_slot >= 0) {
      state->slots[op->result_slot] = result;
    }
  }
  leave(STATUS_TOOL_FAILED); /* a program ends in OP_EXEC; falling off its end is a bug of the encoder */
}

/*
 * Clones a process into new namespaces and lets it walk the program. Returns its pid, or -errno; *pidfd refers to it.
 * The child has no exit signal: nobody else's wait can steal it, and waitid needs __WALL.
 */
long orca_launch(const struct orca_program *program, uint64_t namespaces, int *pidfd) {
  struct clone_args arguments = {.flags = namespaces | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd};
  uint64_t all = ~(uint64_t)0, before = 0;
  call(__NR_rt_sigprocmask, SIG_SETMASK, &all, &before, 8);
  long pid = call(__NR_clone3, &arguments, sizeof arguments, 0, 0);
  if (pid == -ENOSYS_ || pid == -1 /* EPERM, by a filter that does not know it */) {
#if defined(__x86_64__) /* clone(flags, stack, parent_tid = pidfd, child_tid, tls) */
    pid = call6(__NR_clone, (long)arguments.flags, 0, (long)pidfd, 0, 0, 0);
#else /* clone(flags, stack, parent_tid = pidfd, tls, child_tid) */
    pid = call6(__NR_clone, (long)arguments.flags, 0, (long)pidfd, 0, 0, 0);
#endif
  }
  if (pid == 0) {
    struct walk state = {.program = program, .next = program->operations};
    walk(&state);
  }
  set_mask(before);
  return pid;
}

/* ---- signals of the parent ----------------------------------------------------------------------------------------- */

static volatile int forward_to = -1;

/* One byte for each signal; whoever reads the other end passes it on. A full pipe drops it: there are 65536 before it. */
static void on_signal(int number) {
  const unsigned char byte = (unsigned char)number;
  call(__NR_write, forward_to, &byte, 1, 0);
}

/* Writes the number of each signal in the mask (bit n-1 for signal n) to a descriptor, until orca_release_signals. */
void orca_catch_signals(uint64_t mask, int descriptor) {
  forward_to = descriptor;
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  for (int number = SIG_FIRST; number <= SIG_LAST; number++) {
    if ((mask >> (number - 1)) & 1) {
      sigaction(number, &action, NULL);
    }
  }
}

/* Gives the signals their default action again. */
void orca_release_signals(uint64_t mask) {
  for (int number = SIG_FIRST; number <= SIG_LAST; number++) {
    if ((mask >> (number - 1)) & 1) {
      signal(number, SIG_DFL);
    }
  }
  forward_to = -1;
}

/* ---- for a test of the managed mirror --------------------------------------------------------------------------------- */

/* Sizes and offsets of the structures above, in the order that Launch/OperationTests checks; 0 after the last. */
uint32_t orca_layout(uint32_t what) {
  static const uint32_t values[] = {
      sizeof(struct orca_operation), offsetof(struct orca_operation, number), offsetof(struct orca_operation, arguments),
      offsetof(struct orca_operation, tolerated), offsetof(struct orca_operation, slot_mask), offsetof(struct orca_operation, result_slot),
      offsetof(struct orca_operation, skip_on_tolerated), sizeof(struct orca_exec), sizeof(struct orca_program),
      offsetof(struct orca_program, report), offsetof(struct orca_program, parent), offsetof(struct orca_program, saved_terminal),
      sizeof(struct orca_report), ORCA_SLOTS,
  };
  return what < sizeof values / sizeof *values ? values[what] : 0;
}
