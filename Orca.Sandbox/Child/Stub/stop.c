/* What becomes of threads that are traced: at their next exec, at a stop, at their end. See users.h. */
#include "../call.h"
#include "users.h"
#include "rare.h"

enum {
  EXEC_PATIENCE = 5000 /* for a thread of several to execute something, in milliseconds; then a debugger may have it */
};

static struct { int pid, status; } buried[4];

void bury(int pid, int status) {
  for (size_t i = 0; i < sizeof buried / sizeof *buried; i++) {
    if (!buried[i].pid) {
      buried[i].pid = pid;
      buried[i].status = status;
      return;
    }
  }
}

int unbury(int *status) {
  for (size_t i = 0; i < sizeof buried / sizeof *buried; i++) {
    const int pid = buried[i].pid;
    if (pid) {
      *status = buried[i].status;
      buried[i].pid = 0;
      return pid;
    }
  }
  return 0;
}

/* A thread that is not its process's first takes the first's number when it executes something; the others are gone. */
static struct person *who_executed(int pid) {
  uint64_t before = (uint64_t)pid;
  trace(PTRACE_GETEVENTMSG_, pid, 0, (uint64_t)&before);
  struct person *person = person_of((int)before);
  if ((int)before != pid) {
    forget(pid);
    if (person) {
      person->tid = pid;
    }
  }
  return person;
}

static void change_after_exec(int pid) {
  struct person *person = who_executed(pid);
  struct tracee tracee = {.tid = pid, .deadline = now() + STOP_PATIENCE};
  struct asker asker;
  const struct space *space = NULL;
  if (person && has_given_up_root(person, 1) && read_asker(pid, &asker) && asker.space == here.space
      && asker.filters == here.filters) {
    space = space_for(person->user.real, person->group.effective);
  }
  if (person) {
    person->traced = person->leaving = 0;
  }
  enum become became = STAYED;
  if (space) {
    trace(PTRACE_SYSCALL_, pid, 0, 0); /* to where execve(2) is left */
    if (await_stop(&tracee, SYSCALL_STOP) < 0) {
      became = LOST;
    } else if (take_over(&tracee, 1) >= 0) {
      became = become(&tracee, space, 0);
      give_back(&tracee, 0);
      space = NULL;
    }
  }
  if (became != STAYED) {
    forget(pid);
  } else {
    trace(PTRACE_DETACH_, pid, 0, (uint64_t)tracee.stop);
  }
}

int took_stop(int pid, int status) {
  const int event = status >> 16, signal = (status >> 8) & 0xff;
  struct person *person = person_of(pid);
  if ((status & 0xff) != 0x7f) {
    forget(pid);
    return 0;
  }
  if (event == EVENT_EXEC) {
    change_after_exec(pid);
    return 1;
  }
  if (!person || !person->traced) {
    return 0;
  }
  const int passed = event || signal == SYSCALL_STOP ? 0 : signal;
  if (person->leaving) {
    person->traced = person->leaving = 0;
    trace(PTRACE_DETACH_, pid, 0, (uint64_t)passed);
  } else if (event == EVENT_STOP && signal != SIGTRAP_) {
    trace(PTRACE_LISTEN_, pid, 0, 0); /* stopped with all of its process, until that goes on */
    return 0;
  } else {
    trace(PTRACE_CONT_, pid, 0, (uint64_t)passed);
  }
  return 1;
}

int64_t let_idle_go(void) {
  int64_t first = -1;
  const int64_t time = now();
  struct person *person;
  for (int i = 0; (person = each_person(i)); i++) {
    if (!person->traced || person->leaving) {
      continue;
    }
    const int64_t left = person->since + EXEC_PATIENCE - time;
    if (left <= 0) {
      person->leaving = 1;
      if (trace(PTRACE_INTERRUPT_, person->tid, 0, 0) < 0) {
        person->traced = person->leaving = 0; /* it is not traced any more */
      }
    } else if (first < 0 || left < first) {
      first = left;
    }
  }
  return first;
}
