/*
 * The walk over the operations of a plan: in the child, which shares its parent's memory (child.c), and in the joiner, which shares no memory
 * (Stub/join.c). Hidden: a call through the table of a shared library could enter the dynamic loader, which must not run in the child.
 */
#ifndef ORCA_WALK_H
#define ORCA_WALK_H

#include "child.h"

#define ORCA_HIDDEN __attribute__((visibility("hidden")))

/* Performs one operation of a kind that only one of the two knows, with its arguments; its result, or a negative errno. */
typedef long orca_performer(const struct orca_program *program, const struct orca_operation *op, const long *value);

/* Performs all operations; the first that fails is reported, and ends the process. The last one does not return. */
ORCA_HIDDEN __attribute__((noreturn)) void orca_walk(const struct orca_program *program, orca_performer *perform_other);

ORCA_HIDDEN void orca_report(int socket, uint32_t step, uint32_t error);

/* Hands a descriptor to the parent: a report with the descriptor beside it (unix(7), SCM_RIGHTS). */
ORCA_HIDDEN long orca_send_descriptor(int socket, uint32_t kind, int descriptor);

/* Writes a number and a space, and returns the place behind them. */
ORCA_HIDDEN char *orca_write_number(char *to, long value);

#endif
