/* What is answered to who asks for other ids. See users.h. */
#include "users.h"

#include <linux/ioctl.h>

#include "../call.h"
#include "asker.h"
#include "rare.h"

enum {
  ERESTARTSYS_ = 512,
  MOST_ROUNDS = 30,
};

/* As the kernel answers a user without privileges; it cannot do so itself, as other ids do not exist there. */
static long answer_user(uint32_t user, uint32_t group, const struct seccomp_data *data) {
  const int is_group = data->nr == __NR_setgid || data->nr == __NR_setregid || data->nr == __NR_setresgid;
  const int count = data->nr == __NR_setuid || data->nr == __NR_setgid       ? 1
                    : data->nr == __NR_setreuid || data->nr == __NR_setregid ? 2
                                                                             : 3;
  if (data->nr == __NR_setgroups) {
    return -EPERM_;
  }
  for (int i = 0; i < count; i++) {
    const uint32_t id = (uint32_t)data->args[i];
    if (id != (is_group ? group : user) && (id != (uint32_t)-1 || count == 1)) {
      return id == (uint32_t)-1 ? -EINVAL_ : -EPERM_;
    }
  }
  return GO_ON;
}

void say(const char *text, long size) {
  struct poll_entry room = {2, POLLOUT_, 0};
  const uint64_t at_once[2] = {0, 0};
  if (here.parent < 0) {
    return; /* a joined process has closed its streams (init.c, stay): 2 may be a file of the init's own by now */
  }
  if (call6(__NR_ppoll, (long)&room, 1, (long)at_once, 0, 8, 0) > 0 && room.returned & POLLOUT_) {
    call(__NR_write, 2, text, size, 0);
  }
}

/* A program that gives up root, executes itself and has it again would go round for ever. */
static int goes_round(struct person *person, const struct asker *asker) {
  static const char
      before[] = "orca: cannot make a program user ",
      after[] = ": this host does not let one process change another (ptrace(2), user namespaces)\nhint: run with '-u ";
  char text[sizeof before + sizeof after + 40];
  if (person->program != asker->program) {
    person->program = asker->program;
    person->rounds++;
  }
  if (person->rounds == MOST_ROUNDS) {
    memcpy(text, before, sizeof before);
    char *end = write_digits(text + sizeof before - 1, person->user.real);
    memcpy(end, after, sizeof after);
    end = write_digits(end + sizeof after - 1, person->user.real);
    memcpy(end, "'\n", 2);
    say(text, end + 2 - text);
    person->rounds++;
  }
  return person->rounds > MOST_ROUNDS;
}

int is_standing(const struct seccomp_notif *asked) {
  return call(__NR_ioctl, here.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &asked->id, 0) >= 0;
}

/* Waits for a thread that was told to stop; 0 when it does not, and is let go. */
static int catch_up(struct tracee *tracee) {
  if (await_stop(tracee, EVENT_STOP) < 0) {
    forget(tracee->tid);
    return 0;
  }
  if (take_over(tracee, 0) < 0) {
    trace(PTRACE_CONT_, tracee->tid, 0, 0);
    return 0;
  }
  return 1;
}

static int is_behind(const struct tracee *tracee, const struct seccomp_notif *asked) {
  const struct abi *abi = tracee->abi;
  return number_of(abi, &tracee->saved) == (uint64_t)asked->data.nr && result_of(abi, &tracee->saved) == 0;
}

/* Who stays as it is stays traced: at its next exec it may go better. */
static void let_go(struct tracee *tracee, enum become became) {
  give_back(tracee, became == STAYED);
  if (became != STAYED) {
    forget(tracee->tid);
  }
}

/* The only thread of its process waits for an answer. It is stopped on the way back from the call, before it can do
 * anything else. */
static void change_now(struct person *person, const struct seccomp_notif *asked, const struct space *space) {
  struct tracee tracee = {.tid = person->tid, .deadline = now() + STOP_PATIENCE};
  trace(PTRACE_INTERRUPT_, tracee.tid, 0, 0);
  respond(here.listener, asked->id, DONE);
  if (!catch_up(&tracee)) {
    return;
  }
  /* Before Linux 5.19 the stop comes before the answer, and the call is made again. */
  const int behind = is_behind(&tracee, asked);
  here.is_too_early |= result_of(tracee.abi, &tracee.saved) == -ERESTARTSYS_;
  person->keeps = behind && keeps_capabilities(&tracee);
  const enum become became = !behind || person->keeps ? STAYED : become(&tracee, space, 0);
  let_go(&tracee, became);
}

static void take_leave(struct person *person, const struct seccomp_notif *asked, const struct asker *asker) {
  const int is_refused = goes_round(person, asker);
  const struct space *space =
      !is_refused && asker->filters == here.filters ? space_for(person->user.real, person->group.effective) : NULL;
  if (!space || !is_standing(asked) || (!person->traced && seize_guarded(person->tid, asker) < 0)) {
    respond(here.listener, asked->id, is_refused ? -EPERM_ : DONE);
    return;
  }
  person->traced = 1;
  person->since = now();
  if (!is_standing(asked)) { /* another thread may have that number by now: it is let go */
    person->leaving = 1;
    trace(PTRACE_INTERRUPT_, person->tid, 0, 0);
  } else if (asker->threads == 1 && has_given_up_root(person, 0) && !person->leaving && !here.is_too_early) {
    change_now(person, asked, space);
  } else {
    respond(here.listener, asked->id, DONE);
  }
}

void answer_ids(const struct seccomp_notif *asked) {
  const struct seccomp_data data = as_own(&asked->data);
  struct asker asker;
  const int known =
      here.usable && asked->pid && read_asker((int)asked->pid, &asker) && is_standing(asked);
  const uint32_t user = known && asker.space != here.space ? only_id((int)asked->pid, "/uid_map") : 0;
  struct person *person = known && asker.space == here.space ? meet((int)asked->pid, &asker) : NULL;
  if (user) {
    respond(here.listener, asked->id, answer_user(user, only_id((int)asked->pid, "/gid_map"), &data));
    return;
  }
  if (person && change_ids(person, data.nr, (const uint64_t *)data.args)
      && has_given_up_root(person, 1)) {
    take_leave(person, asked, &asker);
  } else {
    respond(here.listener, asked->id, DONE);
  }
}

/* The call is made; who then can change its ids no more is done with that, and becomes who it said, with what it has
 * left. */
void answer_capabilities(const struct seccomp_notif *asked) {
  enum { CAP_SETGID_ = 6, CAP_SETUID_ = 7 };
  struct person *person = person_of((int)asked->pid);
  struct asker asker;
  const int is_known = person && person->keeps && !person->leaving && !here.is_too_early
                       && read_asker(person->tid, &asker) && is_standing(asked) && asker.born == person->born
                       && asker.space == here.space && asker.threads == 1 && asker.filters == here.filters
                       && has_given_up_root(person, 0);
  const struct space *space = is_known ? space_for(person->user.real, person->group.effective) : NULL;
  if (!space || !is_standing(asked) || (asker.tracer != here.self && seize(person->tid) < 0)) {
    respond(here.listener, asked->id, GO_ON);
    return;
  }
  struct tracee tracee = {.tid = person->tid, .deadline = now() + STOP_PATIENCE};
  person->traced = 1;
  person->since = now();
  trace(PTRACE_INTERRUPT_, tracee.tid, 0, 0);
  if (!is_standing(asked)) {
    person->leaving = 1;
    return;
  }
  respond(here.listener, asked->id, GO_ON);
  if (!catch_up(&tracee)) {
    return;
  }
  const int is_done = is_behind(&tracee, asked) && read_asker(tracee.tid, &asker)
                      && !(asker.permitted & (1ull << CAP_SETGID_ | 1ull << CAP_SETUID_));
  const enum become became = is_done ? become(&tracee, space, 1) : STAYED;
  let_go(&tracee, became);
}
