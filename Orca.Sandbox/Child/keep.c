/* See keep.h. No libc: the stub has none. */
#include "keep.h"

#include "call.h"

#include <linux/stat.h>

enum {
  END_OF_INPUT = 4 /* ^D */, MOMENT = 200 /* milliseconds */, KIND = 0170000, PIPE = 0010000, DEVICE = 0020000,
  SMALL = 255, /* what a terminal that says it is ready takes at once, as a rule */
};

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
    keep->output.from = -1; /* the same descriptor */
  }
}

/* True for a pipe, and for the end of a terminal that a program writes to: opening the other end makes a new terminal. */
static int can_be_opened_again(int standard) {
  struct statx status;
  int number;
  if (call6(__NR_statx, standard, (long)"", AT_EMPTY_PATH_, STATX_TYPE, (long)&status, 0) < 0) {
    return 0;
  }
  const int kind = status.stx_mode & KIND;
  return kind == PIPE || (kind == DEVICE && call(__NR_ioctl, standard, TIOCGWINSZ_, (uint16_t[4]){0}, 0) >= 0
                          && call(__NR_ioctl, standard, TIOCGPTN_, &number, 0) < 0);
}

/*
 * A terminal or pipe is opened once more, so that writing to it need not wait and nobody else's way of writing to it changes. Another user's
 * terminal cannot be: it is written to in small pieces when it is ready, and may still make this process wait.
 */
static int32_t open_again(int standard) {
  char path[] = "/proc/self/fd/0";
  path[sizeof path - 2] = (char)('0' + standard);
  const long opened = can_be_opened_again(standard)
                          ? call(__NR_openat, AT_FDCWD_, path, O_WRONLY_ | O_NONBLOCK_ | O_NOCTTY_ | O_CLOEXEC_, 0) : -1;
  return opened >= 0 ? (int32_t)opened : standard;
}

static void end_flow(struct orca_keep *keep, struct orca_flow *flow) {
  flow->length = 0;
  if (keep->is_terminal) {
    hang_up(keep);
  } else {
    shut(&flow->from); /* the container hears EPIPE */
  }
}

/* Reads what there is; 0 when that is nothing for now, or no more. */
static int take(struct orca_keep *keep, struct orca_flow *flow) {
  long count;
  do {
    count = call(__NR_read, flow->from, flow->bytes, sizeof flow->bytes, 0);
  } while (count == -EINTR_);
  if (count == -EAGAIN_ || (count == -EIO_ && keep->is_terminal)) {
    return 0; /* nobody has the terminal open at the moment: that is no end */
  }
  if (count <= 0) {
    end_flow(keep, flow);
    return 0;
  }
  flow->start = 0;
  flow->length = (int32_t)count;
  return 1;
}

/* Writes what was read; what the reader does not take yet stays. */
static void give(struct orca_keep *keep, struct orca_flow *flow) {
  while (flow->length > 0) {
    const int waits = flow->to <= 2;
    const long count = call(__NR_write, flow->to, flow->bytes + flow->start, waits && flow->length > SMALL ? SMALL : flow->length, 0);
    if (count > 0) {
      flow->start += (int32_t)count;
      flow->length -= (int32_t)count;
      keep->asked_to_end = 0; /* the reader takes what there is: it is not what somebody was tired of */
      if (waits) {
        return;
      }
    } else if (count == -EAGAIN_) {
      return;
    } else if (count != -EINTR_) {
      end_flow(keep, flow);
      return;
    }
  }
}

/* Moves what can be moved; 0 when nothing was. */
static int carry(struct orca_keep *keep, struct orca_flow *flow, int standard, int readable, int writable) {
  int moved = 0;
  if (flow->to == 0 && flow->from >= 0) {
    flow->to = open_again(standard);
  }
  if (flow->length == 0 && flow->from >= 0 && readable) {
    moved = take(keep, flow);
    writable |= flow->to != standard; /* one that waits is only written to when it is ready */
  }
  if (flow->length > 0 && writable) {
    give(keep, flow);
    moved = 1;
  }
  return moved;
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
      call(__NR_ioctl, keep->output.from, TIOCSWINSZ_, size, 0); /* the kernel signals the programs behind it */
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

/* The signals by which somebody says that it is enough. */
static int is_request_to_end(int number) { return number == SIGINT_ || number == SIGQUIT_ || number == SIGTERM_; }

static int is_stalled(const struct orca_keep *keep) { return keep->output.length > 0 || keep->error.length > 0; }

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
    keep->asked_to_end |= is_stalled(keep) && is_request_to_end(number);
    call(__NR_pidfd_send_signal, keep->process, number, 0, 0);
  }
}

struct span {
  int64_t seconds;
  int64_t nanoseconds;
};

/* Moves what there still is, until the reader takes no more. */
static void carry_rest(struct orca_keep *keep, struct orca_flow *flow, int standard) {
  while (carry(keep, flow, standard, 1, 0) && flow->length == 0) {
  }
}

/*
 * The container has ended: what it printed is still shown, unless somebody has said, while the reader took nothing, that it is enough, and the
 * reader takes nothing for another moment.
 */
static int drain(struct orca_keep *keep) {
  for (;;) {
    carry_rest(keep, &keep->output, 1);
    carry_rest(keep, &keep->error, 2);
    if (!is_stalled(keep)) {
      return ORCA_KEPT_ENDED;
    }
    struct poll_entry entries[] = {
        {keep->signals, POLLIN_, 0},
        {keep->output.length > 0 ? keep->output.to : -1, POLLOUT_, 0},
        {keep->error.length > 0 ? keep->error.to : -1, POLLOUT_, 0},
    };
    struct span patience = {1, 0};
    const long count = call6(__NR_ppoll, (long)entries, sizeof entries / sizeof *entries, keep->asked_to_end ? (long)&patience : 0, 0, 8, 0);
    if ((count == 0 && keep->asked_to_end) || (count < 0 && count != -EINTR_)) {
      return ORCA_KEPT_ENDED;
    }
    if (count <= 0) {
      continue;
    }
    if (entries[0].returned) {
      orca_pass_signal(keep, next_signal(keep));
    }
    carry(keep, &keep->output, 1, 0, entries[1].returned);
    carry(keep, &keep->error, 2, 0, entries[2].returned);
  }
}

static int source(const struct orca_flow *flow) { return flow->length == 0 ? flow->from : -1; }

static int target(const struct orca_flow *flow) { return flow->length > 0 ? flow->to : -1; }

int orca_keep(struct orca_keep *keep, int64_t milliseconds) {
  enum { REPORT, PROCESS, SIGNALS, INPUT, INPUT_TO, OUTPUT, OUTPUT_TO, ERROR, ERROR_TO, ENTRIES };
  struct span limit = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  for (;;) {
    if (keep->in_background) {
      is_in_background(keep); /* a job that is brought back while it runs hears of that by nothing */
    }
    struct span moment = {0, MOMENT * 1000000};
    const int reading = keep->input >= 0 && keep->typed == 0 && !keep->in_background;
    struct poll_entry entries[ENTRIES] = {
        [REPORT] = {keep->report, POLLIN_, 0},
        [PROCESS] = {keep->process, POLLIN_, 0},
        [SIGNALS] = {keep->signals, POLLIN_, 0},
        [INPUT] = {reading ? keep->input : -1, POLLIN_, 0},
        [INPUT_TO] = {keep->typed > 0 ? keep->input_to : -1, POLLOUT_, 0},
        [OUTPUT] = {source(&keep->output), POLLIN_, 0},
        [OUTPUT_TO] = {target(&keep->output), POLLOUT_, 0},
        [ERROR] = {source(&keep->error), POLLIN_, 0},
        [ERROR_TO] = {target(&keep->error), POLLOUT_, 0},
    };
    /* The kernel takes the time that passed off the limit, so that a busy container does not put the caller off for ever. */
    const long count = call6(__NR_ppoll, (long)entries, ENTRIES, keep->in_background ? (long)&moment : milliseconds < 0 ? 0 : (long)&limit, 0, 8, 0);
    if (count == 0 && keep->in_background && milliseconds < 0) {
      continue;
    }
    if (count == 0 && keep->in_background && limit.seconds * 1000 + limit.nanoseconds / 1000000 > MOMENT) {
      const int64_t left = limit.seconds * 1000 + limit.nanoseconds / 1000000 - MOMENT;
      limit = (struct span){left / 1000, left % 1000 * 1000000};
      continue;
    }
    if (count == 0) {
      return ORCA_KEPT_TIMEOUT;
    }
    if (count < 0 && count != -EINTR_) {
      return ORCA_KEPT_ENDED; /* nothing can be waited for, as with too low a limit of descriptors: the caller waits for the end alone */
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
    if (entries[OUTPUT].returned || entries[OUTPUT_TO].returned) {
      carry(keep, &keep->output, 1, entries[OUTPUT].returned, entries[OUTPUT_TO].returned);
    }
    if (entries[ERROR].returned || entries[ERROR_TO].returned) {
      carry(keep, &keep->error, 2, entries[ERROR].returned, entries[ERROR_TO].returned);
    }
    if (entries[REPORT].returned) {
      return ORCA_KEPT_REPORT;
    }
    if (entries[PROCESS].returned) {
      return drain(keep);
    }
  }
}
