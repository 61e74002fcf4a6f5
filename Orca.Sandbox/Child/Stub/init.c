/*
 * PID 1. Its arguments, as Launch/PlanEncoder.cs writes them:
 *
 *   orca-init  "REPORT PARENT TERMINAL LISTENER OWNERS TARGET"   descriptors: the socket to the launching process, its pidfd; or -1: the terminal,
 *                                         where the filter of system calls asks (answer.h), where owners are noted (remember.c),
 *                                         the first process of a container that is joined
 *              "ATTACH EXECUTE MODES ROLE TURN GIVEN"  the plan's steps, for reports; struct termios in hexadecimal, or -; enum role; enum orca_turn_kind;
 *                                         how many descriptors from 3 on are the command's alone;
 *              "... STEP UID GID LOW HIGH COUNT GROUP..."  and where there are ids to become: the step, the ids, the capabilities left then, further groups
 *              COUNT  CANDIDATE...        where the command may lie
 *              ARGUMENT...                the command's own
 *
 *   init                                   command
 *   takes the terminal
 *   clone(CLONE_VM|CLONE_VFORK) ---------> new process group, in the foreground of the terminal or not, exec
 *   reports that it runs                   (or the command's process has reported {step, errno})
 *   reads signals and turns, reaps ...     runs
 *   exits as the command did  <----------- exits
 *
 * The command's process group is one of this session, as a shell's jobs are: only so do Ctrl-Z and reading from the background stop it (setpgid(2)).
 * Without an init the command leads the session itself.
 *
 * With the role JOINED this is no PID 1, but the parent of another command of a container (join.c). What that command has left behind at its end runs on, and may
 * ask (answer.h): this process stays for it, tells the launching process only, and lets go of that.
 */
#include "../child.h"
#include "answer.h"
#include "job.h"
#include "stub.h"
#include "users.h"

enum {
  MOST_GROUPS = 1025, STATUS_TOOL_FAILED = 125, STACK = 8192, STOPPED = 0x7f, SIGINFO_WORDS = 32, CAPABILITY_VERSION_3 = 0x20080522, ECHILD_ = 10,
  JOINING_ROOM = 0x10000000, MADV_DONTNEED_ = 4,
};

enum role {
  FIRST = 0,   /* PID 1: when it ends, everything does */
  COMMAND = 1, /* becomes the command itself */
  REAPER = 2,  /* among the host's processes: gets the orphans, and kills what is left */
  JOINED = 3,  /* in a container that has an init already: gets the orphans of its command, and stays as long as there are any */
};

struct init {
  struct job job;
  int parent;
  int listener;
  int target;
  int has_ended; /* the command has; only a joined process goes on then */
  int status;    /* of that */
  uint32_t attach_step;
  uint32_t execute_step;
  int role;
  int given;
  char **candidates;
  char **end_of_candidates;
  char **arguments;
  char **environment;
};

__attribute__((noreturn, section(".rare.text"))) static void fail(const struct init *init, uint32_t step, long error) {
  report_job(&init->job, step, (uint32_t)-error);
  leave(STATUS_TOOL_FAILED);
}

/*
 * Becomes the command's user, which takes capabilities that go with it: the plan has kept setuid and setgid inheritable for this alone, whatever
 * the command may have. Not done before this program runs: until then memory is shared with orca, which would be made undumpable by it.
 */
static void become_user(const struct init *init, const char *text) {
  static uint32_t groups[MOST_GROUPS];
  uint32_t header[2] = {CAPABILITY_VERSION_3, 0};
  const uint32_t step = (uint32_t)read_number(&text);
  const long uid = read_number(&text), gid = read_number(&text), low = read_number(&text), high = read_number(&text);
  long count = read_number(&text), error = 0;
  for (long i = 0; i < count && i < MOST_GROUPS; i++) {
    groups[i] = (uint32_t)read_number(&text);
  }
  const uint32_t left[6] = {(uint32_t)low, (uint32_t)low, 0, (uint32_t)high, (uint32_t)high, 0}; /* effective, permitted, inheritable; twice 32 bits */
  if ((error = call(__NR_setgroups, count, groups, 0, 0)) < 0 || (error = call(__NR_setresgid, gid, gid, gid, 0)) < 0
      || (error = call(__NR_setresuid, uid, uid, uid, 0)) < 0 || (error = call(__NR_capset, header, left, 0, 0)) < 0) {
    fail(init, step, error);
  }
}

/* Tries each candidate in turn, as execvp(3) does: a missing one is passed over, a forbidden one is remembered. */
static long execute(const struct init *init) {
  long result = -ENOENT_;
  for (char **path = init->candidates; path < init->end_of_candidates; path++) {
    const long error = call(__NR_execve, *path, init->arguments, init->environment, 0);
    if (error != -ENOENT_ && error != -ENOTDIR_ && error != -EACCES_) {
      return error;
    }
    if (error == -EACCES_ || result != -EACCES_) {
      result = error == -ENOTDIR_ && path + 1 < init->end_of_candidates ? result : error;
    }
  }
  return result;
}

static void take_terminal(const struct init *init) {
  const long error = init->job.terminal < 0 ? 0 : call(__NR_ioctl, init->job.terminal, TIOCSCTTY_, 0, 0);
  if (error < 0) {
    fail(init, init->attach_step, error);
  }
}

__attribute__((noreturn)) static void be_command(void *argument) {
  const struct init *init = argument;
  if (init->role >= REAPER) {
    call(__NR_prctl, PR_SET_PDEATHSIG_, SIGKILL_, 0, 0);
  }
  if (init->role == COMMAND) {
    call(__NR_setsid, 0, 0, 0, 0);
    take_terminal(init);
  } else {
    call(__NR_setpgid, 0, 0, 0, 0);
  }
  if (init->job.terminal >= 0) {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
      call(__NR_dup3, init->job.terminal, descriptor, 0, 0);
    }
    if (init->role != COMMAND && init->job.turn.kind == ORCA_TURN_FOREGROUND) {
      set_foreground(&init->job, (int32_t)call(__NR_getpid, 0, 0, 0, 0));
    }
  }
  set_mask(0);
  fail(init, init->execute_step, execute(init));
}

/* The end of this process. In a namespace of its own the kernel ends everything else. */
__attribute__((noreturn)) static void end(const struct init *init, int status) {
  if (init->role >= REAPER) {
    sweep("/proc/thread-self/children");
  }
  leave(status);
}

/* There is nothing left to reap for now. In rare memory, as is what only joined processes do. */
__attribute__((section(".rare.text"), noinline)) static void stay(struct init *init, int has_children) {
  if (!has_children) {
    leave(init->status);
  }
  if (init->job.report >= 0) {
    here.parent = -1; /* before: its end is none of ours any more (guard.c) */
    report_job(&init->job, ORCA_REPORT_ENDED, (uint32_t)init->status);
    close_between(0, 2); /* who waits for the end of these must not wait for ours */
    close_between(init->job.report, init->job.report);
    init->job.report = init->parent = -1;
  }
}

/* Reaps until the command has ended; its end is ours. That it was stopped is for the launching process to follow. */
static void reap(struct init *init, int command) {
  for (;;) {
    int status;
    long pid = here.known ? unbury(&status) : 0;
    pid = pid ? pid : call(__NR_wait4, -1, &status, WNOHANG_ | WUNTRACED_ | WALL_, 0);
    if (pid <= 0) {
      if (init->has_ended) {
        stay(init, pid != -ECHILD_);
      }
      return;
    }
    const int is_dealt_with = here.known && took_stop((int)pid, status);
    if ((status & 0xff) == STOPPED) {
      if (pid == command && !is_dealt_with) {
        report_job(&init->job, ORCA_REPORT_STOPPED, (status >> 8) & 0xff);
      }
      continue;
    }
    if (pid == command && !init->has_ended) {
      const int signal = status & 0x7f;
      if (is_hung_up(&init->job)) {
        give_modes_back(&init->job);
      }
      init->status = signal ? 128 + signal : (status >> 8) & 0xff;
      init->has_ended = 1;
      if (init->role != JOINED) {
        end(init, init->status);
      }
    }
  }
}

/* The launching process is gone: everything in the container dies with us. Its terminal must not stay raw. */
__attribute__((noreturn, section(".rare.text"))) static void abandoned(const struct init *init) {
  give_modes_back(&init->job);
  end(init, 128 + SIGKILL_);
}

/*
 * No init was asked for: this process becomes the command. It dies with the launching process as long as it does not ask
 * the kernel for something else (PR_SET_PDEATHSIG is its own to change).
 */
__attribute__((noreturn, section(".rare.text"))) static void be_alone(struct init *init) {
  struct poll_entry parent = {init->parent, POLLIN_, 0};
  call(__NR_prctl, PR_SET_PDEATHSIG_, SIGKILL_, 0, 0);
  if (init->parent >= 0) {
    const uint64_t now[2] = {0, 0};
    call6(__NR_ppoll, (long)&parent, 1, (long)now, 0, 8, 0);
  }
  if (parent.returned) {
    leave(128 + SIGKILL_); /* it had died before */
  }
  be_command(init);
}

/* All signals are blocked in PID 1, so none is lost and none is ignored: they are read here and passed on. */
__attribute__((noreturn)) static void watch(struct init *init, int command, int signals) {
  struct poll_entry entries[5] = {{signals, POLLIN_, 0}, {-1, POLLIN_, 0}, {init->listener, POLLIN_, 0}, {-1, POLLIN_, 0}, {init->target, POLLIN_, 0}};
  reap(init, command);
  for (;;) {
    entries[1].fd = init->parent;
    entries[3].fd = init->job.report;
    const int was_waiting = here.known && answer_waiting(); /* one of them in each round: signals are not to wait for all */
    if (was_waiting) {
      reap(init, command);
    }
    const int64_t idle = here.known ? let_idle_go() : -1, left = was_waiting ? 0 : idle;
    const int64_t time[2] = {left / 1000, left % 1000 * 1000000};
    const long count = call6(__NR_ppoll, (long)entries, sizeof entries / sizeof *entries, left < 0 ? 0 : (long)time, 0, 8, 0);
    if (count < 0 && count != -EINTR_) {
      leave(STATUS_TOOL_FAILED); /* a filter that forbids watching */
    }
    if (count > 0 && (entries[1].returned || entries[4].returned)) {
      abandoned(init);
    }
    if (count > 0 && entries[2].returned) {
      if (take_question(init->listener, init->parent, init->role >= REAPER) < 0) {
        call(__NR_close, init->listener, 0, 0, 0); /* from now on the calls fail with ENOSYS, and nobody waits */
        entries[2].fd = -1;
      }
      reap(init, command); /* what was waited for meanwhile */
    }
    if (count > 0 && entries[3].returned & POLLIN_ && take_turn(&init->job, command)) { /* before the signal that lets the command go on */
      abandoned(init);
    }
    if (count > 0 && entries[3].returned & POLLHUP_) {
      init->job.report = -1;
    }
    uint32_t record[SIGINFO_WORDS]; /* struct signalfd_siginfo, the number first */
    if (count <= 0 || !entries[0].returned || call(__NR_read, signals, record, sizeof record, 0) != sizeof record) {
      continue;
    }
    if (record[0] == SIGCHLD_) {
      reap(init, command);
    } else if (init->has_ended) {
      continue; /* that number may be another's */
    } else if (record[0] == SIGCONT_) {
      signal_group(command, SIGCONT_);
    } else {
      call(__NR_kill, command, record[0], 0, 0);
    }
  }
}

/* The command line is the command's own by now, but what /proc/1/cmdline shows should be short. */
static void wipe(char **arguments) {
  for (char **argument = arguments + 1; *argument; argument++) {
    for (char *byte = *argument; *byte; byte++) {
      *byte = 0;
    }
  }
}

extern __attribute__((visibility("hidden"))) char rare_begin[], rare_end[]; /* stub.ld */

/* What has led here is not needed any more, the command's own arguments among it. */
static void forget_joining(void) {
  call(__NR_munmap, ORCA_JOINING, JOINING_ROOM, 0, 0);
  for (uintptr_t page = 4096; page <= 65536; page *= 4) { /* of whichever size; there is nothing else in front of it (stub.ld) */
    const uintptr_t begin = (uintptr_t)rare_begin & ~(page - 1);
    if (call(__NR_madvise, begin, (uintptr_t)rare_end - begin, MADV_DONTNEED_, 0) != -EINVAL_) {
      break;
    }
  }
}

__attribute__((noreturn)) void init_main(char **arguments, char **environment) {
  struct init init = {.environment = environment};
  call(__NR_prctl, PR_SET_DUMPABLE_, 0, 0, 0); /* what this process holds is not the container's to look at */
  call(__NR_prctl, PR_SET_NAME_, "orca-init", 0, 0);
  if (!arguments[1] || !arguments[2] || !arguments[3]) {
    started_by_nobody();
  }
  const char *text = arguments[1];
  init.job.report = (int)read_number(&text), init.parent = (int)read_number(&text);
  init.job.terminal = (int)read_number(&text);
  init.listener = (int)read_number(&text), owners_table = (int)read_number(&text);
  init.target = (int)read_number(&text);
  text = arguments[2];
  init.attach_step = (uint32_t)read_number(&text);
  init.execute_step = (uint32_t)read_number(&text);
  init.job.has_modes = read_bytes(&text, (uint8_t *)&init.job.turn.modes, sizeof init.job.turn.modes);
  init.role = (int)read_number(&text);
  init.job.turn.kind = (uint32_t)read_number(&text);
  init.given = (int)read_number(&text);
  const char *const user = text;
  text = arguments[3];
  const long candidates = read_number(&text);
  init.candidates = init.end_of_candidates = arguments + 4;
  for (long i = 0; i < candidates && *init.end_of_candidates; i++) {
    init.end_of_candidates++;
  }
  init.arguments = init.end_of_candidates;

  const int held[] = {init.job.report, init.parent, init.job.terminal, init.listener, owners_table, init.target};
  for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
    if (held[i] >= 0) {
      call(__NR_fcntl, held[i], F_SETFD_, FD_CLOEXEC_, 0);
    }
  }
  if (*user) {
    become_user(&init, user);
    call(__NR_prctl, PR_SET_DUMPABLE_, 0, 0, 0); /* the change of users has reset it to the host's setting, which may be 2 or, on some, 1 */
  }
  if (init.role == COMMAND) {
    be_alone(&init);
  }
  if (init.role >= REAPER) {
    call(__NR_prctl, PR_SET_CHILD_SUBREAPER_, 1, 0, 0);
  }
  if (init.role == JOINED) {
    static const char name[] __attribute__((section(".rare.rodata"))) = "orca-exec";
    call(__NR_prctl, PR_SET_NAME_, name, 0, 0);
  }
  if (init.job.terminal >= 0) { /* the caller's own terminal is kept only as far as it is needed */
    for (int descriptor = init.job.has_modes ? 1 : 0; descriptor <= 2; descriptor++) {
      call(__NR_dup3, init.job.terminal, descriptor, 0, 0);
    }
  }
  const uint64_t all = ~(uint64_t)0;
  set_mask(all);
  take_terminal(&init);
  const long signals = call(__NR_signalfd4, -1, &all, 8, SFD_CLOEXEC_ | O_NONBLOCK_); /* users.c reads some of them, too */
  if (signals < 0) { /* a limit of descriptors so low that nothing could be watched */
    fail(&init, init.execute_step, signals);
  }

  /* The command's process shares this one's memory, which is not copied, and this one waits until it has exec'ed or failed. */
  static uint8_t stack[STACK] __attribute__((aligned(16)));
  const long command = clone_sharing(CLONE_VFORK_ | SIGCHLD_, stack + sizeof stack, NULL, be_command, &init);
  if (command < 0) {
    fail(&init, init.execute_step, command);
  }
  report_job(&init.job, ORCA_REPORT_STARTED, 0); /* or its failure was reported before */
  if (init.given > 0) { /* who waits for their end must not wait for ours */
    close_between(3, 2 + init.given);
  }
  call(__NR_chdir, "/", 0, 0, 0);
  if (init.role == JOINED) {
    forget_joining();
  } else {
    wipe(arguments);
  }
  watch(&init, (int)command, (int)signals);
}
