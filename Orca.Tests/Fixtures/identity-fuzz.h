/*
 * The way 'fuzz' of identity.c: 'identity fuzz SEED ROUNDS'. Processes and threads make random calls about users, and
 * kill, stop, trace and execute each other meanwhile. Whatever they do, nobody may have a capability that root of the
 * container lacks, nobody who became a user may be root again, and the init must answer afterwards.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

enum { ROUND_MILLISECONDS = 400, ACTORS = 12, REPORT = 9, LARGEST_PID = 4000, MARKED = 0x6163726f };

struct actor {
  uint64_t random;
  int depth, was_user;
};

static uint64_t may_have; /* what root of the container is permitted */
static int supervisor;

static unsigned pick(struct actor *actor, unsigned below) {
  actor->random ^= actor->random << 13;
  actor->random ^= actor->random >> 7;
  actor->random ^= actor->random << 17;
  return (unsigned)(actor->random >> 20) % below;
}

static uint64_t permitted(void) {
  unsigned header[2] = {0x20080522, 0}, data[6];
  syscall(SYS_capget, header, data);
  return data[1] | (uint64_t)data[4] << 32;
}

/* By the kernel's own calls, as the C library would keep threads in step. */
static void check(struct actor *actor) {
  const int is_user = syscall(SYS_getuid) != 0;
  if ((actor->was_user && !is_user) || permitted() & ~may_have) {
    const char *what = is_user ? "a user has more capabilities\n" : "root again\n";
    _exit(write(REPORT, what, strlen(what)) < 0);
  }
  actor->was_user |= is_user;
}

static long ask(struct actor *actor) {
  static const unsigned ids[] = {0, 33, 34, 35, ~0u};
  static const int numbers[] = {SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid};
  const unsigned a = ids[pick(actor, 5)], b = ids[pick(actor, 5)], c = ids[pick(actor, 5)];
  return syscall(numbers[pick(actor, 6)], a, b, c);
}

static void load_filter(struct actor *actor) {
  static const int numbers[] = {SYS_prctl, SYS_mmap, SYS_setns, SYS_capset, SYS_seccomp, SYS_munmap, SYS_setuid};
  static const unsigned verdicts[] = {SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO, SECCOMP_RET_TRAP, SECCOMP_RET_KILL_PROCESS,
                                      SECCOMP_RET_TRACE, SECCOMP_RET_USER_NOTIF};
  struct sock_filter lines[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)numbers[pick(actor, 7)], 0, 1),
      BPF_STMT(BPF_RET | BPF_K, verdicts[pick(actor, 6)]),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {4, lines};
  syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static void change_capabilities(struct actor *actor) {
  unsigned header[2] = {0x20080522, 0}, data[6];
  syscall(SYS_capget, header, data);
  for (int i = 0; i < 6; i++) {
    data[i] = pick(actor, 2) ? data[i] : pick(actor, 2) ? ~0u : data[i] & ~(0xc0u << pick(actor, 8));
  }
  syscall(SYS_capset, header, data);
}

static int somebody(struct actor *actor) { return supervisor + 1 + (int)pick(actor, pick(actor, 2) ? 60 : LARGEST_PID); }

/* Writes to the memory of another, or to its own text, which others may share. */
static void scribble(struct actor *actor) {
  char path[32];
  const int pid = pick(actor, 2) ? getpid() : somebody(actor);
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file >= 0 && pid != getpid()) {
    static const unsigned char other[2] = {0xeb, 0xfe};
    if (pwrite(file, other, 2, (off_t)(uintptr_t)&scribble) < 0) {
      errno = 0;
    }
  }
  close(file);
}

static void act(struct actor *actor);

static void *run_thread(void *argument) {
  struct actor actor = {(uint64_t)(uintptr_t)argument | 1, 9, 0};
  for (int i = 0; i < 20; i++) {
    act(&actor);
  }
  return argument;
}

static int run_clone(void *argument) {
  struct actor actor = {(uint64_t)(uintptr_t)argument | 1, 9, 0};
  for (int i = 0; i < 6; i++) {
    act(&actor);
  }
  _exit(0);
}

static void multiply(struct actor *actor) {
  static const int flags[] = {CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_VM | CLONE_VFORK, CLONE_PARENT, CLONE_VM | CLONE_FS};
  const uintptr_t seed = (uintptr_t)actor->random;
  pthread_t thread;
  if (pick(actor, 3) == 0) {
    pthread_create(&thread, 0, run_thread, (void *)seed);
  } else if (pick(actor, 2)) {
    char *stack = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    clone(run_clone, stack + 65536, flags[pick(actor, 6)] | SIGCHLD, (void *)seed);
  } else if (fork() == 0) {
    actor->random ^= (uint64_t)getpid() << 20;
    actor->depth++;
  }
}

static void execute(struct actor *actor) {
  char seed[24], was[2] = {(char)('0' + actor->was_user), 0}, caps[24];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)actor->random);
  snprintf(caps, sizeof caps, "%llu", (unsigned long long)may_have);
  if (actor->depth < 6) {
    char depth[2] = {(char)('0' + actor->depth + 1), 0};
    execl("/proc/self/exe", "identity", "fuzzed", seed, was, caps, depth, (char *)0);
  }
}

static void act(struct actor *actor) {
  static const int signals[] = {SIGKILL, SIGSTOP, SIGCONT, SIGCONT, SIGSEGV, SIGTERM, SIGUSR1, 0};
  const int target = somebody(actor);
  struct ucred peer;
  socklen_t size = sizeof peer;
  int pair[2];
  switch (pick(actor, 26)) {
    case 0 ... 8: ask(actor); break;
    case 9: multiply(actor); break;
    case 10: execute(actor); break;
    case 11: /* not by kill(2), which takes a thread of the init's for the init, who passes signals on to the first one here */
      syscall(SYS_tgkill, target, target, signals[pick(actor, 8)]);
      break;
    case 12: ptrace(pick(actor, 2) ? PTRACE_SEIZE : PTRACE_ATTACH, target, 0, 0); break;
    case 13: ptrace(pick(actor, 2) ? PTRACE_DETACH : PTRACE_CONT, target, 0, 0); break;
    case 14: waitpid(-1, 0, WNOHANG | __WALL); break;
    case 15: prctl(PR_SET_KEEPCAPS, pick(actor, 2), 0, 0, 0); break;
    case 16: prctl(PR_SET_DUMPABLE, pick(actor, 4) != 0, 0, 0, 0); break;
    case 17: change_capabilities(actor); break;
    case 18: syscall(SYS_setns, (int)pick(actor, 12) - 1, CLONE_NEWUSER, MARKED, MARKED); break;
    case 19: syscall(SYS_unshare, CLONE_NEWUSER, MARKED, MARKED); break;
    case 20: unshare(pick(actor, 2) ? CLONE_FS : CLONE_FILES); break;
    case 21: scribble(actor); break;
    case 22: pick(actor, 6) ? (void)0 : load_filter(actor); break;
    case 23: prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); break;
    case 24:
      if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0) {
        getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size);
        close(pair[0]);
        close(pair[1]);
      }
      break;
    default: sched_yield(); break;
  }
  check(actor);
}

static void fuzzed(char **arguments) {
  struct actor actor = {strtoull(arguments[0], 0, 10) | 1, arguments[3][0] - '0', arguments[1][0] == '1'};
  may_have = strtoull(arguments[2], 0, 10);
  supervisor = 8; /* about that; nobody is to kill it */
  check(&actor);
  for (int i = 0; i < 60; i++) {
    act(&actor);
  }
  _exit(0);
}

static void fuzz(unsigned long long seed, int rounds) {
  struct actor actor = {(seed + 1) * 0x9e3779b97f4a7c15u | 1, 0, 0};
  const int report = open("/tmp/report", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0666);
  dup2(report, REPORT);
  may_have = permitted();
  supervisor = getpid();
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < ACTORS; i++) {
      actor.random ^= (uint64_t)pick(&actor, 1 << 30) << 30;
      if (fork() == 0) {
        actor.random ^= (uint64_t)i << 40;
        for (int j = 0; j < 400; j++) {
          act(&actor);
        }
        _exit(0);
      }
    }
    usleep(ROUND_MILLISECONDS * 1000);
    kill(-1, SIGKILL); /* all but the init and this one */
    while (waitpid(-1, 0, __WALL) > 0 || errno != ECHILD) {
    }
    const int child = fork();
    if (child == 0) {
      alarm(20);
      need((int)(syscall(SYS_setgid, gid) | syscall(SYS_setuid, uid)), "change");
      _exit(getuid() == uid && permitted() == 0 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    if (status) {
      dprintf(1, "round %d: a change of users was not made, status %x\n", round, status);
    }
  }
  char text[4096];
  const ssize_t length = pread(report, text, sizeof text, 0);
  if (write(1, text, length < 0 ? 0 : (size_t)length) < 0) {
    _exit(9);
  }
  dprintf(1, "through\n");
}
