/*
 * Staying beside a container: passes signals on and carries bytes between this process's standard streams and the container's,
 * until the container ends. One loop serves both its users:
 *
 *   a .NET program    calls orca_keep() and hears the child's reports between its returns (Launch/ContainerMonitor.cs)
 *   the command line  becomes the stub after a moment (Launch/Handover.cs): the same loop in a process of a few pages
 */
#ifndef ORCA_KEEP_H
#define ORCA_KEEP_H

#include "journal.h"

#include <stdint.h>

enum {
  ORCA_TYPED = 4096,
  ORCA_SHOWN = 4096,         /* what one read of a terminal gives at most */
  ORCA_BY_TERMINAL = 0x80,   /* beside a signal's number: the caller's terminal has sent it, for a key */
};

/* What the container prints on its way out. A reader that stalls stops the container's writing, and nothing else. */
struct orca_flow {
  int32_t from;  /* the terminal's master, or a pipe; -1 when there is none, or no more */
  int32_t to;    /* the standard stream, opened once more without waiting where that can be; 0, which it never is, at first; -1 for the log */
  int32_t start; /* the bytes that are read and not yet written */
  int32_t length;
  uint8_t bytes[ORCA_SHOWN];
};

/* The kernel's struct termios on x86-64 and arm64. */
struct orca_modes {
  uint32_t input;
  uint32_t output;
  uint32_t control;
  uint32_t local;
  uint8_t discipline;
  uint8_t keys[19];
};

/* Zeroed at first; all descriptors are -1 when there is none. Launch/Keep.cs mirrors this structure. */
struct orca_keep {
  int32_t process;     /* pidfd of the container's first process */
  int32_t report;      /* readable when the child has something to say; -1 when that is not waited for */
  int32_t turns;       /* socket to the init (child.h, struct orca_turn): it reports a command that was stopped, and is told about the caller's terminal */
  int32_t signals;     /* where signals are read; -1 where they are not this container's, and this process is not to be stopped for it */
  int32_t is_signalfd; /* else it is a pipe of single bytes */
  int32_t input;       /* standard input, which is 0; and where its bytes go */
  int32_t input_to;
  int32_t keys;        /* standard input, opened once more where it is a terminal; 0 at first */
  int32_t is_terminal; /* input_to and output.from are one terminal's master */
  int32_t slave;       /* that terminal's other end, to ask what the container has not read yet; 0 at first */
  int32_t typed;       /* bytes in the buffer that the container has not read yet */
  int32_t asked_to_end; /* a signal that asks for the end came while the reader took nothing */
  int32_t looked;      /* how often the container was looked at for somebody who waits for input that others may want; LOOKS of keep.c: it has its input */
  int32_t reads_lines; /* the container's terminal gathers lines for whoever reads it */
  int64_t pause;       /* nanoseconds for which the keyboard is left alone: it is another job's, or the container has not read what it has */
  int64_t last_pause;
  int64_t suspended_at; /* when the user has pressed the key that stops a job; 0 for never */
  struct orca_modes saved; /* of the caller's terminal; zero before it was taken */
  struct orca_modes raw;   /* what it was set to */
  int32_t is_raw;
  uint8_t buffer[ORCA_TYPED];
  struct orca_flow output;
  struct orca_flow error;
  struct orca_journal journal;
  int32_t has_ended; /* the command has, before its process: what that has left behind in a container that was joined runs on */
  int32_t status;    /* of the command, then */
  int32_t is_held;   /* the container's terminal shows nothing until the key for that comes */
};

enum orca_kept {
  ORCA_KEPT_ENDED = 0,   /* the container has ended, and all it printed was shown */
  ORCA_KEPT_REPORT = 1,  /* the report socket is readable */
  ORCA_KEPT_TIMEOUT = 2, /* nothing of the two within the time */
};

/* Returns when there is something for the caller to do; milliseconds may be -1 for ever. */
int orca_keep(struct orca_keep *keep, int64_t milliseconds);

/* Passes one signal on: to the container, or, when it tells of the terminal's size, to its terminal. 0 is none; ORCA_BY_TERMINAL may be added. */
void orca_pass_signal(struct orca_keep *keep, int number);

#endif
