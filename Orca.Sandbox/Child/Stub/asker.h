/*
 * Who asks: what the parts of an answer (answer.h) find out about a process that waits for it, and the answers they give.
 */
#ifndef ORCA_ASKER_H
#define ORCA_ASKER_H

#include <linux/seccomp.h>

#include "stub.h"

enum { DONE = 0, GO_ON = 1 }; /* answers: the call is done, the kernel shall make it; a negative one is its errno */

/* Reads as much as there is of its memory, page by page, and returns how much that was; or -errno. */
long read_memory(uint32_t process, uint64_t address, void *to, size_t size);

/* Reads a string of at most a page; -ENAMETOOLONG when it does not end within its room. */
long read_text(uint32_t process, uint64_t address, char *to, size_t room);

int begins(const char *text, const char *beginning);

/* setxattr(2) and its like: the addresses of the name and the value. */
long about_attribute(uint32_t process, uint64_t name_at, uint64_t value_at, uint64_t size);

/* setxattrat(2). */
long about_attribute_at(uint32_t process, const struct seccomp_data *data);

/* mknodat(2) of a device; without /proc (-1), no file is made. */
long about_node(int listener, const struct seccomp_notif *asked, int proc, int directory, uint64_t path_at, uint32_t mode, uint32_t device);

enum { NO_NUMBER = -1 };

/* Opens what lies below as a place, where a link of /proc leads; a number that is not negative ends the name. */
long open_below(int directory, const char *name, long number);

/* Where a path of theirs starts; -ENOENT for a descriptor that cannot be. */
long open_base(int process, int directory, const char *path);

/* chown(2), lchown(2), fchownat(2) of a path; the user who is to own it, or -1. */
long about_owner(uint32_t process, uint64_t path_at, uint32_t user);

/* The same where the container's owners are remembered (remember.c); flags are those of fchownat(2). */
long remember_owner(int listener, const struct seccomp_notif *asked, int proc, int directory, uint64_t path_at, uint32_t flags, uint32_t user, uint32_t group);

/* Remembers that a file in the current directory stands for a device. */
long remember_node(int proc, const char *path, uint32_t mode, uint32_t device);

/* Notes which mount the container's root is. */
void begin_to_remember(void);

/* fchown(2); without /proc (-1) it is not known of what. */
long about_open_owner(uint32_t process, int proc, int descriptor, uint32_t user);

/* Sends an answer; what that returns. */
long respond(int listener, uint64_t id, long answer);

/* What stands behind a name in /proc/PID/status, or NULL; the first line has none. */
const char *value_in(const char *status, const char *name);

/* The inode of an open file, or 0. */
uint64_t inode_of(int file);

uint64_t read_digits(const char *text, int base);

/* Writes a number, and returns the place behind it. */
char *write_digits(char *to, uint32_t number);

#endif
