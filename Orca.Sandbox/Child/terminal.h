/*
 * The caller's terminal beside a container that has one of its own:
 *
 *   caller's terminal (raw) ---- keys ---> keep.c ---> master | slave: the container's terminal, its leader the init
 *   another job reads it                               the command's process group is in the background there, too,
 *                                                      so that reading stops it: "stopped" by SIGTTIN, and this job with it
 *                                                      (a pipe in its place: reader.h)
 *   Ctrl-Z ------------------------------------------> the command is stopped by SIGTSTP, and this job with it
 *   fg, bg: SIGCONT ---------------------------------> the init is told whose turn it is, and the command goes on
 */
#ifndef ORCA_TERMINAL_H
#define ORCA_TERMINAL_H

#include "keep.h"

/* 0 when standard input is a terminal that another job has. */
int orca_in_foreground(void);

/* True when standard input is a terminal that another job has; to a host of many containers that is nothing. */
int orca_is_in_background(const struct orca_keep *keep);

/* Makes the caller's terminal raw, unless it is another job's, or is raw as it should be. */
void orca_take_terminal(struct orca_keep *keep);

/* Gives the modes back that the terminal had; not when somebody else has done so: two runs at one terminal may end in any order. */
void orca_give_terminal(struct orca_keep *keep);

/* The modes to go on with after another process has taken the terminal and saved what it found. */
void orca_keep_taken(struct orca_keep *keep);

/*
 * True when the next key is the container's: the terminal is this job's, and what was typed before has been read. Else it stays with the
 * caller's terminal, which the caller's shell reads next, and which raises the container's signals meanwhile.
 */
int orca_may_read(struct orca_keep *keep);

/* True when the container has not read all that it was given. */
int orca_has_unread(struct orca_keep *keep);

/*
 * True when what is typed next has the key that stops a job: what comes after that key is then the shell's, unless the command is not stopped by it.
 * A command that is stopped soon after is stopped by the user.
 */
int orca_mind_suspend(struct orca_keep *keep);

/* In the background: a container that waits for what comes by a pipe reads the terminal, which stops this job. 0 when there is no more to be read. */
int orca_follow_reader(struct orca_keep *keep);

/* A key of the caller's terminal has raised a signal: types that key. 0 when it is not to be typed. */
int orca_type_signal(struct orca_keep *keep, int number);

/* The caller's terminal has stopped this job. */
void orca_suspend(struct orca_keep *keep);

/* This job goes on, in the foreground or not. */
void orca_go_on(struct orca_keep *keep);

/* Reads what the init reports: a command that was stopped stops this job. */
void orca_follow_stop(struct orca_keep *keep);

/* Gives the container's terminal the size of the caller's. */
void orca_copy_size(const struct orca_keep *keep);

#endif
