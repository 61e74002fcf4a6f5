/* Whether the container waits for its standard input where that is a pipe: a pipe, unlike a terminal, tells nobody that it is read. */
#ifndef ORCA_READER_H
#define ORCA_READER_H

/*
 * True when a thread below the container's first process is inside read(2) or its like of the pipe whose other end is given. The kernel tells by
 * /proc/PID/task/TID/syscall, to who may trace that process; where it does not tell, the answer is no. Nothing here can block, whatever is open
 * in the container: names of descriptors are read, and no file is looked at.
 */
int orca_waits_for_input(int process, int pipe);

/* The same, and true also for a thread inside poll(2) or its like whose standard input is the pipe: it may wait for that, or for something else. */
int orca_may_wait_for_input(int process, int pipe);

#endif
