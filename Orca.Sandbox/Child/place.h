/* The places that mounts cover: made in the container's root, by the child. */
#ifndef ORCA_PLACE_H
#define ORCA_PLACE_H

enum orca_place {
  ORCA_PLACE_FILE = 0,      /* a file for a mount of the caller's */
  ORCA_PLACE_DIRECTORY = 1, /* a directory for one */
  ORCA_PLACE_IN_PROC = 2,   /* the same, for the files of /proc that may be replaced; these are there */
  ORCA_PLACE_TO_WORK = 3,   /* a working directory: nothing is covered there, so it may lie in /proc */
  ORCA_PLACE_OWN = 4,       /* the directory of a file of orca's; the result is a descriptor of it (O_PATH) */
};

/*
 * Makes what is missing of a path. A link that leads nowhere is followed, and its target made, as Docker does (but not for a file of
 * orca's): the root is the container's by now, so it leads nowhere else. Links are followed here, part by part, and what is before
 * the last part is known to have none when something is made: no link of /proc to what is open is ever gone through.
 * 0 or a descriptor, or a negative errno: ELOOP when it leads into /proc where it may not.
 * Hidden: a call through the table of a shared library could enter the dynamic loader, which must not run in the child.
 */
__attribute__((visibility("hidden"))) long orca_make_place(const char *path, enum orca_place kind);

#endif
