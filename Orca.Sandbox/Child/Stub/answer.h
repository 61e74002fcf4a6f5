/*
 * What a filter of system calls cannot decide by itself, because it does not see what a pointer points to and remembers nothing: it asks the
 * init (seccomp_unotify(2)). That is for rare calls of a container's root, and for the group of a terminal that another user sets; all others the filter decides alone.
 * Here are those about files; changes of users are in users.h.
 *
 * An answer is help and no defence: everything asked about is allowed, and the kernel refuses what it refuses. So it matters little that
 * a program can change its memory after it was read. The init is in the container, with the container's rights and under its filter: it can do
 * nothing that root inside could not do.
 */
#ifndef ORCA_ANSWER_H
#define ORCA_ANSWER_H

#include <linux/seccomp.h>

enum { NOT_NOTED = -1 }; /* this container's owners are not remembered */

/* Where owners are noted that no attribute can carry (remember.c), or NOT_NOTED; less where there is no such place, as for a joined
 * process: links and the like are forgotten then. */
extern __attribute__((visibility("hidden"))) int owners_table; /* hidden: as `here` in users.h */

/* Has a thread answer one question, made at the first: the init's own work must not wait for a slow file system. Where there is none, it is answered as a filter that cannot ask would. */
void hand_over(int listener, const struct seccomp_notif *asked);

#endif
