/*
 * identity WAY UID GID [COMMAND...]: gives up root in one way or another, says who it is, and executes the command if
 * there is one.
 *
 *   plain      setgid, setuid
 *   threads    the same in a program of eight threads, all of which the C library changes
 *   keep       capabilities kept over setresuid, setresgid after it
 *   part       the same, and all but CAP_NET_BIND_SERVICE given up then: what a daemon does that executes nothing
 *   spawn      in a child that shares this one's memory until it executes the command (vfork(2)); then says who is left
 *   shared     in a child that shares this one's root and directory (CLONE_FS)
 *   brief      seteuid there and back
 *   exec       real and effective id only: the saved one goes with the exec
 *   idle       threads, and no exec: stays for eight seconds, then is traced by a child, which says whether it may
 *   later      threads, of which one that is started after the change executes the command
 *   held       traces the init's helper and does not reap it, kills another, and then changes
 *   leased     executes something that is held up by a lease while one thread has changed and another asks; says when a
 *              third process was answered
 *   race       150 programs of which some threads change while another executes the command; says how many ended well
 *   many       forty processes that ask without end
 *   peers      says who those at the two ends of a socket are to each other
 *   peercost   says what a getsockopt costs, of another option and of SO_PEERCRED, in a container with this user
 *   swapped    forty processes that share memory with one that swaps the text from which they are to call
 *   wedged     holds the init for as long as it waits for a process that executes something
 *   storm      400 children that change, of which half are killed or stopped at some moment; says how many of the
 *              others came through
 *
 * identity fuzz SEED ROUNDS: identity-fuzz.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uid_t uid;
static gid_t gid;
static char **command;

static void say(void) {
  uid_t r, e, s;
  gid_t a, b, c;
  getresuid(&r, &e, &s);
  getresgid(&a, &b, &c);
  dprintf(1, "%d %d %d %d %d %d\n", r, e, s, a, b, c);
}

static void need(int result, const char *what) {
  if (result != 0) {
    perror(what);
    _exit(9);
  }
}

static void change(void) {
  need(setgroups(0, 0), "setgroups");
  need(setgid(gid), "setgid");
  need(setuid(uid), "setuid");
}

static void go(void) {
  if (*command) {
    execvp(*command, command);
    perror(*command);
    _exit(127);
  }
  _exit(0);
}

static void *wait_for_ever(void *unused) {
  for (;;) {
    pause();
  }
  return unused;
}

static void start_threads(void) {
  for (int i = 0; i < 7; i++) {
    pthread_t thread;
    need(pthread_create(&thread, 0, wait_for_ever, 0), "pthread_create");
  }
}

static int change_and_go(void *unused) {
  (void)unused;
  /* As the kernel's own calls: the C library's would want threads. */
  if (syscall(SYS_setgid, gid) || syscall(SYS_setuid, uid)) {
    _exit(9);
  }
  go();
  return 0;
}

static void in_child(int flags) {
  char *stack = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const int child = clone(change_and_go, stack + 65536, flags | SIGCHLD, 0);
  int status;
  waitpid(child, &status, 0);
  dprintf(1, "status %d\n", WEXITSTATUS(status));
  say();
}

static void idle(void) {
  start_threads();
  change();
  sleep(8);
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
  const int parent = getpid(), child = fork();
  if (child == 0) {
    _exit(ptrace(PTRACE_SEIZE, parent, 0, 0) ? 1 : 0);
  }
  int status;
  waitpid(child, &status, 0);
  dprintf(1, "%s\n", status ? "held" : "let go");
}

static void storm(void) {
  enum { CHILDREN = 400 };
  static int children[CHILDREN];
  int through = 0;
  for (int i = 0; i < CHILDREN; i++) {
    children[i] = fork();
    if (children[i] == 0) {
      change();
      _exit(getuid() == uid && setuid(0) ? 0 : 1);
    }
    if (i % 4 == 1) {
      kill(children[i], SIGKILL);
    } else if (i % 4 == 3) {
      usleep(i % 7 * 100);
      kill(children[i], SIGSTOP);
      kill(children[i], i % 8 == 3 ? SIGKILL : SIGCONT);
    }
  }
  for (int i = 0; i < CHILDREN; i++) {
    int status;
    waitpid(children[i], &status, 0);
    through += i % 2 == 0 && WIFEXITED(status) && !WEXITSTATUS(status);
  }
  dprintf(1, "%d\n", through);
}

#include "identity-attacks.h"
#include "identity-peers.h"
#include "identity-fuzz.h"

int main(int count, char **arguments) {
  if (count < 4) {
    return 2;
  }
  const char *way = arguments[1];
  uid = (uid_t)atoi(arguments[2]);
  gid = (gid_t)atoi(arguments[3]);
  command = arguments + 4;
  if (!strcmp(way, "plain")) {
    change();
  } else if (!strcmp(way, "threads")) {
    start_threads();
    change();
  } else if (!strcmp(way, "keep")) {
    need(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS");
    need(setresuid(uid, uid, uid), "setresuid");
    need(setresgid(gid, gid, gid), "setresgid");
  } else if (!strcmp(way, "part")) {
    unsigned header[2] = {0x20080522, 0}, kept[6] = {1 << 10, 1 << 10, 0, 0, 0, 0};
    need(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS");
    need(setgid(gid), "setgid");
    need(setuid(uid), "setuid");
    need((int)syscall(SYS_capset, header, kept), "capset");
    for (unsigned capability = 0; capability < 64; capability++) {
      unsigned now[6];
      need((int)syscall(SYS_capget, header, now), "capget");
      if (now[capability / 32 * 3 + 1] >> capability % 32 & 1) {
        dprintf(1, "keeps %u\n", capability);
      }
    }
  } else if (!strcmp(way, "spawn")) {
    in_child(CLONE_VM | CLONE_VFORK);
    return 0;
  } else if (!strcmp(way, "shared")) {
    in_child(CLONE_FS);
    return 0;
  } else if (!strcmp(way, "brief")) {
    need(seteuid(uid), "seteuid");
    need(seteuid(0), "seteuid");
  } else if (!strcmp(way, "exec")) {
    need(setresgid(gid, gid, gid), "setresgid");
    need(setresuid(uid, uid, -1), "setresuid");
  } else if (!strcmp(way, "idle")) {
    idle();
    return 0;
  } else if (!strcmp(way, "later")) {
    later();
  } else if (!strcmp(way, "held")) {
    held();
    return 0;
  } else if (!strcmp(way, "leased")) {
    leased(0);
    return 0;
  } else if (!strcmp(way, "race")) {
    race();
    return 0;
  } else if (!strcmp(way, "many")) {
    many();
  } else if (!strcmp(way, "peers")) {
    peers();
    return 0;
  } else if (!strcmp(way, "peercost")) {
    if (fork() == 0) {
      change();
      _exit(0);
    }
    wait(0);
    peer_cost();
    return 0;
  } else if (!strcmp(way, "fuzz")) {
    uid = 33;
    gid = 44;
    fuzz(strtoull(arguments[2], 0, 10), atoi(arguments[3]));
    return 0;
  } else if (!strcmp(way, "fuzzed")) {
    fuzzed(arguments + 2);
  } else if (!strcmp(way, "swapped")) {
    swapped();
    return 0;
  } else if (!strcmp(way, "wedged")) {
    leased(1);
    return 0;
  } else if (!strcmp(way, "storm")) {
    storm();
    return 0;
  }
  if (strcmp(way, "threads") && strcmp(way, "keep") && strcmp(way, "exec")) {
    say();
  }
  go();
}
