/* The places that mounts cover: made in the container's root, by the child. */
#ifndef ORCA_PLACE_H
#define ORCA_PLACE_H

/*
 * Makes what is missing of a path, a directory or a file at its end. A link that leads nowhere is followed, and its target made,
 * as Docker does: the root is the container's by now, so it leads nowhere else. Checked part by part before anything is made below.
 * 0, or a negative errno: ELOOP when it leads into /proc (unless in_proc) or through one of its links to what is open.
 * Hidden: a call through the table of a shared library could enter the dynamic loader, which must not run in the child.
 */
__attribute__((visibility("hidden"))) long orca_make_place(const char *path, long directory, long in_proc);

#endif
