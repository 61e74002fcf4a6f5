/*
 * Users of a container of one id (docs/identity.md): a program that gives up root for good becomes that user in the
 * kernel's own eyes.
 *
 *   question.c  how questions come in
 *   plain.c     calls of other kinds of program as the machine's own
 *   users.c     what is answered
 *   stop.c      what becomes of threads that are traced
 *   process.c   what /proc says of a process
 *   person.c    the ids that a thread was told it has
 *   space.c     user namespaces, one for each pair of ids
 *   become.c    a stopped thread is made to enter one
 *   chown.c     the filter that it gets
 *   peer.c      who the peer of a socket is
 *   note.c      tells a user why su and sudo have no effect
 *   guard.c     what keeps the init from waiting for a thread without end
 *   tracee.c    how a thread is stopped, made to call something, and let go
 *
 * All of it runs in the init's own thread: the kernel lets the thread that traces, and under Yama the ancestor only,
 * wait for and command a tracee.
 */
#ifndef ORCA_USERS_H
#define ORCA_USERS_H

#include <linux/seccomp.h>

#include "tracee.h"

enum {
  CLONE_NEWUSER_ = 0x10000000,
  ORCAS = 0x6163726f /* what marks a call as the init's own; the filter asks about no other (Seccomp/OneIdAnswers.cs) */
};

struct ids {
  uint32_t real, effective, saved;
};

/* A thread that has asked for other ids, and what it was told. */
struct person {
  int tid;
  uint64_t born; /* when its process began, in clock ticks: a number may be used again */
  struct ids user, group;
  int keeps;        /* it has kept capabilities over its change of users, and may change more */
  int traced;       /* seized, until its next exec */
  int leaving;      /* it is being let go */
  int64_t since;    /* when it was seized */
  uint64_t program; /* where its program's stack begins, by which one exec differs from the next */
  uint32_t rounds;  /* how many programs one after the other gave up root here, and had it again */
};

/* What /proc says of a thread that waits for an answer. */
struct asker {
  int process, parent, threads, filters;
  int tracer; /* or 0 */
  uint64_t born, program, space;
  uint64_t permitted, effective, inheritable, bounding;
};

/* What is known of this init once somebody has asked. Before, none of this code is called, and none is in memory. */
__attribute__((
    visibility("hidden"))) extern struct here { /* hidden: or it would be found by a table that nobody relocates */
  int known, usable;
  int self; /* its number */
  int listener;
  int parent;    /* pidfd of the launching process, or -1 */
  int is_reaper; /* the container is among the host's processes */
  int changes;      /* signalfd of SIGCHLD, for waits in the middle of something */
  int filters;      /* the init's own; who has others may die of what is injected */
  int is_too_early; /* a thread cannot be stopped behind the answer: Linux before 5.19 */
  uint64_t space;   /* its user namespace */
  uint64_t numbers; /* and that of its process ids */
  int subject; /* the thread that is made to call something now: it is not asked back about that */
} here;

/* ---- for the init's loop ---- */

/* Receives one question and answers it, or has it answered. Negative when there are none any more. */
long take_question(int listener, int parent, int is_reaper);

/* Answers one of those that came in while something else was done; false when there is none. */
int answer_waiting(void);

/* The end of a process or a thread that was reaped while something else was waited for; 0 when there is none. */
int unbury(int *status);

/* What wait4(2) told: true when a stop was a tracee's and is dealt with. */
int took_stop(int pid, int status);

/* Lets those go that neither end nor execute anything. Returns after how many milliseconds it wants to be called again,
 * or -1. */
int64_t let_idle_go(void);

/* ---- question.c ---- */

/* Waits until something may have ended or stopped, and queues what is asked meanwhile. */
void await_news(int64_t deadline);

/* What is asked by this thread only, in the middle of the init's own work: its number, and what it may call. */
struct expected {
  int tid;
  int space;   /* descriptor of the namespace that it is to get */
  int may_ask; /* it is the helper, and has been let make a namespace */
  int ready;   /* it has */
};
__attribute__((visibility("hidden"))) extern struct expected expected;

/* ---- plain.c ---- */

/* What is asked, by the numbers of the machine's own programs; -1 for a call that is not about users. */
struct seccomp_data as_own(const struct seccomp_data *data);

/* ---- users.c ---- */

enum {
  STOP_PATIENCE = 10000
}; /* for a thread to stop, in milliseconds; it comes at once, unless its processors are not given to it */

void answer_ids(const struct seccomp_notif *asked);

/* False when who asked is gone, or asks no more: what was found out by its number may be another's. */
int is_standing(const struct seccomp_notif *asked);

/* Writes to the container's standard error, unless that would have to be waited for: a terminal may be stopped. */
void say(const char *text, long size);

/* capset(2): who has kept capabilities over its change of users may be done with it. */
void answer_capabilities(const struct seccomp_notif *asked);

/* ---- stop.c ---- */

void bury(int pid, int status);

/* ---- guard.c ---- */

/* Starts the thread that does what the init cannot while it waits. */
void start_guard(void);

/* As seize(); a process that is being executed for longer than STOP_PATIENCE is killed. */
long seize_guarded(int tid, const struct asker *asker);

/* ---- peer.c ---- */

/* True for a process in a namespace just below the container's own. Only a process of root has made it, so its ids are
 * what root gave away; in one that is deeper, a user may have written a map that calls it root. */
int is_in_child_space(int pid);

int is_about_peer(const struct seccomp_data *data);

void answer_peer(const struct seccomp_notif *asked);

/* ---- note.c ---- */

int is_about_rights(const struct seccomp_data *data);

void note_rights(const struct seccomp_notif *asked);

/* ---- process.c ---- */

/* Opens a file of a process in /proc; the name begins with a slash. */
long open_proc_file(int pid, const char *name, int access);

/* Reads where a link of a process in /proc leads. */
long read_link(int pid, const char *name, char *to, size_t size);

/* The inode of a namespace of its, by the name of the link, or 0. */
uint64_t namespace_of(int pid, const char *name);

/* Reads a file of a process in /proc, of one page at most. */
long read_proc(int pid, const char *name, void *to, size_t size);

/* The inode of its user namespace, or 0. */
uint64_t space_of(int pid);

/* Its user namespace as a file. */
static inline long open_space(int pid) { return open_proc_file(pid, "/ns/user", O_RDONLY_); }

/* What a process has used of processors, in clock ticks. */
int64_t processor_time(int tid);

int read_asker(int tid, struct asker *asker);

/* The one id of its namespace, by the name of a map (user_namespaces(7)); 0 also where there are others. */
uint32_t only_id(int tid, const char *map);

/* ---- person.c ---- */

/* The one of that number, or NULL. */
struct person *person_of(int tid);

/* The one who asks, with what its parent had been told when it asks for the first time. */
struct person *meet(int tid, const struct asker *asker);

void forget(int tid);

struct person *each_person(int index);

/* Changes what a thread was told, by the rules of setuid(2), setreuid(2) and setresuid(2) and their like for groups.
 * False where these refuse. */
int change_ids(struct person *person, long number, const uint64_t *arguments);

/* True when there is one id left, and it is not root's: for good, or once it executes something, which makes the saved
 * id the effective one (execve(2)). */
int has_given_up_root(const struct person *person, int in_exec);

/* ---- space.c ---- */

struct space {
  uint32_t user, group;
  int file;       /* descriptor of the namespace */
  uint64_t inode; /* that by which a process in it is known */
};

/* The namespace of two ids, made when it is first wanted; NULL where the kernel refuses. */
const struct space *space_for(uint32_t user, uint32_t group);

/* True once a namespace was made: before that nobody has become a user. */
int has_spaces(void);

/* ---- become.c ---- */

enum become { BECAME, STAYED, LOST };

/* Makes a stopped thread, which is the only one of its process, that user. Where it stayed who it was, its registers
 * are as before; it is stopped still. */
enum become become(struct tracee *tracee, const struct space *space, int keep);

/* True when it keeps capabilities in spite of its change of users: it is not done yet, and may want another group. */
int keeps_capabilities(struct tracee *tracee);

/* ---- chown.c ---- */

/* Makes it load a filter that refuses to give its files to others; from a page that it has mapped. */
void refuse_chown(struct tracee *tracee, uint32_t user, uint64_t page);

#endif
