/* See job.h. */
#include "job.h"

void report_job(const struct job *job, uint32_t step, uint32_t error) {
  const struct orca_report message = {step, error};
  while (call(__NR_write, job->report, &message, sizeof message, 0) == -EINTR_) {
  }
}

void set_foreground(const struct job *job, int32_t group) { call(__NR_ioctl, job->terminal, TIOCSPGRP_, &group, 0); }

void signal_group(int command, int number) {
  if (call(__NR_kill, -command, number, 0, 0) < 0) {
    call(__NR_kill, command, number, 0, 0);
  }
}

int take_turn(struct job *job, int command) {
  struct orca_turn turn;
  if (call(__NR_read, job->report, &turn, sizeof turn, 0) != sizeof turn) {
    return 0;
  }
  if (turn.kind == ORCA_TURN_END) {
    return 1;
  }
  if (turn.kind == ORCA_TURN_SUSPEND) {
    signal_group(command, SIGTSTP_);
    return 0;
  }
  job->turn = turn;
  int32_t group = 0;
  const int32_t own = (int32_t)call(__NR_getpgid, 0, 0, 0, 0);
  if (job->terminal < 0 || call(__NR_ioctl, job->terminal, TIOCGPGRP_, &group, 0) < 0) {
    return 0;
  }
  if (turn.kind != ORCA_TURN_FOREGROUND) {
    set_foreground(job, own);
  } else if (group == own) { /* else the command has jobs of its own there */
    set_foreground(job, (int32_t)call(__NR_getpgid, command, 0, 0, 0));
  }
  return 0;
}

__attribute__((section(".rare.text"))) void give_modes_back(const struct job *job) {
  if (job->has_modes && job->turn.kind == ORCA_TURN_FOREGROUND) {
    call(__NR_ioctl, 0, TCSETS_, &job->turn.modes, 0);
  }
}

__attribute__((section(".rare.text"))) int is_hung_up(const struct job *job) {
  struct poll_entry terminal = {1, 0, 0};
  const uint64_t now[2] = {0, 0};
  return job->has_modes && call6(__NR_ppoll, (long)&terminal, 1, (long)now, 0, 8, 0) > 0 && terminal.returned & POLLHUP_;
}

/* Apart from what containers need that run (rare.h). */
__attribute__((section(".rare.text"))) void sweep(const char *children) {
  char text[4096];
  do {
    const long file = call(__NR_openat, AT_FDCWD_, children, O_RDONLY_ | O_CLOEXEC_, 0);
    long size = file < 0 ? 0 : call(__NR_read, file, text, sizeof text - 1, 0);
    if (file >= 0) {
      call(__NR_close, file, 0, 0, 0);
    }
    if (size <= 0) {
      return;
    }
    text[size] = 0;
    if (size == sizeof text - 1) { /* the last number may be cut short, and would be another process's */
      while (text[size - 1] != ' ') {
        text[--size] = 0;
      }
    }
    for (const char *next = text; *next >= '0' && *next <= '9';) {
      call(__NR_kill, read_number(&next), SIGKILL_, 0, 0);
    }
  } while (call(__NR_wait4, -1, 0, WALL_, 0) > 0);
}
