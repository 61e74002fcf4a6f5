/*
 * System calls made directly: for code that may not use libc (after a clone that shares the parent's memory) or has none (Stub/).
 * A result from -4095 to -1 is a negative errno.
 */
#ifndef ORCA_CALL_H
#define ORCA_CALL_H

#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

enum {
  EPERM_ = 1, ENOENT_ = 2, ESRCH_ = 3, EINTR_ = 4, EIO_ = 5, EAGAIN_ = 11, ENOMEM_ = 12, EACCES_ = 13, EFAULT_ = 14, EEXIST_ = 17, ENOTDIR_ = 20, EINVAL_ = 22, ENOSPC_ = 28, ENAMETOOLONG_ = 36, ENOSYS_ = 38, ELOOP_ = 40, ENOTSOCK_ = 88, EOPNOTSUPP_ = 95, EDQUOT_ = 122,
  SIG_FIRST = 1, SIG_LAST = 64, SIG_IGN_ = 1,
  SIGINT_ = 2, SIGQUIT_ = 3, SIGKILL_ = 9, SIGPIPE_ = 13, SIGTERM_ = 15, SIGCHLD_ = 17, SIGCONT_ = 18, SIGSTOP_ = 19, SIGTSTP_ = 20, SIGTTIN_ = 21, SIGTTOU_ = 22, SIGWINCH_ = 28,
  SIG_UNBLOCK_ = 1, SIG_SETMASK_ = 2, SI_KERNEL_ = 0x80,
  POLLIN_ = 1, POLLOUT_ = 4, POLLERR_ = 8, POLLHUP_ = 16,
  TCGETS_ = 0x5401, TCSETS_ = 0x5402, TCSETSW_ = 0x5403, TIOCSCTTY_ = 0x540E, TIOCGPGRP_ = 0x540F, TIOCSPGRP_ = 0x5410, FIONREAD_ = 0x541B, TIOCGPTPEER_ = 0x5441, TIOCGWINSZ_ = 0x5413, TIOCSWINSZ_ = 0x5414, TIOCGPTN_ = (int)0x80045430,
  MSG_DONTWAIT_ = 0x40, MSG_NOSIGNAL_ = 0x4000,
  F_SETFD_ = 2, FD_CLOEXEC_ = 1,
  O_RDONLY_ = 0, O_WRONLY_ = 1, O_RDWR_ = 2, O_NOCTTY_ = 0400, O_NONBLOCK_ = 04000, O_CLOEXEC_ = 02000000, O_PATH_ = 010000000, SFD_CLOEXEC_ = 02000000,
  AT_FDCWD_ = -100, AT_EMPTY_PATH_ = 0x1000, AT_SYMLINK_NOFOLLOW_ = 0x100,
  CLONE_VM_ = 0x100, CLONE_PIDFD_ = 0x1000, CLONE_VFORK_ = 0x4000,
  PR_SET_PDEATHSIG_ = 1, PR_SET_DUMPABLE_ = 4, PR_SET_NAME_ = 15, PR_SET_CHILD_SUBREAPER_ = 36,
  CLOCK_MONOTONIC_ = 1,
  P_PIDFD_ = 3, WNOHANG_ = 1, WUNTRACED_ = 2, WEXITED_ = 4, WALL_ = 0x40000000,
};

/* The two that differ (asm/fcntl.h). */
#if defined(__aarch64__)
enum { O_DIRECTORY_ = 040000, O_NOFOLLOW_ = 0100000 };
#else
enum { O_DIRECTORY_ = 0200000, O_NOFOLLOW_ = 0400000 };
#endif

#if defined(__x86_64__)
static inline long call6(long n, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

/* clone(2) of a process that shares this one's memory and runs a function on a stack of its own, which must not return. */
static inline long clone_sharing(uint64_t flags, void *stack_top, int *pidfd, __attribute__((noreturn)) void (*run)(void *), void *argument) {
  void **top = (void **)stack_top - 2;
  long result;
  register long r10 __asm__("r10") = 0;
  register long r8 __asm__("r8") = 0;
  top[0] = (void *)run;
  top[1] = argument;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "pop %%rax\n\t"
      "pop %%rdi\n\t"
      "call *%%rax\n\t"
      "hlt\n"
      "1:"
      : "=a"(result)
      : "a"(__NR_clone), "D"(flags | CLONE_VM_), "S"(top), "d"(pidfd), "r"(r10), "r"(r8)
      : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static inline long call6(long n, long a, long b, long c, long d, long e, long f) {
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

static inline long clone_sharing(uint64_t flags, void *stack_top, int *pidfd, __attribute__((noreturn)) void (*run)(void *), void *argument) {
  void **top = (void **)stack_top - 2;
  register long x8 __asm__("x8") = __NR_clone;
  register long x0 __asm__("x0") = (long)(flags | CLONE_VM_);
  register long x1 __asm__("x1") = (long)top;
  register long x2 __asm__("x2") = (long)pidfd;
  register long x3 __asm__("x3") = 0;
  register long x4 __asm__("x4") = 0;
  top[0] = (void *)run;
  top[1] = argument;
  __asm__ volatile(
      "svc 0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "ldp x9, x0, [sp], #16\n\t"
      "blr x9\n\t"
      "brk #1\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
      : "x9", "x30", "memory");
  return x0;
}
#else
#error "orca knows x86-64 and arm64"
#endif

#define call(n, a, b, c, d) call6((n), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

struct poll_entry {
  int fd;
  short events;
  short returned;
};

/* The kernel's own layout of a signal action; libc's wrapper would refuse its two private signals. */
struct kernel_sigaction {
  void *handler;
  unsigned long flags;
  void *restorer;
  uint64_t mask;
};

static inline void set_mask(uint64_t mask) { call(__NR_rt_sigprocmask, SIG_SETMASK_, &mask, 0, 8); }

/* A user's seccomp policy may refuse even this; then a trap ends the process, whatever is blocked or ignored. */
__attribute__((noreturn)) static inline void leave(int status) {
  call(__NR_exit_group, status, 0, 0, 0);
  __builtin_trap();
}

static inline void close_between(long first, long last) {
  if (first > last) {
    return;
  }
  const long error = call(__NR_close_range, first, last, 0, 0);
  if (error == -ENOSYS_ || error == -EPERM_) { /* before Linux 5.9, or an outer filter that does not know it */
    for (long fd = first; fd <= last && fd < 65536; fd++) {
      call(__NR_close, fd, 0, 0, 0);
    }
  }
}

#endif
