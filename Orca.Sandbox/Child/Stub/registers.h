/*
 * The registers of a traced thread (ptrace(2), NT_PRSTATUS) as far as a system call takes them, and the calls that the
 * init makes a thread call: for each kind of program that this machine runs. x32 programs count as x86-64's, whose calls
 * they may make.
 */
#ifndef ORCA_REGISTERS_H
#define ORCA_REGISTERS_H

#include <asm/unistd.h>
#include <linux/audit.h>
#include <stdint.h>

enum injected {
  CALL_MMAP,
  CALL_MUNMAP,
  CALL_CLOSE,
  CALL_PRCTL,
  CALL_CAPSET,
  CALL_SETNS,
  CALL_SECCOMP,
  CALLS_INJECTED
};

struct abi {
  uint32_t architecture;
  uint8_t count, width; /* of its registers: by their size the kernel says which kind of program it is */
  uint8_t entered;      /* where the call's number is once it is entered */
  uint8_t number;       /* and before */
  uint8_t result;
  uint8_t pointer; /* the instruction's place */
  uint8_t arguments[6];
  uint8_t size;           /* of the instruction that makes a call */
  uint8_t instruction[4];
  uint16_t calls[CALLS_INJECTED];
};

#define NATIVE_CALLS                                                                                          \
  {__NR_mmap, __NR_munmap, __NR_close, __NR_prctl, __NR_capset, __NR_setns, __NR_seccomp}

enum { ABIS = 2, MOST_REGISTERS = 34 };

#if defined(__x86_64__)
enum { NATIVE_ARCHITECTURE = (int)AUDIT_ARCH_X86_64 };
static const struct abi abis[ABIS] = {
    /* struct user_regs_struct; rdi, rsi, rdx, r10, r8, r9 */
    {AUDIT_ARCH_X86_64, 27, 8, 15, 10, 10, 16, {14, 13, 12, 7, 9, 8}, 2, {0x0f, 0x05}, NATIVE_CALLS},
    /* struct user_regs_struct32; ebx, ecx, edx, esi, edi, ebp; int $0x80 */
    {AUDIT_ARCH_I386, 17, 4, 11, 6, 6, 12, {0, 1, 2, 3, 4, 5}, 2, {0xcd, 0x80}, {192, 91, 6, 172, 185, 346, 354}},
};
#else
enum { NATIVE_ARCHITECTURE = (int)AUDIT_ARCH_AARCH64 };
static const struct abi abis[ABIS] = {
    /* struct user_pt_regs */
    {AUDIT_ARCH_AARCH64, 34, 8, 8, 8, 0, 32, {0, 1, 2, 3, 4, 5}, 4, {1, 0, 0, 0xd4}, NATIVE_CALLS},
    /* r0 to r15, cpsr, r0 as it was */
    {AUDIT_ARCH_ARM, 18, 4, 7, 7, 0, 15, {0, 1, 2, 3, 4, 5}, 4, {0, 0, 0, 0xef}, {192, 91, 6, 172, 185, 375, 383}},
};
#endif

union registers {
  uint64_t wide[MOST_REGISTERS];
  uint32_t narrow[2 * MOST_REGISTERS];
};

/* The kind of program whose registers have so many bytes, or NULL. */
static inline const struct abi *abi_of(uint64_t size) {
  for (int i = 0; i < ABIS; i++) {
    if (size == (uint64_t)abis[i].count * abis[i].width) {
      return &abis[i];
    }
  }
  return (const struct abi *)0;
}

static inline uint64_t register_of(const struct abi *abi, const union registers *registers, int place) {
  return abi->width == 8 ? registers->wide[place] : registers->narrow[place];
}

static inline void set_register(const struct abi *abi, union registers *registers, int place, uint64_t value) {
  if (abi->width == 8) {
    registers->wide[place] = value;
  } else {
    registers->narrow[place] = (uint32_t)value;
  }
}

static inline uint64_t number_of(const struct abi *abi, const union registers *registers) {
  return register_of(abi, registers, abi->entered);
}

static inline int64_t result_of(const struct abi *abi, const union registers *registers) {
  const uint64_t result = register_of(abi, registers, abi->result);
  return abi->width == 8 ? (int64_t)result : (int32_t)result;
}

/* So that the instruction at a place makes a call. */
static inline void set_call(const struct abi *abi, union registers *registers, uint64_t at, uint64_t number,
                            const uint64_t *arguments) {
  for (int i = 0; i < 6; i++) {
    set_register(abi, registers, abi->arguments[i], arguments[i]);
  }
  set_register(abi, registers, abi->entered, ~(uint64_t)0); /* in no call: nothing is started again */
  set_register(abi, registers, abi->number, number);
  set_register(abi, registers, abi->pointer, at);
}

#endif
