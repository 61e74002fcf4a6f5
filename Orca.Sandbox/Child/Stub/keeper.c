/*
 * The keeper. Launch/Handover.cs starts it with the arguments orca had and, as the first variable, its orders:
 *
 *   ORCA_KEEP=PROCESS TURNS INPUT INPUT_TO OUTPUT_FROM ERROR_FROM IS_TERMINAL ORCA MODES CAUGHT MILLISECONDS SIGNAL STATUS DIRECTORY SENT TOKEN
 *
 *   PROCESS ... IS_TERMINAL   as in struct orca_keep        ORCA    descriptor of the program to start in the end
 *   MODES                     struct termios in hexadecimal that the caller's terminal gets back in the end, or - when it is not raw
 *   CAUGHT                    pipe with the signals that orca has caught and not passed on, one byte each
 *   MILLISECONDS SIGNAL       when to end the container, -1 for never, and by which signal; ten seconds later it is killed
 *   STATUS DIRECTORY SENT     as in struct orca_journal
 *   TOKEN                     this process's id, and what orca needs to clean up; copied
 *
 * In the end orca is started again with the same arguments and the variable ORCA_KEPT=STATUS PROCESS TOKEN instead; where ORCA is -1
 * there is nothing to clean up, and the keeper exits as the container did.
 */
#include "../keep.h"
#include "../terminal.h"
#include "stub.h"

enum { STATUS_TOOL_FAILED = 125, CLD_KILLED_ = 2, CLD_DUMPED_ = 3, ROOM = 512, GRACE = 10000 };

static int wait_for(int process) {
  int info[32] = {0}; /* siginfo_t: signo, errno, code, pad, pid, uid, status */
  while (call6(__NR_waitid, P_PIDFD_, process, (long)info, WEXITED_ | WALL_, 0, 0) == -EINTR_) {
  }
  return info[2] == CLD_KILLED_ || info[2] == CLD_DUMPED_ ? 128 + info[6] : info[6];
}

static int open_signals(void) {
  /* Left alone: SIGCHLD, the two that must stop this process when it touches its terminal from the background, and what orca was started to ignore. */
  uint64_t mask = ~(1ull << (SIGCHLD_ - 1) | 1ull << (SIGTTIN_ - 1) | 1ull << (SIGTTOU_ - 1));
  for (int number = SIG_FIRST; number <= SIG_LAST; number++) {
    uint64_t action[4] = {0}; /* struct kernel_sigaction: handler, flags, restorer, mask */
    if (number != SIGPIPE_ && call(__NR_rt_sigaction, number, 0, action, 8) == 0 && action[0] == SIG_IGN_) {
      mask &= ~(1ull << (number - 1));
    }
  }
  set_mask(mask);
  const long signals = call(__NR_signalfd4, -1, &mask, 8, SFD_CLOEXEC_);
  if (signals < 0) {
    set_mask(0); /* unread signals would be lost: they do what they do by default */
  }
  return (int)signals;
}

static char *append(char *to, const char *text) {
  while (*text) {
    *to++ = *text++;
  }
  *to = 0;
  return to;
}

__attribute__((noreturn)) void keeper_main(char **arguments, char **environment) {
  static char kept[ROOM];
  static struct orca_keep keep;
  const char *text = environment[0];
  call(__NR_prctl, PR_SET_NAME_, "orca", 0, 0);
  for (const char *name = "ORCA_KEEP="; *name; name++, text++) {
    if (!text || *text != *name) {
      started_by_nobody();
    }
  }
  keep.process = (int)read_number(&text);
  keep.report = -1;
  keep.turns = (int)read_number(&text);
  keep.signals = open_signals();
  keep.is_signalfd = 1;
  keep.input = (int)read_number(&text);
  keep.input_to = (int)read_number(&text);
  keep.output.from = (int)read_number(&text);
  keep.error.from = (int)read_number(&text);
  keep.is_terminal = (int)read_number(&text);
  const int orca = (int)read_number(&text);
  if (read_bytes(&text, (uint8_t *)&keep.saved, sizeof keep.saved)) {
    orca_keep_taken(&keep);
  }
  const int caught = (int)read_number(&text);
  int64_t limit = read_number(&text);
  int signal = (int)read_number(&text);
  keep.journal.status = (int)read_number(&text);
  keep.journal.directory = (int)read_number(&text);
  keep.journal.input = (int)read_number(&text);
  keep.output.to = keep.error.to = keep.journal.directory > 0 ? -1 : 0;

  for (uint8_t number; call(__NR_read, caught, &number, 1, 0) == 1;) {
    orca_pass_signal(&keep, number);
  }
  call(__NR_close, caught, 0, 0, 0);
  while (orca_keep(&keep, limit) != ORCA_KEPT_ENDED) {
    call(__NR_pidfd_send_signal, keep.process, signal, 0, 0);
    limit = GRACE;
    signal = SIGKILL_;
  }
  const int status = keep.has_ended ? keep.status : wait_for(keep.process);
  orca_give_terminal(&keep);
  orca_write_status(&keep.journal, status);
  if (orca < 0) {
    leave(status);
  }
  char *end = append(kept, "ORCA_KEPT=");
  *end++ = (char)('0' + status / 100 % 10);
  *end++ = (char)('0' + status / 10 % 10);
  *end++ = (char)('0' + status % 10);
  *end++ = ' ';
  for (; *text && end < kept + ROOM - 1; text++) {
    *end++ = *text;
  }
  environment[0] = kept; /* signals stay blocked: nothing should cut the clean-up short, and the status is the container's */
  call6(__NR_execveat, orca, (long)"", (long)arguments, (long)environment, AT_EMPTY_PATH_, 0);
  leave(status); /* what is left behind is swept by a later start */
}
