/* See users.h. */
#include "../call.h"
#include "users.h"
#include "rare.h"

enum { PEOPLE = 1024, NO_CHANGE = -1 };

static struct person people[PEOPLE];
static int most; /* places behind these were never used */
static int next_victim;

struct person *each_person(int index) {
  return index < most ? &people[index] : NULL;
}

struct person *person_of(int tid) {
  for (int i = 0; i < most; i++) {
    if (people[i].tid == tid) {
      return &people[i];
    }
  }
  return NULL;
}

void forget(int tid) {
  struct person *person = person_of(tid);
  if (person) {
    memset(person, 0, sizeof *person);
  }
}

/* A free place; else one of a thread that is gone, or the oldest that is not traced: it is taken for root again. */
static struct person *find_place(void) {
  struct person *place = person_of(0);
  for (int i = 0; !place && i < most; i++) {
    if (call(__NR_tkill, people[i].tid, 0, 0, 0) == -ESRCH_) {
      place = &people[i];
    }
  }
  if (!place && most < PEOPLE) {
    place = &people[most++];
  }
  for (int i = 0; !place && i < PEOPLE; i++) {
    next_victim = (next_victim + 1) % PEOPLE;
    if (!people[next_victim].traced) {
      place = &people[next_victim];
    }
  }
  return place;
}

struct person *meet(int tid, const struct asker *asker) {
  struct person *person = person_of(tid);
  if (person && asker->tracer != here.self) {
    person->traced = person->leaving = 0; /* a thread that nobody had seized has taken its number by an exec */
  }
  if (person && (person->traced || person->born == asker->born)) {
    return person;
  }
  const struct person *parent = person_of(asker->parent);
  struct asker their;
  if (parent && (!read_asker(parent->tid, &their) || their.born != parent->born)) {
    parent = NULL; /* it is gone, and its number is another's */
  }
  if (!person && !(person = find_place())) {
    return NULL;
  }
  const struct person before = parent ? *parent : (struct person){0};
  *person = (struct person){.tid = tid,
                            .born = asker->born,
                            .user = before.user,
                            .group = before.group,
                            .program = before.program,
                            .rounds = before.rounds};
  return person;
}

static int is_one_of(const struct ids *ids, uint32_t id) {
  return id == (uint32_t)NO_CHANGE || id == ids->real || id == ids->effective || id == ids->saved;
}

static int set_all(struct ids *ids, int privileged, uint32_t id) {
  if (privileged && id != (uint32_t)NO_CHANGE) {
    *ids = (struct ids){id, id, id};
    return 1;
  }
  if (id != ids->real && id != ids->saved) {
    return 0;
  }
  ids->effective = id;
  return 1;
}

static int set_two(struct ids *ids, int privileged, uint32_t real, uint32_t effective) {
  const uint32_t before = ids->real;
  if (!privileged && (!is_one_of(ids, real) || !is_one_of(ids, effective))) {
    return 0;
  }
  ids->real = real == (uint32_t)NO_CHANGE ? ids->real : real;
  ids->effective = effective == (uint32_t)NO_CHANGE ? ids->effective : effective;
  if (real != (uint32_t)NO_CHANGE || (effective != (uint32_t)NO_CHANGE && effective != before)) {
    ids->saved = ids->effective;
  }
  return 1;
}

static int set_three(struct ids *ids, int privileged, uint32_t real, uint32_t effective, uint32_t saved) {
  if (!privileged && (!is_one_of(ids, real) || !is_one_of(ids, effective) || !is_one_of(ids, saved))) {
    return 0;
  }
  ids->real = real == (uint32_t)NO_CHANGE ? ids->real : real;
  ids->effective = effective == (uint32_t)NO_CHANGE ? ids->effective : effective;
  ids->saved = saved == (uint32_t)NO_CHANGE ? ids->saved : saved;
  return 1;
}

int change_ids(struct person *person, long number, const uint64_t *arguments) {
  const uint32_t a = (uint32_t)arguments[0], b = (uint32_t)arguments[1], c = (uint32_t)arguments[2];
  const int privileged = person->user.effective == 0 || person->keeps;
  switch (number) {
    case __NR_setuid: return set_all(&person->user, privileged, a);
    case __NR_setgid: return set_all(&person->group, privileged, a);
    case __NR_setreuid: return set_two(&person->user, privileged, a, b);
    case __NR_setregid: return set_two(&person->group, privileged, a, b);
    case __NR_setresuid: return set_three(&person->user, privileged, a, b, c);
    case __NR_setresgid: return set_three(&person->group, privileged, a, b, c);
    default: return 1; /* setgroups(2): a namespace of one id has no groups to name */
  }
}

int has_given_up_root(const struct person *person, int in_exec) {
  const struct ids *user = &person->user;
  return user->real && user->real == user->effective && (in_exec || user->real == user->saved);
}
