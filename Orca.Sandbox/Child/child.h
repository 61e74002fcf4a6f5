/*
 * The smaller instruction set that a plan is encoded to. Launch/Operation.cs mirrors these structures; a test compares sizes
 * and offsets through orca_layout().
 */
#ifndef ORCA_CHILD_H
#define ORCA_CHILD_H

#include <stdint.h>

enum { ORCA_SLOTS = 256 };

enum orca_operation_kind {
  ORCA_OP_CALL = 0,              /* one system call */
  ORCA_OP_SEND_DESCRIPTOR = 1,   /* argument 0 goes to the parent */
  ORCA_OP_CLOSE_DESCRIPTORS = 2, /* all above 2 but the report socket; argument 0: keep the parent's pidfd too */
  ORCA_OP_BLOCK_SIGNALS = 3,     /* default actions for all, and none is delivered */
  ORCA_OP_CHECK_DIRECTORY = 4,   /* ENOENT when the working directory is outside the root */
  ORCA_OP_FORK = 5,              /* the rest runs in the command's process; this one becomes PID 1 */
  ORCA_OP_EXEC = 6,              /* argument 0: struct orca_exec */
  ORCA_OP_WAIT = 7,              /* until the parent says go */
  ORCA_OP_UNBLOCK_SIGNALS = 8,   /* all are delivered */
  ORCA_OP_RENAME = 9,            /* the process shows no command line of the host */
};

struct orca_operation {
  uint32_t kind;
  uint32_t step;              /* index of the plan's step, for the report */
  int64_t number;             /* of the system call */
  uint64_t arguments[6];      /* a value, an address, or a slot's index */
  uint64_t tolerated[2];      /* a bit for each errno that is no failure */
  uint32_t slot_mask;         /* bit i: argument i is a slot */
  int16_t result_slot;        /* where the result goes, or -1 */
  uint16_t skip_on_tolerated; /* operations to pass over after a tolerated error */
};

struct orca_exec {
  char *const *candidates; /* full paths, in order, ends with NULL */
  char *const *arguments;
  char *const *environment;
};

struct orca_program {
  const struct orca_operation *operations;
  uint64_t count;
  int32_t report;             /* socket to the parent, close-on-exec */
  int32_t parent;             /* pidfd of the parent, or -1 */
  const void *saved_terminal; /* struct termios to give back to descriptor 0 when the parent is killed, or NULL */
};

enum { ORCA_REPORT_TERMINAL = 0xffffffffu };

struct orca_report {
  uint32_t step; /* or ORCA_REPORT_TERMINAL */
  uint32_t error;
};

#endif
