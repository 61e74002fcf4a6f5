/*
 * The command as a job of the init's session, which is to the container's terminal what a shell is to its own: it puts the command's process group
 * in the foreground or not, sees it stopped, and hears from the launching process whose turn it is at the caller's terminal.
 */
#ifndef ORCA_JOB_H
#define ORCA_JOB_H

#include "../child.h"
#include "stub.h"

struct job {
  int report;   /* socket to the launching process */
  int terminal; /* or -1 */
  int has_modes;
  struct orca_turn turn; /* the last one; its modes are those to give back, where has_modes says so: the caller's terminal is descriptor 0 then */
};

/* Tells the launching process. By write(2), which every filter of system calls lets pass that a program can live with. */
void report_job(const struct job *job, uint32_t step, uint32_t error);

/* All signals are blocked here, so that SIGTTOU does not stop who is in the background. */
void set_foreground(const struct job *job, int32_t group);

/* To all of the command's process group, as a terminal does it; to the command alone where it has left that. */
void signal_group(int command, int number);

/* Reads what the launching process says, and does it; true when that is to end. */
int take_turn(struct job *job, int command);

/* The caller's terminal gets the modes that it had before. */
void give_modes_back(const struct job *job);

/* True when nobody holds the other end of the container's terminal: a launching process that is killed lets go of it, which ends the command, before it is known to be dead. */
int is_hung_up(const struct job *job);

/* Kills all children, which that file of the init's thread in /proc lists, until there are none: the orphans of each become the init's
 * (PR_SET_CHILD_SUBREAPER), and so get their turn. */
void sweep(const char *children);

#endif
