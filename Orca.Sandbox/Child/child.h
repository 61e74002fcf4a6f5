/*
 * The smaller instruction set that a plan is encoded to. Launch/Operation.cs mirrors these structures; a test compares sizes
 * and offsets through orca_layout().
 */
#ifndef ORCA_CHILD_H
#define ORCA_CHILD_H

#include "keep.h"

#include <stdint.h>

enum { ORCA_SLOTS = 256 };

enum orca_operation_kind {
  ORCA_OP_CALL = 0,              /* one system call */
  ORCA_OP_SEND_DESCRIPTOR = 1,   /* argument 0 goes to the parent */
  ORCA_OP_CLOSE_DESCRIPTORS = 2, /* all above 2 but those of struct orca_program, arguments 0 and 2, and as many from 3 on as argument 1 says */
  ORCA_OP_BLOCK_SIGNALS = 3,     /* default actions for all, and none is delivered */
  ORCA_OP_CHECK_DIRECTORY = 4,   /* ENOENT when the working directory is outside the root */
  ORCA_OP_INIT = 5,              /* becomes PID 1's program; argument 0: struct orca_init, 1: the terminal or -1, 2: the filter's listener, 3: where owners are noted, or -1; -2 in the joiner for owners in attributes alone; 4: in the joiner, whether the container's first process is watched */
  ORCA_OP_CONNECT = 6,           /* the pipes of struct orca_program become standard streams */
  ORCA_OP_MAKE_PLACE = 7,        /* path, enum orca_place; what that says is the result */
  ORCA_OP_AWAIT_PARENT = 8,      /* until it has written the id maps, or, when argument 0 is 1, seen the namespaces, once told that all are made: it says so in one byte */
  ORCA_OP_DELETE_TREE = 9,       /* path; argument 1: uint64_t that the freed bytes are added to */
  /* into a container that runs: see Stub/join.c, which performs all but the first */
  ORCA_OP_JOINER = 10,           /* becomes the joiner, which goes on with struct orca_joining; argument 0: struct orca_init, 1: bytes of that */
  ORCA_OP_JOIN = 11,             /* enters namespaces of the container's first process; argument 0: CLONE_NEW flags, 1: whether the host's /proc is held for ORCA_OP_MAKE_USER */
  ORCA_OP_MAKE_USER = 12,        /* a user namespace with user (argument 0) and group (1) alone; the result is its descriptor */
  ORCA_OP_ENTER = 13,            /* goes on as another child of the parent, which has an id in the container */
  ORCA_OP_OPEN_TERMINAL = 14,    /* one of the container's; argument 0: struct winsize, 1: struct orca_modes or 0; its master goes to the parent, the result is the other end */
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

struct orca_init {
  char *descriptors;       /* room for the child to write argument 1 of Stub/init.c, of which it is a part */
  char *const *arguments;  /* as Stub/init.c reads them */
  char *const *environment;
};

struct orca_program {
  const struct orca_operation *operations;
  uint64_t count;
  void *stack_top; /* of the child's stack, aligned to 16 */
  int32_t report;  /* socket to the parent, close-on-exec */
  int32_t parent;  /* pidfd of the parent, or -1 */
  int32_t stub;    /* memory file of PID 1's program */
  int32_t pipes[3]; /* what becomes standard input, output and error; -1 where the parent's own serves */
  int32_t target;  /* pidfd of the first process of the container that is joined, or -1 */
  int32_t joining; /* memory file with struct orca_joining, or -1 */
};

/* What the joiner does, as it finds it at ORCA_JOINING in its memory: addresses in it are those that it has there. */
struct orca_joining {
  uint64_t count;
  struct orca_operation operations[];
};

#define ORCA_JOINING ((uintptr_t)0x10000000)

enum {
  ORCA_REPORT_TERMINAL = 0xffffffffu,
  ORCA_REPORT_ISOLATED = 0xfffffffeu,
  ORCA_REPORT_STARTED = 0xfffffffdu, /* the command runs; from now on the socket is for stops and turns */
  ORCA_REPORT_STOPPED = 0xfffffffcu, /* the command was stopped by the signal in 'error' */
  ORCA_REPORT_ENTERED = 0xfffffffbu, /* a descriptor of the process that runs in the container comes beside this */
  ORCA_REPORT_ENDED = 0xfffffffau,   /* the command of a joined process has ended, with the status in 'error'; what it has left behind runs on */
};

struct orca_report {
  uint32_t step; /* or one of the above */
  uint32_t error;
};

/* What the init is told while the container runs. */
enum orca_turn_kind {
  ORCA_TURN_BACKGROUND = 0, /* the caller's terminal is another job's: the command is stopped when it reads its own */
  ORCA_TURN_FOREGROUND = 1, /* it is the container's; the modes are those to give back to it if orca is killed */
  ORCA_TURN_SUSPEND = 2,    /* the caller's terminal has stopped this job: so is the command's */
  ORCA_TURN_END = 3,        /* a joined process ends, and all that descends from it */
};

struct orca_turn {
  uint32_t kind;
  struct orca_modes modes;
};

#endif
