/* See keep.h. No libc: the stub has none. */
#include "keep.h"

#include "call.h"
#include "reader.h"
#include "terminal.h"

#include <linux/stat.h>

enum {
  END_OF_INPUT = 4 /* ^D */, KIND = 0170000, PIPE = 0010000, DEVICE = 0020000,
  SMALL = 255, /* what a terminal that says it is ready takes at once, as a rule */
  MILLISECOND = 1000000, SECOND = 1000000000, SHORTEST_PAUSE = MILLISECOND, LONGEST_PAUSE = 200 * MILLISECOND, AFTER_SUSPEND = 100 * MILLISECOND,
  LOOKS = 12, /* with the pauses between them, about a second */
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

static int kind_of(int standard) {
  struct statx status;
  return call6(__NR_statx, standard, (long)"", AT_EMPTY_PATH_, STATX_TYPE, (long)&status, 0) < 0 ? 0 : status.stx_mode & KIND;
}

/* True for a pipe to write to, and for the end of a terminal that a program has: opening the other end makes a new terminal. */
static int can_be_opened_again(int standard) {
  int number;
  const int kind = kind_of(standard);
  return (kind == PIPE && standard > 0) || (kind == DEVICE && call(__NR_ioctl, standard, TIOCGWINSZ_, (uint16_t[4]){0}, 0) >= 0
                          && call(__NR_ioctl, standard, TIOCGPTN_, &number, 0) < 0);
}

/*
 * A terminal or pipe is opened once more, so that using it need not wait and nobody else's way of using it changes. Another user's
 * cannot be: it is written to in small pieces when it is ready, and may still make this process wait.
 */
static int32_t open_again(int standard) {
  char path[] = "/proc/self/fd/0";
  path[sizeof path - 2] = (char)('0' + standard);
  const long opened = can_be_opened_again(standard)
                          ? call(__NR_openat, AT_FDCWD_, path, (standard == 0 ? O_RDONLY_ : O_WRONLY_) | O_NONBLOCK_ | O_NOCTTY_ | O_CLOEXEC_, 0) : -1;
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

/* Writes without waiting, where that can be. */
static long put(const struct orca_flow *flow, int is_own) {
  const uint8_t *const bytes = flow->bytes + flow->start;
  if (is_own) {
    return call(__NR_write, flow->to, bytes, flow->length, 0);
  }
  const long count = call6(__NR_sendto, flow->to, (long)bytes, flow->length, MSG_DONTWAIT_ | MSG_NOSIGNAL_, 0, 0);
  if (count != -ENOTSOCK_) {
    return count;
  }
  const int32_t most = kind_of(flow->to) == DEVICE && flow->length > SMALL ? SMALL : flow->length; /* a pipe that is ready takes 4096 bytes */
  return call(__NR_write, flow->to, bytes, most, 0);
}

/* Writes what was read; what the reader does not take yet stays. */
static void give(struct orca_keep *keep, struct orca_flow *flow) {
  if (flow->to < 0) {
    orca_log(keep, flow);
    return;
  }
  while (flow->length > 0) {
    const int is_own = flow->to > 2;
    const long count = put(flow, is_own);
    if (count > 0) {
      flow->start += (int32_t)count;
      flow->length -= (int32_t)count;
      keep->asked_to_end = 0; /* the reader takes what there is: it is not what somebody was tired of */
      if (!is_own) {
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

static void rest(struct orca_keep *keep) {
  keep->last_pause = keep->last_pause == 0 ? SHORTEST_PAUSE : keep->last_pause * 2 > LONGEST_PAUSE ? LONGEST_PAUSE : keep->last_pause * 2;
  keep->pause = keep->last_pause;
}

static void end_input(struct orca_keep *keep) {
  keep->input = -1;
  shut(&keep->input_to);
}

/*
 * Input that is relayed by a pipe is left alone until the container waits for it: of a loop over lines ('while read x; do orca run ... $x; done')
 * the next lines are the loop's. Where nobody is seen to wait for a second it is handed in all the same, for a way of reading that is not known
 * here. A terminal's keys are not looked after so: who gives '-i' there asks for them.
 */
static int leaves_input(struct orca_keep *keep) {
  int number;
  if (keep->is_terminal || keep->input != 0) {
    return 0;
  }
  if (orca_is_in_background(keep)) {
    return 1;
  }
  if (keep->looked < LOOKS && call(__NR_ioctl, 0, TIOCGPGRP_, &number, 0) >= 0) {
    keep->looked = LOOKS;
  }
  return keep->looked < LOOKS;
}

/* By the descriptor that does not wait: another may read the same keyboard. */
static int may_read(struct orca_keep *keep) {
  if (keep->keys == 0 && keep->input == 0 && !leaves_input(keep)) {
    keep->keys = open_again(0);
  }
  return orca_may_read(keep);
}

/* The keyboard may be this job's again, or the container may wait for its input. */
static void look_again(struct orca_keep *keep) {
  keep->pause = 0;
  if (leaves_input(keep) && !orca_is_in_background(keep)) {
    keep->looked = orca_may_wait_for_input(keep->process, keep->input_to) ? LOOKS : keep->looked + 1;
    return;
  }
  if (may_read(keep) || keep->is_terminal || !orca_is_in_background(keep)) {
    return;
  }
  if (!orca_follow_reader(keep)) {
    end_input(keep);
  }
}

static void read_typed(struct orca_keep *keep) {
  if (!may_read(keep)) {
    rest(keep);
    return;
  }
  keep->last_pause = 0;
  /* Of keys that are typed ahead no more than a line is the container's: the next may be the caller's shell's. */
  const long count = call(__NR_read, keep->keys, keep->buffer, keep->is_raw && keep->reads_lines ? 1 : sizeof keep->buffer, 0);
  if (count > 0) {
    keep->typed = (int32_t)count;
  } else if (count == 0 && keep->is_terminal) {
    keep->input = -1;
    keep->buffer[0] = END_OF_INPUT;
    keep->typed = 1;
  } else if (count == 0) {
    end_input(keep);
  } else if (count != -EAGAIN_ && count != -EINTR_) {
    hang_up(keep);
  }
}

static void pass_typed(struct orca_keep *keep) {
  const int suspends = keep->is_raw && orca_mind_suspend(keep);
  const long count = call(__NR_write, keep->input_to, keep->buffer, keep->typed, 0);
  /* A moment later who waits for the key or the line has read it, or keys wait: orca_may_read(). */
  if (suspends) {
    keep->pause = keep->last_pause = AFTER_SUSPEND;
  } else if (count == keep->typed && keep->is_raw && (!keep->reads_lines || orca_has_unread(keep))) {
    keep->last_pause = 0;
    rest(keep);
  }
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
  return record[0] == SIGPIPE_ && record[3] == (uint32_t)call(__NR_getpid, 0, 0, 0, 0) ? 0
         : record[2] == SI_KERNEL_ ? (int)record[0] | ORCA_BY_TERMINAL : (int)record[0];
}

/* The signals by which somebody says that it is enough. */
static int is_request_to_end(int number) { return number == SIGINT_ || number == SIGQUIT_ || number == SIGTERM_; }

static int is_stalled(const struct orca_keep *keep) { return keep->output.length > 0 || keep->error.length > 0; }

void orca_pass_signal(struct orca_keep *keep, int number) {
  const int is_key = number & ORCA_BY_TERMINAL;
  number &= ~ORCA_BY_TERMINAL;
  if (number == SIGWINCH_ && keep->is_terminal) {
    orca_copy_size(keep);
    return;
  }
  keep->asked_to_end |= is_stalled(keep) && is_request_to_end(number);
  if (is_key && orca_type_signal(keep, number)) {
    return;
  }
  if (is_key && number == SIGTSTP_) {
    orca_suspend(keep);
    return;
  }
  if (number == SIGCONT_) {
    orca_go_on(keep);
  }
  if (number > 0) {
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

/* Also watched when there is nothing to write: a reader that is gone is told at the next write, not at the one after it. */
static struct poll_entry target(const struct orca_flow *flow, int standard) {
  const int is_open = flow->length > 0 || flow->from >= 0;
  return (struct poll_entry){!is_open ? -1 : flow->to != 0 ? flow->to : standard, flow->length > 0 ? POLLOUT_ : 0, 0};
}

static void carry_polled(struct orca_keep *keep, struct orca_flow *flow, int standard, int readable, int writable) {
  if (flow->length == 0 && writable & (POLLERR_ | POLLHUP_)) {
    end_flow(keep, flow);
  } else if (readable || writable) {
    carry(keep, flow, standard, readable, writable);
  }
}

int orca_keep(struct orca_keep *keep, int64_t milliseconds) {
  enum { REPORT, PROCESS, TURNS, SIGNALS, INPUT, INPUT_TO, OUTPUT, OUTPUT_TO, ERROR, ERROR_TO, SENT, ENTRIES };
  int64_t left = milliseconds < 0 ? -1 : milliseconds * MILLISECOND;
  for (;;) {
    const int reading = keep->input >= 0 && keep->typed == 0;
    if (reading && keep->pause == 0 && leaves_input(keep)) {
      rest(keep);
    }
    struct poll_entry entries[ENTRIES] = {
        [REPORT] = {keep->report, POLLIN_, 0},
        [PROCESS] = {keep->process, POLLIN_, 0},
        [TURNS] = {keep->turns, POLLIN_, 0},
        [SIGNALS] = {keep->signals, POLLIN_, 0},
        [INPUT] = {reading && keep->pause == 0 ? keep->input : -1, POLLIN_, 0},
        [INPUT_TO] = {keep->typed > 0 ? keep->input_to : -1, POLLOUT_, 0},
        [OUTPUT] = {source(&keep->output), POLLIN_, 0},
        [OUTPUT_TO] = target(&keep->output, 1),
        [ERROR] = {source(&keep->error), POLLIN_, 0},
        [ERROR_TO] = target(&keep->error, 2),
        [SENT] = {keep->typed == 0 && keep->journal.input > 0 ? keep->journal.input : -1, POLLIN_, 0},
    };
    /* The kernel says how much of the time is left, so that a busy container does not put the caller off for ever. */
    const int resting = reading && keep->pause > 0 && (left < 0 || keep->pause < left);
    const int64_t given = resting ? keep->pause : left;
    struct span time = {given / SECOND, given % SECOND};
    const long count = call6(__NR_ppoll, (long)entries, ENTRIES, given < 0 ? 0 : (long)&time, 0, 8, 0);
    const int64_t passed = given < 0 ? 0 : given - (time.seconds * SECOND + time.nanoseconds);
    left = left < 0 ? -1 : left > passed ? left - passed : 0;
    if (keep->pause > 0 && reading) {
      keep->pause = keep->pause > passed ? keep->pause - passed : 0;
    }
    if (resting && count == 0) {
      look_again(keep);
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
    if (entries[TURNS].returned) {
      orca_follow_stop(keep);
    }
    if (keep->has_ended) {
      return drain(keep);
    }
    if (entries[INPUT].returned && keep->input >= 0 && keep->typed == 0) {
      read_typed(keep);
    }
    if (entries[SENT].returned) {
      orca_take_input(keep);
    }
    if (keep->typed > 0 && keep->input_to >= 0 && (entries[INPUT_TO].returned || entries[INPUT].returned)) {
      pass_typed(keep);
    }
    carry_polled(keep, &keep->output, 1, entries[OUTPUT].returned, entries[OUTPUT_TO].returned);
    carry_polled(keep, &keep->error, 2, entries[ERROR].returned, entries[ERROR_TO].returned);
    if (entries[REPORT].returned) {
      return ORCA_KEPT_REPORT;
    }
    if (entries[PROCESS].returned) {
      return drain(keep);
    }
  }
}
