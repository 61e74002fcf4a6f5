/*
 * ptrace(2) seizes no thread of a process of which another executes something, but waits for that without end: for a
 * slow or leased file, and for the end of threads of which the tracer, who waits, would have to hear first. A thread of
 * the init hears of these instead, and in the end kills such a process, and with it the wait. It also hears of the end of
 * the launching process, which the container does not outlive, whatever the init waits for. See users.h.
 */
#include "../call.h"
#include "asker.h"
#include "job.h"
#include "users.h"
#include "rare.h"

enum { CLONE_FILES_ = 0x400, CLONE_SIGHAND_ = 0x800, CLONE_THREAD_ = 0x10000, STACK = 8192 };
enum { P_PID_ = 1, WNOWAIT_ = 0x1000000, CLD_EXITED_ = 1, CLD_DUMPED_ = 3, STEP = 50 };

static int orders[2] = {-1, -1}; /* a pipe: one word begins, the next one ends */

/* The end of a thread that is not the first of its process is nobody's to know; stops are left to who traces. */
static void reap_threads(int process) {
  const struct person *person;
  for (int i = 0; (person = each_person(i)); i++) {
    const int tid = person->tid;
    int info[32] = {0}; /* siginfo_t: signo, errno, code */
    if (person->traced && tid != process
        && call6(__NR_waitid, P_PID_, tid, (long)info, WEXITED_ | WNOHANG_ | WNOWAIT_ | WALL_, 0, 0) == 0
        && info[2] >= CLD_EXITED_ && info[2] <= CLD_DUMPED_) {
      call(__NR_wait4, tid, 0, WNOHANG_ | WALL_, 0);
    }
  }
}

/* The launching process is gone. The init ends everything better, which gives a terminal its modes back; but it may be
 * held by what is in the container, so that goes first here. */
__attribute__((noreturn)) static void end_all(void) {
  const int64_t grace[2] = {1, 0};
  char children[48] = "/proc/self/task/";
  call6(__NR_ppoll, 0, 0, (long)grace, 0, 8, 0);
  if (here.is_reaper) {
    char *end = write_digits(children + 16, (uint32_t)here.self);
    memcpy(end, "/children", sizeof "/children");
    sweep(children);
  } else {
    call(__NR_kill, -1, SIGKILL_, 0, 0);
  }
  leave(128 + SIGKILL_);
}

__attribute__((noreturn)) static void watch_over(void *unused) {
  int process = 0, waited = 0;
  (void)unused;
  for (;;) {
    const int64_t step[2] = {0, STEP * 1000000}; /* the kernel leaves in it what is left */
    struct poll_entry entries[2] = {{orders[0], POLLIN_, 0}, {here.parent, POLLIN_, 0}};
    const long count = call6(__NR_ppoll, (long)entries, 2, process ? (long)step : 0, 0, 8, 0);
    if (count > 0 && entries[1].returned && *(volatile int *)&here.parent >= 0) { /* a joined process has let go of it meanwhile */
      end_all();
    }
    if (count > 0 && call(__NR_read, orders[0], &process, sizeof process, 0) == sizeof process) {
      waited = 0;
    }
    if (count == 0) {
      reap_threads(process);
      waited += STEP;
      if (waited > STOP_PATIENCE) {
        call(__NR_kill, process, SIGKILL_, 0, 0);
      }
    }
  }
}

void start_guard(void) {
  static uint8_t stack[STACK] __attribute__((aligned(16)));
  if (call(__NR_pipe2, orders, O_CLOEXEC_, 0, 0) < 0) {
    return;
  }
  if (clone_sharing(CLONE_THREAD_ | CLONE_SIGHAND_ | CLONE_FILES_, stack + sizeof stack, NULL, watch_over, NULL) < 0) {
    close_between(orders[0], orders[0]);
    close_between(orders[1], orders[1]);
    orders[1] = -1;
  }
}

static int order(int process) {
  return call(__NR_write, orders[1], &process, sizeof process, 0) == sizeof process;
}

long seize_guarded(int tid, const struct asker *asker) {
  if (asker->threads == 1) { /* it waits for an answer, and executes nothing */
    return seize(tid);
  }
  if (orders[1] < 0 || !order(asker->process)) {
    return -EAGAIN_;
  }
  const long error = seize(tid);
  order(0);
  return error;
}
