/* See tracee.h. */
#include "tracee.h"

#include "asker.h"
#include "users.h"
#include "rare.h"

enum {
  PTRACE_GETREGSET_ = 0x4204,
  PTRACE_SETREGSET_ = 0x4205,
  PTRACE_GETSIGMASK_ = 0x420a,
  PTRACE_SETSIGMASK_ = 0x420b,
  O_TRACESYSGOOD_ = 1,
  O_TRACEEXEC_ = 1 << 4,
  O_EXITKILL_ = 1 << 20,
  NT_PRSTATUS_ = 1,
  AT_NULL_ = 0,
  AT_SYSINFO_EHDR_ = 33,
};

struct part {
  void *base;
  size_t size;
};

int64_t now(void) {
  int64_t time[2] = {0, 0};
  call(__NR_clock_gettime, CLOCK_MONOTONIC_, time, 0, 0);
  return time[0] * 1000 + time[1] / 1000000;
}

long seize(int tid) { return trace(PTRACE_SEIZE_, tid, 0, O_TRACESYSGOOD_ | O_TRACEEXEC_ | O_EXITKILL_); }

void kill_tracee(struct tracee *tracee) {
  call(__NR_tkill, tracee->tid, SIGKILL_, 0, 0);
  tracee->lost = 1;
}

int await_stop(struct tracee *tracee, int wanted) {
  while (!tracee->lost) {
    int status;
    const long got = call(__NR_wait4, tracee->tid, &status, WNOHANG_ | WALL_, 0);
    if (got == tracee->tid && (status & 0xff) != 0x7f) {
      bury(tracee->tid, status);
      tracee->lost = 1;
    } else if (got == tracee->tid) {
      const int event = status >> 16, signal = (status >> 8) & 0xff;
      if (event ? event == wanted : signal == wanted) {
        return 0;
      }
      if (!event && signal == SIGSTOP_) { /* the one that cannot be blocked */
        tracee->stop = signal;
      } else if (!event && signal != SYSCALL_STOP) {
        kill_tracee(tracee); /* it faults: somebody who shares its memory has taken away what it was to execute */
        continue;
      }
      trace(wanted == EVENT_STOP ? PTRACE_CONT_ : PTRACE_SYSCALL_, tracee->tid, 0, 0);
    } else if (got < 0 && got != -EINTR_) {
      tracee->lost = 1;
    } else if (now() > tracee->deadline) {
      kill_tracee(tracee);
    } else {
      await_news(tracee->deadline);
    }
  }
  return -1;
}

static long get_registers(int tid, uint64_t *registers) {
  struct part part = {registers, REGISTERS * sizeof *registers};
  const long error = trace(PTRACE_GETREGSET_, tid, NT_PRSTATUS_, (uint64_t)&part);
  return error < 0 ? error : part.size == REGISTERS * sizeof *registers ? 0 : -EINVAL_; /* fewer: a 32-bit program */
}

static long set_registers(int tid, uint64_t *registers) {
  struct part part = {registers, REGISTERS * sizeof *registers};
  return trace(PTRACE_SETREGSET_, tid, NT_PRSTATUS_, (uint64_t)&part);
}

static int is_instruction(const uint8_t *bytes) {
  for (int i = 0; i < INSTRUCTION_SIZE; i++) {
    if (bytes[i] != syscall_instruction[i]) {
      return 0;
    }
  }
  return 1;
}

/* The one in the vDSO, which every program has from its exec on. */
static uint64_t find_instruction(int tid) {
  enum { PAGES = 4, PAGE = 4096 };
  uint64_t vectors[80], start = 0;
  uint8_t bytes[PAGE];
  const long count = read_proc(tid, "/auxv", vectors, sizeof vectors) / (long)sizeof *vectors;
  for (long i = 0; i + 1 < count && vectors[i] != AT_NULL_; i += 2) {
    if (vectors[i] == AT_SYSINFO_EHDR_) {
      start = vectors[i + 1];
    }
  }
  for (int page = 0; start && page < PAGES; page++) {
    const long size = read_memory((uint32_t)tid, start + (uint64_t)page * PAGE, bytes, PAGE);
    for (long i = 0; i + INSTRUCTION_SIZE <= size; i += INSTRUCTION_SIZE == 4 ? 4 : 1) {
      if (is_instruction(bytes + i)) {
        return start + (uint64_t)page * PAGE + (uint64_t)i;
      }
    }
  }
  return 0;
}

long take_over(struct tracee *tracee) {
  uint8_t bytes[INSTRUCTION_SIZE];
  const long error = get_registers(tracee->tid, tracee->saved);
  if (error < 0) {
    return error;
  }
  const uint64_t before = instruction_of(tracee->saved) - INSTRUCTION_SIZE;
  tracee->at = read_memory((uint32_t)tracee->tid, before, bytes, sizeof bytes) == sizeof bytes && is_instruction(bytes)
                   ? before
                   : find_instruction(tracee->tid);
  const uint64_t all = ~(uint64_t)0;
  if (!tracee->at || trace(PTRACE_GETSIGMASK_, tracee->tid, sizeof tracee->mask, (uint64_t)&tracee->mask) < 0) {
    return -EINVAL_;
  }
  return trace(PTRACE_SETSIGMASK_, tracee->tid, sizeof all, (uint64_t)&all);
}

int64_t inject(struct tracee *tracee, long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  const uint64_t arguments[6] = {a, b, c, d, ~(uint64_t)0, 0};
  uint64_t registers[REGISTERS];
  memcpy(registers, tracee->saved, sizeof registers);
  set_call(registers, tracee->at, (uint64_t)number, arguments);
  if (tracee->lost) {
    return -ESRCH_;
  }
  if (set_registers(tracee->tid, registers) < 0) {
    kill_tracee(tracee);
    return -ESRCH_;
  }
  for (int side = 0; side < 2; side++) { /* where the call is entered, and where it is left */
    trace(PTRACE_SYSCALL_, tracee->tid, 0, 0);
    if (await_stop(tracee, SYSCALL_STOP) < 0) {
      return -ESRCH_;
    }
    /* Who shares its text may have made it come to another call: that one is not made. */
    if (get_registers(tracee->tid, registers) < 0
        || (side == 0 && !is_call(registers, tracee->at, (uint64_t)number, arguments))) {
      kill_tracee(tracee);
      return -ESRCH_;
    }
  }
  return result_of(registers);
}

int write_words(const struct tracee *tracee, uint64_t address, const uint64_t *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (trace(PTRACE_POKEDATA_, tracee->tid, address + i * sizeof *words, words[i]) < 0) {
      return 0;
    }
  }
  return 1;
}

void give_back(struct tracee *tracee, int stay) {
  if (tracee->lost) {
    return;
  }
  if (set_registers(tracee->tid, tracee->saved) < 0) {
    kill_tracee(tracee);
    return;
  }
  trace(PTRACE_SETSIGMASK_, tracee->tid, sizeof tracee->mask, (uint64_t)&tracee->mask);
  trace(stay ? PTRACE_CONT_ : PTRACE_DETACH_, tracee->tid, 0, (uint64_t)tracee->stop);
}
