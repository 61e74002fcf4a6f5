/* See terminal.h. No libc: the stub has none. */
#include "terminal.h"

#include "call.h"
#include "child.h"
#include "reader.h"

/* termios(3) */
enum {
  ICRNL_ = 0x100, IXON_ = 0x400, COOKED_INPUT = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | ICRNL_ | IXON_, /* IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON */
  OPOST_ = 0x1, CS8_ = 0x30, CSIZE_PARENB = 0x30 | 0x100,
  ISIG_ = 0x1, ICANON_ = 0x2, NOFLSH_ = 0x80, COOKED_LOCAL = ISIG_ | ICANON_ | 0x8 | 0x40 | 0x8000, /* ECHO ECHONL IEXTEN */
  VINTR_ = 0, VQUIT_ = 1, VTIME_ = 5, VMIN_ = 6, VSTART_ = 8, VSTOP_ = 9, VSUSP_ = 10,
  END_OF_INPUT = 4, /* ^D */
  MILLISECOND = 1000000, SUSPENDS_WITHIN = 2000, /* milliseconds */
};

static int same(const struct orca_modes *a, const struct orca_modes *b) {
  const uint8_t *const one = (const uint8_t *)a, *const other = (const uint8_t *)b;
  for (size_t i = 0; i < sizeof *a; i++) {
    if (one[i] != other[i]) {
      return 0;
    }
  }
  return 1;
}

/* cfmakeraw(3) */
static void make_raw(struct orca_modes *modes) {
  modes->input &= ~(uint32_t)COOKED_INPUT;
  modes->output &= ~(uint32_t)OPOST_;
  modes->control = (modes->control & ~(uint32_t)CSIZE_PARENB) | CS8_;
  modes->local &= ~(uint32_t)COOKED_LOCAL;
  modes->keys[VMIN_] = 1;
  modes->keys[VTIME_] = 0;
}

static void set_raw(struct orca_keep *keep, const struct orca_modes *raw) {
  if (!same(&keep->raw, raw)) {
    keep->raw = *raw;
    call(__NR_ioctl, 0, TCSETS_, raw, 0);
  }
}

int orca_in_foreground(void) {
  int32_t foreground;
  return call(__NR_ioctl, 0, TIOCGPGRP_, &foreground, 0) < 0 || foreground == (int32_t)call(__NR_getpgid, 0, 0, 0, 0);
}

int orca_is_in_background(const struct orca_keep *keep) { return keep->input == 0 && keep->signals >= 0 && !orca_in_foreground(); }

void orca_take_terminal(struct orca_keep *keep) {
  struct orca_modes now;
  if (keep->input != 0 || orca_is_in_background(keep) || call(__NR_ioctl, 0, TCGETS_, &now, 0) < 0 || (keep->is_raw && same(&now, &keep->raw))) {
    return;
  }
  /* What is raw once this process has had it is of its own making, or of another run's. */
  if (now.local & ICANON_ || keep->saved.control == 0) {
    keep->saved = now;
  }
  orca_keep_taken(keep);
  call(__NR_ioctl, 0, TCSETS_, &keep->raw, 0);
}

void orca_keep_taken(struct orca_keep *keep) {
  keep->raw = keep->saved;
  make_raw(&keep->raw);
  keep->is_raw = 1;
}

void orca_give_terminal(struct orca_keep *keep) {
  struct orca_modes now, raw = keep->saved;
  make_raw(&raw);
  if (keep->is_raw && !same(&keep->saved, &raw) && !orca_is_in_background(keep) && call(__NR_ioctl, 0, TCGETS_, &now, 0) >= 0 && !(now.local & ICANON_)) {
    call(__NR_ioctl, 0, TCSETSW_, &keep->saved, 0);
  }
  keep->is_raw = 0;
}

int orca_has_unread(struct orca_keep *keep) {
  int32_t count = 0;
  if (keep->is_terminal && keep->slave == 0) {
    const long slave = call(__NR_ioctl, keep->input_to, TIOCGPTPEER_, O_RDWR_ | O_NOCTTY_ | O_CLOEXEC_, 0);
    keep->slave = slave > 0 ? (int32_t)slave : -1;
  }
  const int32_t queue = keep->is_terminal ? keep->slave : keep->input_to;
  return queue >= 0 && call(__NR_ioctl, queue, FIONREAD_, &count, 0) >= 0 && count > 0;
}

static int key_of(int number) { return number == SIGINT_ ? VINTR_ : number == SIGQUIT_ ? VQUIT_ : number == SIGTSTP_ ? VSUSP_ : -1; }

static int64_t now(void) {
  int64_t time[2] = {0}; /* seconds, nanoseconds */
  call(__NR_clock_gettime, CLOCK_MONOTONIC_, time, 0, 0);
  return time[0] * 1000 + time[1] / MILLISECOND;
}

static int type_key(struct orca_keep *keep, int key) {
  if (key == VSUSP_) {
    keep->suspended_at = now();
  }
  return call(__NR_write, keep->input_to, &keep->raw.keys[key], 1, 0) == 1;
}

/*
 * A key that raises a signal may have come just before the caller's terminal was told to raise it: then it is a byte in that queue, and would be
 * heard by nobody. So a single byte that came meanwhile is read; if it is no such key it is the container's. More bytes are what was pasted, or
 * typed for the shell.
 */
static void find_signal_key(struct orca_keep *keep) {
  int32_t count = 0;
  if (keep->typed > 0 || keep->keys <= 0 || call(__NR_ioctl, 0, FIONREAD_, &count, 0) < 0 || count != 1
      || call(__NR_read, keep->keys, keep->buffer, 1, 0) != 1) {
    return;
  }
  static const uint8_t signals[] = {SIGINT_, SIGQUIT_, SIGTSTP_};
  for (size_t i = 0; i < sizeof signals; i++) {
    const int key = key_of(signals[i]);
    if (keep->buffer[0] && keep->buffer[0] == keep->raw.keys[key]) {
      type_key(keep, key);
      return;
    }
  }
  keep->typed = 1;
}

/*
 * While keys wait in the caller's terminal it must be that one which acts on Ctrl-C and its like, for nobody would read them; and Enter
 * must end a line there, for the shell that may read it.
 */
static void mind_waiting_keys(struct orca_keep *keep, int waiting) {
  struct orca_modes raw = keep->saved, inner;
  const int raised = keep->raw.local & ISIG_;
  make_raw(&raw);
  keep->reads_lines = 0;
  if (call(__NR_ioctl, keep->input_to, TCGETS_, &inner, 0) >= 0) { /* a master answers with the modes of its slave */
    keep->reads_lines = (inner.local & ICANON_) != 0;
    if (waiting) {
      raw.local |= inner.local & (ISIG_ | NOFLSH_);
      raw.input |= keep->reads_lines ? inner.input & ICRNL_ : 0;
      raw.keys[VINTR_] = inner.keys[VINTR_];
      raw.keys[VQUIT_] = inner.keys[VQUIT_];
      raw.keys[VSUSP_] = inner.keys[VSUSP_];
    }
  }
  set_raw(keep, &raw);
  if (raw.local & ISIG_ && !raised) {
    find_signal_key(keep);
  }
}

int orca_may_read(struct orca_keep *keep) {
  int32_t foreground;
  if (call(__NR_ioctl, 0, TIOCGPGRP_, &foreground, 0) < 0) {
    return 1; /* no terminal, or nobody's job: nobody else waits for what it reads */
  }
  if (orca_is_in_background(keep)) {
    return 0;
  }
  const int unread = orca_has_unread(keep);
  if (keep->is_terminal) {
    orca_take_terminal(keep);
    mind_waiting_keys(keep, unread);
  }
  return !unread || keep->is_held;
}

int orca_mind_suspend(struct orca_keep *keep) {
  struct orca_modes inner = {0};
  call(__NR_ioctl, keep->input_to, TCGETS_, &inner, 0);
  for (int32_t i = 0; i < keep->typed; i++) {
    /* What is typed while Ctrl-S holds the output must arrive: the program may wait for Ctrl-Q, and read nothing. */
    keep->is_held = inner.input & IXON_ && keep->buffer[i] != inner.keys[VSTART_] && (keep->is_held || keep->buffer[i] == inner.keys[VSTOP_]);
    if (keep->buffer[i] && keep->buffer[i] == keep->saved.keys[VSUSP_]) {
      keep->suspended_at = now();
      mind_waiting_keys(keep, 1);
      return 1;
    }
  }
  return 0;
}

int orca_type_signal(struct orca_keep *keep, int number) {
  const int key = key_of(number);
  return keep->is_raw && key >= 0 && keep->input_to >= 0 && type_key(keep, key);
}

static void tell(const struct orca_keep *keep, uint32_t kind) {
  const struct orca_turn turn = {kind, keep->saved};
  if (keep->turns >= 0) {
    call6(__NR_sendto, keep->turns, (long)&turn, sizeof turn, MSG_DONTWAIT_ | MSG_NOSIGNAL_, 0, 0);
  }
}

/*
 * Stops this process as Ctrl-Z would, or all of its job, until somebody lets it go on. A group without a shell above it is not stopped by
 * the kernel. Apart from the rest (Stub/rare.h): what every container maps fits into four pages.
 */
__attribute__((section(".rare.text"))) static void stop(int whole_job) {
  const struct kernel_sigaction ignored = {.handler = (void *)SIG_IGN_}, standard = {0};
  struct kernel_sigaction before;
  const uint64_t this_one = 1ull << (SIGTSTP_ - 1);
  uint64_t mask;
  call(__NR_rt_sigaction, SIGTSTP_, &ignored, &before, 8);
  if (before.handler == (void *)SIG_IGN_) {
    return; /* by the caller's wish */
  }
  call(__NR_rt_sigprocmask, SIG_UNBLOCK_, &this_one, &mask, 8); /* what is blocked would be kept, though ignored, and stop this process once more */
  if (whole_job) {
    call(__NR_kill, 0, SIGTSTP_, 0, 0);
  }
  call(__NR_rt_sigaction, SIGTSTP_, &standard, 0, 8);
  call(__NR_tgkill, call(__NR_getpid, 0, 0, 0, 0), call(__NR_gettid, 0, 0, 0, 0), SIGTSTP_, 0);
  set_mask(mask);
  call(__NR_rt_sigaction, SIGTSTP_, &before, 0, 8);
}

void orca_suspend(struct orca_keep *keep) {
  if (keep->turns >= 0) {
    tell(keep, ORCA_TURN_SUSPEND); /* a command that is stopped by it is reported, and this process follows */
    return;
  }
  call(__NR_pidfd_send_signal, keep->process, SIGSTOP_, 0, 0); /* without an init nothing else stops a first process */
  stop(0);
}

/*
 * What reads the terminal from the background is treated as the kernel treats it: nothing is read, and it stops this job, or says that nobody
 * could continue it. Then there is no more input.
 */
static int read_from_background(const struct orca_keep *keep) {
  uint8_t nothing;
  return keep->input != 0 || call(__NR_read, 0, &nothing, 0, 0) != -EIO_;
}

int orca_follow_reader(struct orca_keep *keep) {
  return keep->is_terminal || keep->input_to < 0 || !orca_waits_for_input(keep->process, keep->input_to) || read_from_background(keep);
}

void orca_go_on(struct orca_keep *keep) {
  keep->pause = 0;
  if (!keep->is_terminal) {
    return;
  }
  if (orca_is_in_background(keep)) {
    keep->is_raw = 0; /* the shell has set its own modes */
    tell(keep, ORCA_TURN_BACKGROUND);
    return;
  }
  orca_take_terminal(keep);
  orca_copy_size(keep);
  tell(keep, ORCA_TURN_FOREGROUND);
}

void orca_follow_stop(struct orca_keep *keep) {
  struct orca_report report;
  const long count = call6(__NR_recvfrom, keep->turns, (long)&report, sizeof report, MSG_DONTWAIT_, 0, 0);
  if (count != sizeof report) {
    keep->turns = count == -EAGAIN_ || count == -EINTR_ ? keep->turns : -1;
    return;
  }
  if (report.step == ORCA_REPORT_ENDED) {
    keep->has_ended = 1;
    keep->status = (int32_t)report.error;
    return;
  }
  const int wants_terminal = report.error == SIGTTIN_ || report.error == SIGTTOU_;
  if (report.step != ORCA_REPORT_STOPPED || (report.error == SIGSTOP_ && !keep->is_raw)) {
    return; /* SIGSTOP: whoever has sent it lets the command go on; but at a terminal this may be a shell's 'suspend' */
  }
  if (keep->signals >= 0 && wants_terminal) {
    if (!read_from_background(keep)) {
      keep->input = -1;
      keep->buffer[0] = END_OF_INPUT;
      keep->typed = 1;
    }
  } else if (keep->signals >= 0) {
    /* Only for the user's key: a command that stops itself stops no other program. Where the terminal is not raw it has seen to the others. */
    const int whole_job = keep->is_raw && keep->suspended_at != 0 && now() - keep->suspended_at < SUSPENDS_WITHIN;
    keep->suspended_at = 0;
    orca_give_terminal(keep);
    stop(whole_job);
  }
  orca_go_on(keep);
  call(__NR_pidfd_send_signal, keep->process, SIGCONT_, 0, 0);
}

void orca_copy_size(const struct orca_keep *keep) {
  uint16_t size[4] = {0};
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (call(__NR_ioctl, descriptor, TIOCGWINSZ_, size, 0) >= 0) {
      call(__NR_ioctl, keep->output.from, TIOCSWINSZ_, size, 0); /* the kernel signals the programs behind it */
      return;
    }
  }
}
