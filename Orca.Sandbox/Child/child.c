/*
 * What runs between clone and exec.
 *
 * The managed side plans a sandbox and encodes it as an array of operations; this file walks the array in the new namespaces.
 * The walking process shares its parent's memory (CLONE_VM): copying the page tables of a .NET program, and every page that either
 * side touches afterwards, costs more than the whole sandbox (docs/decisions.md). So it writes to nothing but its own stack and
 * the places in its program that are made for it; it runs no managed code, whose garbage collector would wait for it or not know it;
 * and it uses nothing of libc: system calls are made directly, so no lock, no errno and no allocator of the parent is touched.
 *
 *   parent (managed)                      child                                    stub (PID 1)             command
 *   orca_launch() ---- clone ---------->  walks operations
 *   has id maps written ---- byte ----->  ORCA_OP_AWAIT_PARENT (with subordinate ids only)
 *   looks at the namespaces  <---------->  ORCA_OP_AWAIT_PARENT (where their ids are asked for)
 *   reads the report socket  <-- fd ----  sends the terminal's master (if any)
 *                                         ORCA_OP_INIT ------- execveat -------->  Stub/init.c ---------->  exec
 *   "started": the command runs     <--------------------------------------------- (its clone has exec'ed)
 *   end of file: the same, no init  <-------------------------------------------------------------------  (close-on-exec)
 *   or {step, errno}: it does not   <---- (a step failed) -----------------------------------------------  (exec failed)
 *   orca_keep()                     ---- signals, turns at the terminal ---------> passes them on, reaps
 *                                   <---- "stopped" ------------------------------  sees the command stopped
 *   waitid()                        <---------------------------------------------- exits as the command did
 *
 * Into a container that runs it only brings what the container is not to have out of the way, and then becomes the joiner: Stub/join.c.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "call.h"
#include "child.h"
#include "keep.h"
#include "place.h"
#include "tree.h"
#include "walk.h"

enum { STATUS_TOOL_FAILED = 125, MFD_CLOEXEC_ = 1, MFD_ALLOW_SEALING_ = 2, MFD_EXEC_ = 16, F_ADD_SEALS_ = 1033, ALL_SEALS = 0xf };

/* ---- small operations that are more than one call ------------------------------------------------------------------ */

/* The runtime ignores SIGPIPE and has handlers of its own; both would survive or confuse what runs next. */
static void reset_signals(void) {
  const struct kernel_sigaction standard = {0};
  for (int number = SIG_FIRST; number <= SIG_LAST; number++) {
    call(__NR_rt_sigaction, number, &standard, 0, 8);
  }
}

/* Closes everything above standard error but what the command is to have (a count from 3 on) and what the start needs. Nothing else of
 * the host may stay reachable through /proc/self/fd once names from the image are resolved (CVE-2024-21626). */
static void close_all_but(const struct orca_program *program, long other, long another, long kept) {
  long keep[] = {program->report, program->parent, program->stub, program->target, program->joining, other, another};
  enum { COUNT = sizeof keep / sizeof *keep };
  for (int i = 1; i < COUNT; i++) { /* in ascending order */
    for (int j = i; j > 0 && keep[j - 1] > keep[j]; j--) {
      const long larger = keep[j - 1];
      keep[j - 1] = keep[j];
      keep[j] = larger;
    }
  }
  long first = 3 + kept;
  for (int i = 0; i < COUNT; i++) {
    if (keep[i] >= first) {
      close_between(first, keep[i] - 1);
      first = keep[i] + 1;
    }
  }
  close_between(first, ~0u);
}

static long connect_pipes(const struct orca_program *program) {
  for (int stream = 0; stream < 3; stream++) {
    if (program->pipes[stream] >= 0) {
      const long error = call(__NR_dup3, program->pipes[stream], stream, 0, 0);
      if (error < 0) {
        return error;
      }
    }
  }
  return 0;
}

/* The parent has its id maps written by programs that may do so, which takes its time. Its end of the socket goes with it. */
static long await_parent(int socket) {
  char go;
  long count;
  do {
    count = call(__NR_read, socket, &go, sizeof go, 0);
  } while (count == -EINTR_);
  return count > 0 ? 0 : count < 0 ? count : -EIO_;
}

/* Becomes the stub. What it is given stays open over this exec, and it makes that close-on-exec again at once. */
static long execute_stub(const struct orca_program *program, const struct orca_init *init, const long *given, int count, long size) {
  char *text = init->descriptors;
  for (int i = 0; i < count; i++) {
    text = orca_write_number(text, given[i]);
    if (given[i] >= 0) {
      const long error = call(__NR_fcntl, given[i], F_SETFD_, 0, 0);
      if (error < 0) {
        return error;
      }
    }
  }
  if (size) {
    orca_write_number(text, size);
  }
  return call6(__NR_execveat, program->stub, (long)"", (long)init->arguments, (long)init->environment, AT_EMPTY_PATH_, 0);
}

static long execute_init(const struct orca_program *program, const struct orca_init *init, long terminal, long listener, long owners) {
  const long given[] = {program->report, program->parent, terminal, listener < 0 ? -1 : listener, owners < 0 ? -1 : owners, -1};
  return execute_stub(program, init, given, sizeof given / sizeof *given, 0);
}

static long execute_joiner(const struct orca_program *program, const struct orca_init *init, long size) {
  const long given[] = {program->report, program->parent, program->target, program->joining};
  return execute_stub(program, init, given, sizeof given / sizeof *given, size);
}

/* ---- the walk ------------------------------------------------------------------------------------------------------ */

static long perform(const struct orca_program *program, const struct orca_operation *op, const long *value) {
  switch (op->kind) {
    case ORCA_OP_CLOSE_DESCRIPTORS:
      close_all_but(program, value[0], value[2], value[1]);
      return 0;
    case ORCA_OP_BLOCK_SIGNALS:
      reset_signals();
      set_mask(~(uint64_t)0);
      return 0;
    case ORCA_OP_INIT:
      return execute_init(program, (const struct orca_init *)value[0], value[1], value[2], value[3]);
    case ORCA_OP_MAKE_PLACE:
      return orca_make_place((const char *)value[0], (enum orca_place)value[1]);
    case ORCA_OP_AWAIT_PARENT:
      if (value[0]) {
        orca_report(program->report, ORCA_REPORT_ISOLATED, 0);
      }
      return await_parent(program->report);
    case ORCA_OP_DELETE_TREE:
      return orca_delete_tree((const char *)value[0], (uint64_t *)value[1]);
    case ORCA_OP_CONNECT:
      return connect_pipes(program);
    case ORCA_OP_JOINER:
      return execute_joiner(program, (const struct orca_init *)value[0], value[1]);
    default:
      return -ENOSYS_;
  }
}

__attribute__((noreturn)) static void walk(void *argument) { orca_walk(argument, perform); }

/*
 * Clones a process into new namespaces and lets it walk the program. Returns its pid, or -errno; *pidfd refers to it.
 * The program and its stack must stay where they are until the report socket's end, or the process's.
 * The child has no exit signal: nobody else's wait can steal it, and waitid needs __WALL.
 */
long orca_launch(const struct orca_program *program, uint64_t namespaces, int *pidfd) {
  uint64_t all = ~(uint64_t)0, before = 0;
  call(__NR_rt_sigprocmask, SIG_SETMASK_, &all, &before, 8);
  const long pid = clone_sharing(namespaces | CLONE_PIDFD_, program->stack_top, pidfd, walk, (void *)program);
  set_mask(before);
  return pid;
}

/* ---- the stub ------------------------------------------------------------------------------------------------------ */

extern const uint8_t orca_stub[], orca_stub_end[]; /* stub.S */

/* A memory file with the stub that nobody can change (memfd_create(2), F_ADD_SEALS), close-on-exec; or -errno. */
int orca_open_stub(void) {
  static const unsigned flags = MFD_CLOEXEC_ | MFD_ALLOW_SEALING_;
  long file = call(__NR_memfd_create, "orca-init", flags | MFD_EXEC_, 0, 0);
  if (file == -EINVAL_) { /* before Linux 6.3 */
    file = call(__NR_memfd_create, "orca-init", flags, 0, 0);
  }
  const long size = orca_stub_end - orca_stub;
  if (file >= 0) {
    const long count = call(__NR_write, file, orca_stub, size, 0);
    const long sealed = count == size ? call(__NR_fcntl, file, F_ADD_SEALS_, ALL_SEALS, 0) : count < 0 ? count : -EIO_;
    if (sealed < 0) {
      call(__NR_close, file, 0, 0, 0);
      return (int)sealed;
    }
  }
  return (int)file;
}

/* ---- signals of the parent ----------------------------------------------------------------------------------------- */

static volatile int forward_to = -1;

/*
 * One byte for each signal; whoever reads the other end passes it on. A full pipe drops it: there are 65536 before it.
 * What this process has brought upon itself is not the container's: a write to a closed pipe, a trap, a forbidden system call.
 */
static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  if (number == SIGPIPE && info->si_pid == getpid()) {
    return;
  }
  if ((number == SIGTRAP || number == SIGSYS) && info->si_code > 0) {
    signal(number, SIG_DFL); /* and the same happens again */
    return;
  }
  const unsigned char byte = (unsigned char)(info->si_code == SI_KERNEL ? number | ORCA_BY_TERMINAL : number);
  call(__NR_write, forward_to, &byte, 1, 0);
}

/*
 * Writes the number of each signal in the mask (bit n-1 for signal n) to a descriptor, until orca_release_signals. What the caller has
 * ignored stays so (nohup), but for SIGPIPE, which the .NET runtime ignores, and for SIGINT and SIGQUIT: a shell without job control has its background
 * jobs ignore these two for the sake of a Ctrl-C that is not theirs, and the one who sends them by kill(1) means the command. Returns the signals that are
 * caught.
 */
uint64_t orca_catch_signals(uint64_t mask, int descriptor) {
  forward_to = descriptor;
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_RESTART | SA_SIGINFO}, before;
  uint64_t all = ~(uint64_t)0, masked = 0;
  call(__NR_rt_sigprocmask, SIG_SETMASK_, &all, &masked, 8); /* none that is ignored comes in between */
  for (int number = SIG_FIRST; number <= SIG_LAST; number++) {
    const uint64_t bit = (uint64_t)1 << (number - 1);
    if (!(mask & bit) || sigaction(number, &action, &before) != 0) {
      mask &= ~bit;
    } else if (before.sa_handler == SIG_IGN && number != SIGPIPE && number != SIGINT && number != SIGQUIT) {
      sigaction(number, &before, NULL);
      mask &= ~bit;
    }
  }
  set_mask(masked);
  return mask;
}

/* Gives the signals their default action again; SIGPIPE is ignored, as the .NET runtime has it. */
void orca_release_signals(uint64_t mask) {
  for (int number = SIG_FIRST; number <= SIG_LAST; number++) {
    if ((mask >> (number - 1)) & 1) {
      signal(number, number == SIGPIPE ? SIG_IGN : SIG_DFL);
    }
  }
  forward_to = -1;
}

/*
 * Becomes another program with all signals blocked, so that none is lost between the two: those that come are pending in the
 * new one, and what came before is in the pipe. Returns -errno if it could not.
 */
long orca_become(int program, char *const *arguments, char *const *environment) {
  uint64_t all = ~(uint64_t)0, before = 0;
  call(__NR_rt_sigprocmask, SIG_SETMASK_, &all, &before, 8);
  const long error = call6(__NR_execveat, program, (long)"", (long)arguments, (long)environment, AT_EMPTY_PATH_, 0);
  set_mask(before);
  return error;
}

/* ---- for a test of the managed mirror --------------------------------------------------------------------------------- */

/* Sizes and offsets of the structures above, in the order that Launch/OperationTests checks; 0 after the last. */
uint32_t orca_layout(uint32_t what) {
  static const uint32_t values[] = {
      sizeof(struct orca_operation), offsetof(struct orca_operation, number), offsetof(struct orca_operation, arguments),
      offsetof(struct orca_operation, tolerated), offsetof(struct orca_operation, slot_mask), offsetof(struct orca_operation, result_slot),
      offsetof(struct orca_operation, skip_on_tolerated), sizeof(struct orca_init), sizeof(struct orca_program),
      offsetof(struct orca_program, stack_top), offsetof(struct orca_program, report), offsetof(struct orca_program, parent),
      offsetof(struct orca_program, stub), offsetof(struct orca_program, pipes), offsetof(struct orca_program, target),
      offsetof(struct orca_program, joining), sizeof(struct orca_report), ORCA_SLOTS,
      sizeof(struct orca_keep), offsetof(struct orca_keep, typed), offsetof(struct orca_keep, saved), offsetof(struct orca_keep, buffer),
      sizeof(struct orca_flow), offsetof(struct orca_keep, output), offsetof(struct orca_keep, error), offsetof(struct orca_keep, journal),
      sizeof(struct orca_journal), offsetof(struct orca_journal, size),
      offsetof(struct orca_keep, has_ended), offsetof(struct orca_keep, status), offsetof(struct orca_keep, is_held), sizeof(struct orca_joining),
  };
  return what < sizeof values / sizeof *values ? values[what] : 0;
}
