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
  PTRACE_GET_SYSCALL_INFO_ = 0x420e,
  O_TRACESYSGOOD_ = 1,
  O_TRACEEXEC_ = 1 << 4,
  O_EXITKILL_ = 1 << 20,
  NT_PRSTATUS_ = 1,
  LOOK_AGAIN = 50, /* milliseconds */
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

/* A thread on its way to a stop has microseconds to go: one that runs for a second has been given other text. Not less,
 * as in a virtual machine without processors the time that it is not run is taken for its own. */
static int is_astray(const struct tracee *tracee, int64_t *begun) {
  enum { MOST_TICKS = 100 }; /* of 10 ms */
  const int64_t spent = processor_time(tracee->tid);
  *begun = *begun < 0 ? spent : *begun;
  return spent > *begun + MOST_TICKS;
}

int await_stop(struct tracee *tracee, int wanted) {
  int64_t begun = -1;
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
    } else if (now() > tracee->deadline || is_astray(tracee, &begun)) {
      kill_tracee(tracee);
    } else {
      const int64_t soon = now() + LOOK_AGAIN;
      await_news(soon < tracee->deadline ? soon : tracee->deadline);
    }
  }
  return -1;
}

/* By the size of its registers the kernel says what kind of program it is. */
static const struct abi *get_registers(int tid, union registers *registers) {
  struct part part = {registers, sizeof *registers};
  return trace(PTRACE_GETREGSET_, tid, NT_PRSTATUS_, (uint64_t)&part) < 0 ? NULL : abi_of(part.size);
}

static long set_registers(const struct tracee *tracee, union registers *registers) {
  struct part part = {registers, (size_t)tracee->abi->count * tracee->abi->width};
  return trace(PTRACE_SETREGSET_, tracee->tid, NT_PRSTATUS_, (uint64_t)&part);
}

static int is_instruction(const uint8_t *wanted, int size, const uint8_t *bytes) {
  for (int i = 0; i < size; i++) {
    if (bytes[i] != wanted[i]) {
      return 0;
    }
  }
  return 1;
}

/* The vDSO's address, of words as wide as the program's. */
static uint64_t vdso_of(int tid, int width) {
  uint8_t vectors[640] = {0};
  const long size = read_proc(tid, "/auxv", vectors, sizeof vectors);
  for (long i = 0; i + 2 * width <= size; i += 2 * width) {
    uint64_t kind = 0, value = 0;
    memcpy(&kind, vectors + i, (size_t)width);
    memcpy(&value, vectors + i + width, (size_t)width);
    if (kind == AT_NULL_ || kind == AT_SYSINFO_EHDR_) {
      return kind == AT_NULL_ ? 0 : value;
    }
  }
  return 0;
}

/* The one in the vDSO, which most programs have from their exec on. */
static uint64_t find_instruction(int tid, const struct abi *abi) {
  enum { PAGES = 4, PAGE = 4096 };
  const uint64_t first = vdso_of(tid, abi->width);
  const uint64_t start = first || abi->width == 4 ? first : vdso_of(tid, 4); /* x32 */
  uint8_t bytes[PAGE];
  for (int page = 0; start && page < PAGES; page++) {
    const long size = read_memory((uint32_t)tid, start + (uint64_t)page * PAGE, bytes, PAGE);
    for (long i = 0; i + abi->size <= size; i += abi->size == 4 ? 4 : 1) {
      if (is_instruction(abi->instruction, abi->size, bytes + i)) {
        return start + (uint64_t)page * PAGE + (uint64_t)i;
      }
    }
  }
  return 0;
}

/* Where the thread stands, in the text of a program that was just executed; some kernels give 32-bit ARM no vDSO. */
static void write_instruction(struct tracee *tracee, uint64_t pointer, const uint8_t *instruction) {
  const uint64_t word = pointer & ~(uint64_t)7;
  uint64_t text;
  if ((pointer & 7) + (uint64_t)tracee->size > 8
      || read_memory((uint32_t)tracee->tid, word, &text, sizeof text) != sizeof text) {
    return;
  }
  tracee->text = text;
  memcpy((uint8_t *)&text + (pointer & 7), instruction, (size_t)tracee->size);
  if (write_words(tracee, word, &text, 1)) {
    tracee->at = pointer;
    tracee->is_written = 1;
  }
}

static int give_text_back(struct tracee *tracee) {
  const int is_written = tracee->is_written;
  tracee->is_written = 0;
  return !is_written || write_words(tracee, tracee->at & ~(uint64_t)7, &tracee->text, 1);
}

long take_over(struct tracee *tracee, int is_new) {
  enum { CPSR = 16, THUMB = 1 << 5, THUMB_SIZE = 2 };
  static const uint8_t thumb[THUMB_SIZE] = {0x00, 0xdf};
  uint8_t bytes[4];
  const struct abi *abi = tracee->abi = get_registers(tracee->tid, &tracee->saved);
  if (!abi) {
    return -EINVAL_;
  }
  const int is_thumb = abi->architecture == AUDIT_ARCH_ARM && tracee->saved.narrow[CPSR] & THUMB;
  const uint8_t *instruction = is_thumb ? thumb : abi->instruction;
  const uint64_t pointer = register_of(abi, &tracee->saved, abi->pointer);
  tracee->size = is_thumb ? THUMB_SIZE : abi->size;
  const uint64_t before = pointer - (uint64_t)tracee->size;
  tracee->at = read_memory((uint32_t)tracee->tid, before, bytes, (size_t)tracee->size) == tracee->size
                       && is_instruction(instruction, tracee->size, bytes)
                   ? before
               : is_thumb ? 0
                          : find_instruction(tracee->tid, abi);
  if (!tracee->at && is_new) {
    write_instruction(tracee, pointer, instruction);
  }
  const uint64_t all = ~(uint64_t)0;
  if (!tracee->at || trace(PTRACE_GETSIGMASK_, tracee->tid, sizeof tracee->mask, (uint64_t)&tracee->mask) < 0) {
    give_text_back(tracee);
    return -EINVAL_;
  }
  return trace(PTRACE_SETSIGMASK_, tracee->tid, sizeof all, (uint64_t)&all);
}

/* struct ptrace_syscall_info (linux/ptrace.h) */
struct call_info {
  uint8_t stop, padding[3];
  uint32_t architecture;
  uint64_t instruction, stack;
  union {
    struct {
      uint64_t number, arguments[6];
    } entry;
    struct {
      int64_t result;
      uint8_t is_error;
    } exit;
  };
};

enum { STOP_ENTRY = 1, STOP_EXIT = 2 };

/* True where the thread is about to make just that call: not another one, or that of another architecture with the same
 * number, because who shares its text has changed the instruction. */
static int is_call(const struct tracee *tracee, const struct call_info *info, uint64_t number, const uint64_t *arguments) {
  int same = info->stop == STOP_ENTRY && info->architecture == tracee->abi->architecture
             && info->instruction == tracee->at + (uint64_t)tracee->size && info->entry.number == number;
  for (int i = 0; i < 6; i++) {
    same &= info->entry.arguments[i] == (tracee->abi->width == 8 ? arguments[i] : (uint32_t)arguments[i]);
  }
  return same;
}

int64_t inject(struct tracee *tracee, enum injected call, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
  const uint64_t arguments[6] = {a, b, c, d, ~(uint64_t)0, 0};
  union registers registers;
  struct call_info info;
  if (tracee->lost) {
    return -ESRCH_;
  }
  const uint64_t number = tracee->abi->calls[call];
  memcpy(&registers, &tracee->saved, sizeof registers);
  set_call(tracee->abi, &registers, tracee->at, number, arguments);
  if (set_registers(tracee, &registers) < 0) {
    kill_tracee(tracee);
    return -ESRCH_;
  }
  for (int side = 0; side < 2; side++) { /* where the call is entered, and where it is left */
    trace(PTRACE_SYSCALL_, tracee->tid, 0, 0);
    if (await_stop(tracee, SYSCALL_STOP) < 0) {
      return -ESRCH_;
    }
    if (trace(PTRACE_GET_SYSCALL_INFO_, tracee->tid, sizeof info, (uint64_t)&info) < 0
        || (side == 0 ? !is_call(tracee, &info, number, arguments) : info.stop != STOP_EXIT)) {
      kill_tracee(tracee); /* that call is not made */
      return -ESRCH_;
    }
  }
  return info.exit.is_error || tracee->abi->width == 8 ? info.exit.result : (uint32_t)info.exit.result;
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
  if (!give_text_back(tracee) || set_registers(tracee, &tracee->saved) < 0) {
    kill_tracee(tracee);
    return;
  }
  trace(PTRACE_SETSIGMASK_, tracee->tid, sizeof tracee->mask, (uint64_t)&tracee->mask);
  trace(stay ? PTRACE_CONT_ : PTRACE_DETACH_, tracee->tid, 0, (uint64_t)tracee->stop);
}
