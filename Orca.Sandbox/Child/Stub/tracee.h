/*
 * A thread that the init makes call something (ptrace(2)). It is stopped on its way back from a system call, its
 * registers are set, it makes the calls, and gets its registers back. Its memory is not written to, but for a page of
 * its own that is made and unmade by such calls; its text never.
 *
 * Every wait has an end: a thread that does not stop is killed, and the init goes on.
 */
#ifndef ORCA_TRACEE_H
#define ORCA_TRACEE_H

#include "registers.h"
#include "stub.h"

enum {
  PTRACE_CONT_ = 7,
  PTRACE_DETACH_ = 17,
  PTRACE_SYSCALL_ = 24,
  PTRACE_POKEDATA_ = 5,
  PTRACE_GETEVENTMSG_ = 0x4201,
  PTRACE_SEIZE_ = 0x4206,
  PTRACE_INTERRUPT_ = 0x4207,
  PTRACE_LISTEN_ = 0x4208,
  EVENT_EXEC = 4,
  EVENT_STOP = 128, /* status >> 16 */
  SIGTRAP_ = 5,
  SYSCALL_STOP = SIGTRAP_ | 0x80,
};

struct tracee {
  int tid;
  int lost;      /* it is dead, or killed: nothing more is to be had of it */
  int stop;      /* a signal that stops and came in between; given back in the end */
  uint64_t at;   /* an instruction that makes a system call */
  int size;      /* of it */
  uint64_t text; /* what was there before, where it had to be written (take_over) */
  int is_written;
  uint64_t mask; /* its blocked signals */
  int64_t deadline;
  const struct abi *abi;
  union registers saved;
};

static inline long trace(int request, int tid, uint64_t address, uint64_t data) {
  return call(__NR_ptrace, request, tid, address, data);
}

/* Milliseconds that only grow. */
int64_t now(void);

/* Makes the thread ours to stop, without stopping it; when the init dies, it does. Negative where the kernel refuses.
 */
long seize(int tid);

/* Waits for the thread's next stop of that kind: SYSCALL_STOP, or an event. 0, or -1 when it is lost. */
int await_stop(struct tracee *tracee, int wanted);

/* Takes over a stopped thread, or negative: it is no kind of program that is known, or has no instruction that makes a
 * call. A program that was just executed may be written to: its memory is nobody else's. */
long take_over(struct tracee *tracee, int is_new);

/* Makes it call; what that returns, or -ESRCH. */
int64_t inject(struct tracee *tracee, enum injected call, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* Writes to the page that it was made to map. */
int write_words(const struct tracee *tracee, uint64_t address, const uint64_t *words, size_t count);

/* Gives it back its registers and signals, and lets it go on; traced still, or not. */
void give_back(struct tracee *tracee, int stay);

void kill_tracee(struct tracee *tracee);

#endif
