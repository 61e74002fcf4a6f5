/* How questions come in, and which of them are the init's own. See users.h. */
#include <linux/ioctl.h>

#include "../call.h"
#include "answer.h"
#include "asker.h"
#include "users.h"
#include "rare.h"

enum {
  X32_MARK = 0x40000000,
  QUEUE = 1024, /* what is asked while something else is done; as many threads as ask at once, and untouched else */
};

struct here here;
struct expected expected = {.space = -1};

static struct seccomp_notif queue[QUEUE];
static uint32_t queue_first, queued;

static int own_number(const struct seccomp_data *data) { return as_own(data).nr; }

static int is_about_ids(const struct seccomp_data *data) {
  switch (own_number(data)) {
    case __NR_setuid:
    case __NR_setgid:
    case __NR_setreuid:
    case __NR_setregid:
    case __NR_setresuid:
    case __NR_setresgid:
    case __NR_setgroups: return 1;
    default: return 0;
  }
}

static int is_about_capabilities(const struct seccomp_data *data) { return own_number(data) == __NR_capset; }

/* What the init's own thread answers: the rest is another's, as files may be slow. */
static int is_mine(const struct seccomp_data *data) {
  return is_about_ids(data) || is_about_capabilities(data) || is_about_peer(data) || is_about_rights(data);
}

/* The filter asks about these only as the init makes them. */
static int is_inits_own(const struct seccomp_data *data) {
  return own_number(data) == __NR_setns || own_number(data) == __NR_unshare;
}

static long receive(struct seccomp_notif *asked) {
  memset(asked, 0, sizeof *asked);
  return call(__NR_ioctl, here.listener, SECCOMP_IOCTL_NOTIF_RECV, asked, 0);
}

/* Puts the namespace where the thread finds it, and tells it the descriptor's number. */
static long give_space(uint64_t id) {
  struct seccomp_notif_addfd place = {.id = id, .srcfd = (uint32_t)expected.space, .newfd_flags = O_CLOEXEC_};
  struct seccomp_notif_resp answer = {.id = id};
  answer.val = call(__NR_ioctl, here.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &place, 0);
  answer.error = answer.val < 0 ? (int32_t)answer.val : 0;
  answer.val = answer.val < 0 ? 0 : answer.val;
  return call(__NR_ioctl, here.listener, SECCOMP_IOCTL_NOTIF_SEND, &answer, 0);
}

/* What only the init makes somebody call; to everybody else it is refused, as it is without these marks. */
static void answer_own(const struct seccomp_notif *asked) {
  const int enters = own_number(&asked->data) == __NR_setns;
  const int is_x32 = (int)asked->data.arch == NATIVE_ARCHITECTURE && asked->data.nr & X32_MARK;
  const uint64_t kind = asked->data.args[enters ? 1 : 0];
  if (!expected.tid || (int)asked->pid != expected.tid || is_x32 || kind != CLONE_NEWUSER_
      || enters == (expected.space < 0 && !expected.may_ask)) {
    respond(here.listener, asked->id, -EPERM_);
  } else if (!enters) {
    expected.may_ask = 1;
    respond(here.listener, asked->id, GO_ON);
  } else if (expected.space < 0) {
    expected.ready = 1; /* it is left to wait: its work is done */
  } else if ((int)asked->data.args[0] == -1) {
    give_space(asked->id);
  } else {
    respond(here.listener, asked->id, GO_ON);
  }
}

void await_news(int64_t deadline) {
  struct poll_entry entries[2] = {{here.changes, POLLIN_, 0}, {here.listener, POLLIN_, 0}};
  const int64_t left = deadline - now();
  const int64_t time[2] = {left > 0 ? left / 1000 : 0, left > 0 ? left % 1000 * 1000000 : 0};
  if (call6(__NR_ppoll, (long)entries, 2, (long)time, 0, 8, 0) <= 0) {
    return;
  }
  if (entries[0].returned) {
    uint32_t records[32];
    call(__NR_read, here.changes, records, sizeof records, 0);
  }
  struct seccomp_notif asked;
  if (!entries[1].returned || receive(&asked) < 0) {
    return;
  }
  if (is_inits_own(&asked.data)) {
    answer_own(&asked);
  } else if (is_about_capabilities(&asked.data) && (int)asked.pid == here.subject) {
    respond(here.listener, asked.id, GO_ON);
  } else if (!is_mine(&asked.data)) {
    hand_over(here.listener, &asked);
  } else if (queued < QUEUE) {
    queue[(queue_first + queued++) % QUEUE] = asked;
  } else {
    respond(here.listener, asked.id,
            is_about_ids(&asked.data) ? DONE : GO_ON); /* what is asked by the init's leave must be heard */
  }
}

static void look_around(int listener, int parent, int is_reaper) {
  struct asker self;
  char link[24] = "";
  const uint64_t mask = 1ull << (SIGCHLD_ - 1);
  here.known = 1;
  here.self = (int)call(__NR_getpid, 0, 0, 0, 0);
  here.listener = listener;
  here.parent = parent;
  here.is_reaper = is_reaper;
  here.changes = (int)call(__NR_signalfd4, -1, &mask, 8, SFD_CLOEXEC_ | O_NONBLOCK_);
  /* /proc may be that of a container around this one, with other numbers. */
  here.usable = here.changes >= 0 && call(__NR_readlinkat, AT_FDCWD_, "/proc/self", link, sizeof link - 1) > 0
                && read_digits(link, 10) == (uint64_t)here.self && read_asker(here.self, &self) && self.filters > 0;
  here.filters = self.filters;
  here.space = self.space;
  here.numbers = namespace_of(here.self, "/ns/pid");
  if (here.usable) {
    start_guard(); /* under a limit of processes there may be none: threads are not seized then */
  }
}

static void answer(const struct seccomp_notif *asked) {
  if (is_inits_own(&asked->data)) {
    answer_own(asked);
  } else if (is_about_ids(&asked->data)) {
    answer_ids(asked);
  } else if (is_about_capabilities(&asked->data)) {
    answer_capabilities(asked);
  } else if (is_about_peer(&asked->data)) {
    answer_peer(asked);
  } else if (is_about_rights(&asked->data)) {
    note_rights(asked);
  } else {
    hand_over(here.listener, asked);
  }
}

int answer_waiting(void) {
  if (!queued) {
    return 0;
  }
  const struct seccomp_notif asked = queue[queue_first];
  queue_first = (queue_first + 1) % QUEUE;
  queued--;
  answer(&asked);
  return 1;
}

long take_question(int listener, int parent, int is_reaper) {
  struct seccomp_notif asked;
  if (!here.known) {
    look_around(listener, parent, is_reaper);
  }
  const long received = receive(&asked);
  if (received >= 0) {
    answer(&asked);
  }
  if (received == -EINTR_ || received == -ENOENT_) { /* ENOENT: who asked is gone */
    return 0;
  }
  here.listener = received < 0 ? -1 : here.listener;
  return received;
}
