/* Deleting what belongs to many ids, from inside a user namespace that has them all. */
#ifndef ORCA_TREE_H
#define ORCA_TREE_H

#include <stdint.h>

/*
 * Deletes a directory with all below it, by descriptor, following no link; adds the bytes that became free. A negative errno for the first
 * thing that resisted; what it was in stays then. The working directory is another afterwards.
 */
long orca_delete_tree(const char *path, uint64_t *freed);

#endif
