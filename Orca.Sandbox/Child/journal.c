/* See journal.h. No libc: the stub has none. */
#include "journal.h"

#include "call.h"
#include "keep.h"

#include <linux/un.h>

#include "Stub/rare.h" /* a container at a terminal needs nothing of this */

enum { APPEND = 02000, CREATE = 0100, END = 2, MODE = 0600, DIGITS = 20, CLOCK_REALTIME_ = 0, DATAGRAM = 2, SECOND = 1000000000 };

struct part {
  const void *bytes;
  size_t length;
};

static void now(int64_t time[2]) { call(__NR_clock_gettime, CLOCK_REALTIME_, time, 0, 0); }

static char *put_number(char *to, uint64_t value) {
  char digits[DIGITS];
  int count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
  } while ((value /= 10) > 0);
  while (count > 0) {
    *to++ = digits[--count];
  }
  return to;
}

static void open_log(struct orca_journal *journal) {
  const long log = call(__NR_openat, journal->directory, "log", O_WRONLY_ | APPEND | CREATE | O_NOFOLLOW_ | O_CLOEXEC_, MODE);
  journal->log = log < 0 ? 0 : (int32_t)log;
  const long size = log < 0 ? 0 : call(__NR_lseek, log, 0, END, 0); /* an earlier run may have written to it */
  journal->size = size < 0 ? 0 : size;
}

/* The older half gives way. */
static void rotate(struct orca_journal *journal) {
  if (call(__NR_renameat2, journal->directory, "log", journal->directory, "log.1") >= 0) {
    call(__NR_close, journal->log, 0, 0, 0);
    open_log(journal);
  }
}

/* Writes a record whole or not at all: a part of one is cut off. */
static int append(struct orca_journal *journal, uint32_t stream, const void *bytes, uint32_t length) {
  struct orca_log_record record = {0, length, stream};
  const struct part parts[] = {{&record, sizeof record}, {bytes, length}};
  int64_t time[2] = {0};
  const int64_t whole = (int64_t)sizeof record + length;
  if (journal->log == 0) {
    open_log(journal);
  }
  if (journal->log > 0 && journal->size + whole > ORCA_LOG_SIZE) {
    rotate(journal);
  }
  now(time);
  record.nanoseconds = time[0] * SECOND + time[1];
  long written;
  do {
    written = journal->log == 0 ? -EIO_ : call(__NR_writev, journal->log, parts, sizeof parts / sizeof *parts, 0);
  } while (written == -EINTR_);
  if (written > 0 && written < whole) {
    call(__NR_ftruncate, journal->log, journal->size, 0, 0);
  }
  if (written != whole) {
    return 0;
  }
  journal->size += whole;
  return 1;
}

void orca_log(struct orca_keep *keep, struct orca_flow *flow) {
  struct orca_journal *const journal = &keep->journal;
  if (journal->lost > 0) {
    char number[DIGITS];
    journal->lost = append(journal, ORCA_LOG_LOST, number, (uint32_t)(put_number(number, (uint64_t)journal->lost) - number)) ? 0 : journal->lost;
  }
  if (journal->lost > 0 || !append(journal, flow == &keep->output ? 1 : 2, flow->bytes, (uint32_t)flow->length)) {
    journal->lost += flow->length;
  }
  flow->length = 0;
}

int orca_open_input(int directory) {
  struct sockaddr_un address = {.sun_family = 1, .sun_path = "/proc/self/fd/"}; /* short, wherever the directory lies (unix(7)) */
  char *end = put_number(address.sun_path + sizeof "/proc/self/fd/" - 1, (uint64_t)directory);
  for (const char *name = "/input"; *name; name++) {
    *end++ = *name;
  }
  const long file = call(__NR_socket, address.sun_family, DATAGRAM | O_NONBLOCK_ | O_CLOEXEC_, 0, 0);
  if (file < 0) {
    return (int)file;
  }
  call(__NR_unlinkat, directory, "input", 0, 0);
  const long error = call(__NR_bind, file, &address, offsetof(struct sockaddr_un, sun_path) + (end - address.sun_path) + 1, 0);
  if (error < 0) {
    call(__NR_close, file, 0, 0, 0);
    return (int)error;
  }
  return (int)file;
}

void orca_take_input(struct orca_keep *keep) {
  uint8_t kind = ORCA_INPUT_BYTES;
  const struct part parts[] = {{&kind, 1}, {keep->buffer, sizeof keep->buffer}};
  const long count = call(__NR_readv, keep->journal.input, parts, sizeof parts / sizeof *parts, 0) - 1;
  if (count <= 0) {
    return;
  }
  if (kind == ORCA_INPUT_SIZE && keep->is_terminal && count == sizeof(uint16_t[4])) {
    call(__NR_ioctl, keep->output.from, TIOCSWINSZ_, keep->buffer, 0);
  } else if (kind == ORCA_INPUT_BYTES && keep->input_to >= 0) {
    keep->typed = (int32_t)count;
  }
}

void orca_write_status(const struct orca_journal *journal, int status) {
  char text[96], *end = text;
  int64_t time[2] = {0};
  if (journal->status == 0) {
    return;
  }
  for (const char *word = status < 0 ? "started " : "ended "; *word; word++) {
    *end++ = *word;
  }
  if (status >= 0) {
    end = put_number(end, (uint64_t)status);
    *end++ = ' ';
  }
  now(time);
  end = put_number(end, (uint64_t)time[0]);
  *end++ = ' ';
  end = put_number(end, (uint64_t)time[1]);
  *end++ = '\n';
  call(__NR_write, journal->status, text, end - text, 0);
}
