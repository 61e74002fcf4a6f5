/*
 * What a run leaves in its container's directory, written by the process that watches the container:
 *
 *   status   "started SECONDS NANOSECONDS\n", and in the end "ended STATUS SECONDS NANOSECONDS\n"
 *   log      what a detached container prints: records of struct orca_log_record and the bytes after it; the older half is log.1
 *   input    socket (AF_UNIX, datagrams) on which a detached container takes input: enum orca_input_kind in the first byte
 *
 * A full disk stops the log, never the container: what has no room is counted, and the count is written when there is room again.
 */
#ifndef ORCA_JOURNAL_H
#define ORCA_JOURNAL_H

#include <stdint.h>

struct orca_keep;
struct orca_flow;

enum { ORCA_LOG_SIZE = 8 << 20 /* of one of the two files */, ORCA_LOG_LOST = 3 /* instead of a stream: the bytes are a number in decimal */ };

enum orca_input_kind {
  ORCA_INPUT_BYTES = 0,
  ORCA_INPUT_SIZE = 1, /* the terminal's: four numbers of 16 bits, struct winsize */
};

struct orca_log_record {
  int64_t nanoseconds; /* since 1970 */
  uint32_t length;     /* of the bytes that follow */
  uint32_t stream;     /* 1, 2 or ORCA_LOG_LOST */
};

/* Descriptors are 0 when there is none, as those below 3 never are. Launch/Keep.cs mirrors this structure. */
struct orca_journal {
  int32_t status;    /* opened to append */
  int32_t directory; /* the container's, where the log lies; 0 when nothing is logged */
  int32_t log;       /* opened at the first byte */
  int32_t input;
  int64_t size;      /* of the log */
  int64_t lost;      /* bytes since the last record that had room */
};

/* Writes what the container has printed, and was read. */
void orca_log(struct orca_keep *keep, struct orca_flow *flow);

/* Makes the socket for input in the container's directory; -errno when there cannot be one. */
int orca_open_input(int directory);

/* Takes one datagram: bytes become what is typed. */
void orca_take_input(struct orca_keep *keep);

/* Writes the time into the status; an exit status below 0 is the start. */
void orca_write_status(const struct orca_journal *journal, int status);

#endif
