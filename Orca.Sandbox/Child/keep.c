/* See keep.h. No libc: the stub has none. */
#include "keep.h"

#include "call.h"

enum { SHOWN = 32768, END_OF_INPUT = 4 /* ^D */ };

static void shut(int32_t *descriptor) {
  if (*descriptor >= 0) {
    call(__NR_close, *descriptor, 0, 0, 0);
    *descriptor = -1;
  }
}

/* The reader of the terminal's output is gone, or the typist: the container hears a hang-up, as from a closed window, or the end of its input. */
static void hang_up(struct orca_keep *keep) {
  keep->input = -1;
  keep->typed = 0;
  shut(&keep->input_to);
  if (keep->is_terminal) {
    keep->output_from = -1; /* the same descriptor */
  }
}

static void wait_writable(int descriptor) {
  struct poll_entry entry = {descriptor, POLLOUT_, 0};
  call6(__NR_ppoll, (long)&entry, 1, 0, 0, 8, 0);
}

/* Writes all of it; waiting here is how a slow reader slows the container down. 0, or a negative errno. */
static long write_all(int descriptor, const uint8_t *bytes, long length) {
  while (length > 0) {
    const long count = call(__NR_write, descriptor, bytes, length, 0);
    if (count > 0) {
      bytes += count;
      length -= count;
    } else if (count == -EAGAIN_) {
      wait_writable(descriptor);
    } else if (count != -EINTR_) {
      return count;
    }
  }
  return 0;
}

/* Moves one read's worth; 0 when there was nothing more for now. */
static int show(struct orca_keep *keep, int32_t *from, int to) {
  uint8_t bytes[SHOWN];
  long count;
  do {
    count = call(__NR_read, *from, bytes, sizeof bytes, 0);
  } while (count == -EINTR_);
  if (count == -EAGAIN_) {
    return 0;
  }
  if (count == -EIO_ && keep->is_terminal) {
    return 0; /* nobody has the terminal open at the moment; that is no end */
  }
  if (count <= 0) {
    if (keep->is_terminal) {
      hang_up(keep);
    } else {
      shut(from);
    }
    return 0;
  }
  if (write_all(to, bytes, count) < 0) {
    if (keep->is_terminal) {
      hang_up(keep);
    } else {
      shut(from); /* the container hears EPIPE */
    }
    return 0;
  }
  return 1;
}

/* True when standard input is a terminal that another job has: it is left alone until a SIGCONT says that this one has it. */
static int is_in_background(struct orca_keep *keep) {
  int32_t foreground;
  keep->in_background = keep->signals >= 0 && call(__NR_ioctl, keep->input, TIOCGPGRP_, &foreground, 0) >= 0
                        && foreground != (int32_t)call(__NR_getpgid, 0, 0, 0, 0);
  return keep->in_background;
}

static void read_typed(struct orca_keep *keep) {
  if (is_in_background(keep)) {
    return;
  }
  const long count = call(__NR_read, keep->input, keep->buffer, sizeof keep->buffer, 0);
  if (count > 0) {
    keep->typed = (int32_t)count;
  } else if (count == 0 && keep->is_terminal) {
    keep->input = -1;
    keep->buffer[0] = END_OF_INPUT;
    keep->typed = 1;
  } else if (count == 0) {
    keep->input = -1;
    shut(&keep->input_to);
  } else if (count != -EAGAIN_ && count != -EINTR_) {
    hang_up(keep);
  }
}

static void pass_typed(struct orca_keep *keep) {
  const long count = call(__NR_write, keep->input_to, keep->buffer, keep->typed, 0);
  if (count > 0) {
    keep->typed -= (int32_t)count;
    for (int32_t i = 0; i < keep->typed; i++) {
      keep->buffer[i] = keep->buffer[i + count];
    }
  } else if (count != -EAGAIN_ && count != -EINTR_) {
    keep->input = -1;
    keep->typed = 0;
    if (!keep->is_terminal) {
      shut(&keep->input_to);
    }
  }
}

static void copy_size(const struct orca_keep *keep) {
  if (!keep->is_terminal) {
    return;
  }
  uint16_t size[4] = {0};
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (call(__NR_ioctl, descriptor, TIOCGWINSZ_, size, 0) >= 0) {
      call(__NR_ioctl, keep->output_from, TIOCSWINSZ_, size, 0); /* the kernel signals the programs behind it */
      return;
    }
  }
}

/* The next signal's number, or 0. */
static int next_signal(const struct orca_keep *keep) {
  uint32_t record[32]; /* struct signalfd_siginfo: 128 bytes; number, errno, code, pid */
  if (!keep->is_signalfd) {
    uint8_t number = 0;
    return call(__NR_read, keep->signals, &number, 1, 0) == 1 ? number : 0;
  }
  if (call(__NR_read, keep->signals, record, sizeof record, 0) != sizeof record) {
    return 0;
  }
  /* A write to a closed pipe raises SIGPIPE here; that is ours to deal with. */
  return record[0] == SIGPIPE_ && record[3] == (uint32_t)call(__NR_getpid, 0, 0, 0, 0) ? 0 : (int)record[0];
}

void orca_pass_signal(struct orca_keep *keep, int number) {
  if (number == SIGWINCH_ && keep->is_terminal) {
    copy_size(keep);
    return;
  }
  if (number == SIGCONT_) {
    keep->in_background = 0;
  }
  if (number == SIGCONT_ && keep->raw) {
    call(__NR_ioctl, 0, TCSETS_, keep->raw, 0); /* the shell has set its own modes meanwhile */
    copy_size(keep);
  }
  if (number > 0) {
    call(__NR_pidfd_send_signal, keep->process, number, 0, 0);
  }
}

static int drained(struct orca_keep *keep) {
  while (keep->output_from >= 0 && show(keep, &keep->output_from, 1)) {
  }
  while (keep->error_from >= 0 && show(keep, &keep->error_from, 2)) {
  }
  return ORCA_KEPT_ENDED;
}

struct span {
  int64_t seconds;
  int64_t nanoseconds;
};

int orca_keep(struct orca_keep *keep, int64_t milliseconds) {
  enum { REPORT, PROCESS, SIGNALS, INPUT, INPUT_TO, OUTPUT, ERROR, ENTRIES };
  struct span limit = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  for (;;) {
    if (keep->in_background) {
      is_in_background(keep); /* a job that is brought back while it runs hears of that by nothing */
    }
    struct span moment = {0, 200000000};
    const int reading = keep->input >= 0 && keep->typed == 0 && !keep->in_background;
    struct poll_entry entries[ENTRIES] = {
        [REPORT] = {keep->report, POLLIN_, 0},
        [PROCESS] = {keep->process, POLLIN_, 0},
        [SIGNALS] = {keep->signals, POLLIN_, 0},
        [INPUT] = {reading ? keep->input : -1, POLLIN_, 0},
        [INPUT_TO] = {keep->typed > 0 ? keep->input_to : -1, POLLOUT_, 0},
        [OUTPUT] = {keep->output_from, POLLIN_, 0},
        [ERROR] = {keep->error_from, POLLIN_, 0},
    };
    /* The kernel takes the time that passed off the limit, so that a busy container does not put the caller off for ever. */
    const long count = call6(__NR_ppoll, (long)entries, ENTRIES, keep->in_background ? (long)&moment : milliseconds < 0 ? 0 : (long)&limit, 0, 8, 0);
    if (count == 0 && keep->in_background) {
      continue;
    }
    if (count == 0) {
      return ORCA_KEPT_TIMEOUT;
    }
    if (count < 0) {
      continue;
    }
    if (entries[SIGNALS].returned) {
      orca_pass_signal(keep, next_signal(keep));
    }
    if (entries[INPUT].returned) {
      read_typed(keep);
    }
    if (keep->typed > 0 && keep->input_to >= 0 && (entries[INPUT_TO].returned || entries[INPUT].returned)) {
      pass_typed(keep);
    }
    if (entries[OUTPUT].returned && keep->output_from >= 0) {
      show(keep, &keep->output_from, 1);
    }
    if (entries[ERROR].returned && keep->error_from >= 0) {
      show(keep, &keep->error_from, 2);
    }
    if (entries[REPORT].returned) {
      return ORCA_KEPT_REPORT;
    }
    if (entries[PROCESS].returned) {
      return drained(keep);
    }
  }
}
