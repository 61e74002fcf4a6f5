/*
 * Staying beside a container: passes signals on and carries bytes between this process's standard streams and the container's,
 * until the container ends. One loop serves both its users:
 *
 *   a .NET program    calls orca_keep() and hears the child's reports between its returns (Launch/ContainerMonitor.cs)
 *   the command line  becomes the stub after a moment (Launch/Handover.cs): the same loop in a process of a few pages
 */
#ifndef ORCA_KEEP_H
#define ORCA_KEEP_H

#include <stdint.h>

enum { ORCA_TYPED = 4096, ORCA_SHOWN = 4096 /* what one read of a terminal gives at most */ };

/* What the container prints on its way out. A reader that stalls stops the container's writing, and nothing else. */
struct orca_flow {
  int32_t from;  /* the terminal's master, or a pipe; -1 when there is none, or no more */
  int32_t to;    /* the standard stream, opened once more without waiting where that can be; 0, which it never is, at first */
  int32_t start; /* the bytes that are read and not yet written */
  int32_t length;
  uint8_t bytes[ORCA_SHOWN];
};

/* Zeroed at first; all descriptors are -1 when there is none. Launch/Keep.cs mirrors this structure. */
struct orca_keep {
  int32_t process;     /* pidfd of the container's first process */
  int32_t report;      /* readable when the child has something to say; -1 when that is not waited for */
  int32_t signals;     /* where signals are read */
  int32_t is_signalfd; /* else it is a pipe of single bytes */
  int32_t input;       /* what is typed (standard input), and where it goes */
  int32_t input_to;
  int32_t is_terminal; /* input_to and output.from are one terminal's master */
  int32_t typed;       /* bytes in the buffer that the container has not read yet */
  int32_t asked_to_end; /* a signal that asks for the end came while the reader took nothing */
  int32_t in_background; /* the terminal is another job's: reading it would stop this process */
  const void *raw;     /* struct termios to set on standard input again when this process was stopped and goes on, or NULL */
  uint8_t buffer[ORCA_TYPED];
  struct orca_flow output;
  struct orca_flow error;
};

enum orca_kept {
  ORCA_KEPT_ENDED = 0,   /* the container has ended, and all it printed was shown */
  ORCA_KEPT_REPORT = 1,  /* the report socket is readable */
  ORCA_KEPT_TIMEOUT = 2, /* nothing of the two within the time */
};

/* Returns when there is something for the caller to do; milliseconds may be -1 for ever. */
int orca_keep(struct orca_keep *keep, int64_t milliseconds);

/* Passes one signal on: to the container, or, when it tells of the terminal's size, to its terminal. 0 is none. */
void orca_pass_signal(struct orca_keep *keep, int number);

#endif
