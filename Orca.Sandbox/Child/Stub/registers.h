/* The registers of a traced thread (ptrace(2), NT_PRSTATUS), as far as a system call takes them. */
#ifndef ORCA_REGISTERS_H
#define ORCA_REGISTERS_H

#include <linux/audit.h>
#include <stdint.h>

#if defined(__x86_64__)
enum { NATIVE_ARCHITECTURE = (int)AUDIT_ARCH_X86_64, REGISTERS = 27, INSTRUCTION_SIZE = 2 };
static const uint8_t syscall_instruction[INSTRUCTION_SIZE] = {0x0f, 0x05};

enum {
  R10 = 7,
  R9 = 8,
  R8 = 9,
  RAX = 10,
  RDX = 12,
  RSI = 13,
  RDI = 14,
  ORIG_RAX = 15,
  RIP = 16
}; /* struct user_regs_struct */

static inline uint64_t instruction_of(const uint64_t *registers) { return registers[RIP]; }
static inline uint64_t number_of(const uint64_t *registers) { return registers[ORIG_RAX]; }
static inline int64_t result_of(const uint64_t *registers) { return (int64_t)registers[RAX]; }

static const uint8_t places[6] = {RDI, RSI, RDX, R10, R8, R9}; /* of a call's arguments */

static inline void set_call(uint64_t *registers, uint64_t at, uint64_t number, const uint64_t *arguments) {
  for (int i = 0; i < 6; i++) {
    registers[places[i]] = arguments[i];
  }
  registers[RAX] = number;
  registers[ORIG_RAX] = ~(uint64_t)0; /* in no call: nothing is started again */
  registers[RIP] = at;
}
#else
enum { NATIVE_ARCHITECTURE = (int)AUDIT_ARCH_AARCH64, REGISTERS = 34, INSTRUCTION_SIZE = 4 };
static const uint8_t syscall_instruction[INSTRUCTION_SIZE] = {0x01, 0x00, 0x00, 0xd4};

enum { X8 = 8, PC = 32 }; /* struct user_pt_regs */

static inline uint64_t instruction_of(const uint64_t *registers) { return registers[PC]; }
static inline uint64_t number_of(const uint64_t *registers) { return registers[X8]; }
static inline int64_t result_of(const uint64_t *registers) { return (int64_t)registers[0]; }

static const uint8_t places[6] = {0, 1, 2, 3, 4, 5}; /* of a call's arguments */

static inline void set_call(uint64_t *registers, uint64_t at, uint64_t number, const uint64_t *arguments) {
  for (int i = 0; i < 6; i++) {
    registers[places[i]] = arguments[i];
  }
  registers[X8] = number;
  registers[PC] = at;
}
#endif

/* True for the registers of a thread that is about to make that call by that instruction. */
static inline int is_call(const uint64_t *registers, uint64_t at, uint64_t number, const uint64_t *arguments) {
  int same = number_of(registers) == number && instruction_of(registers) == at + INSTRUCTION_SIZE;
  for (int i = 0; i < 6; i++) {
    same &= registers[places[i]] == arguments[i];
  }
  return same;
}

#endif
