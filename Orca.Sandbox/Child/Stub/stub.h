/*
 * The stub: a static program of a few pages without libc, run from a sealed memory file. It is several processes, each for as long
 * as a container stands:
 *
 *   orca-init    PID 1 of the container. Starts the command, reaps, passes signals on. Because it is exec'ed, the container's
 *                /proc/1/exe is this program and never the host's orca (CVE-2019-5736), and nothing of orca's memory is inside.
 *   orca-join    the way into a container that runs, and there what a command's process is to its init: join.c.
 *   the keeper   on the host, what the command line's process becomes when a container stands longer than a moment: the same
 *                process id and arguments, without the runtime's memory. Starts orca again when the container has ended.
 */
#ifndef ORCA_STUB_H
#define ORCA_STUB_H

#include "../call.h"

__attribute__((noreturn)) void init_main(char **arguments, char **environment);
__attribute__((noreturn)) void join_main(char **arguments);
__attribute__((noreturn)) void keeper_main(char **arguments, char **environment);

/* An image has started this program, as /proc/self/exe or the like: it is told that it can do nothing with it. */
__attribute__((noreturn)) void started_by_nobody(void);

/* Reads a decimal number and steps to the next word; a '-' before it negates. */
long read_number(const char **text);

/* Reads two hexadecimal digits a byte; 0 when there are none. */
int read_bytes(const char **text, uint8_t *bytes, size_t size);

/* Calls of these are the compiler's own, too. */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

#endif
