/* See tree.h. As in child.c, no libc: this runs after a clone that shares the parent's memory. */
#include "tree.h"

#include <linux/stat.h>

#include "call.h"

enum { AT_REMOVEDIR_ = 0x200, RENAME_NOREPLACE_ = 1, EBUSY_ = 16, ENOTEMPTY_ = 39, EISDIR_ = 21, MODE_0700 = 0700, TYPE_BITS = 0170000, DIRECTORY = 0040000 };


struct entry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

/* What goes with the last name of an inode. */
static uint64_t bytes_of(const char *name) {
  struct statx status;
  if (call6(__NR_statx, AT_FDCWD_, (long)name, AT_SYMLINK_NOFOLLOW_, STATX_BASIC_STATS, (long)&status, 0) < 0) {
    return 0;
  }
  return status.stx_nlink == 1 || (status.stx_mode & TYPE_BITS) == DIRECTORY ? status.stx_blocks * 512 : 0;
}

/* Makes a directory the caller's own, so that it can be read and emptied whoever had it, and goes into it. Never into a mount. */
static long enter(const char *name) {
  const long pinned = call(__NR_openat, AT_FDCWD_, name, O_PATH_ | O_DIRECTORY_ | O_NOFOLLOW_ | O_CLOEXEC_, 0);
  if (pinned < 0) {
    return pinned;
  }
  struct statx status;
  long error = call6(__NR_statx, pinned, (long)"", AT_EMPTY_PATH_, STATX_BASIC_STATS, (long)&status, 0);
  if (error == 0 && (status.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
    error = -EBUSY_;
  }
  if (error == 0) {
    call6(__NR_fchownat, pinned, (long)"", 0, 0, AT_EMPTY_PATH_, 0); /* where it fails, the next says so */
    error = call(__NR_fchdir, pinned, 0, 0, 0);
  }
  call(__NR_close, pinned, 0, 0, 0);
  if (error == 0) {
    call(__NR_fchmodat, AT_FDCWD_, ".", MODE_0700, 0);
  }
  return error;
}

/* 1: the name is gone. 0: it is a directory with something in it. */
static long remove_name(const char *name, uint64_t *freed) {
  const uint64_t bytes = bytes_of(name);
  long error = call(__NR_unlinkat, AT_FDCWD_, name, 0, 0);
  if (error == -EISDIR_) {
    error = call(__NR_unlinkat, AT_FDCWD_, name, AT_REMOVEDIR_, 0);
  }
  if (error == -ENOTEMPTY_ || error == -EEXIST_) {
    return 0;
  }
  if (error == 0) {
    *freed += bytes;
  }
  return error == 0 || error == -ENOENT_ ? 1 : error;
}

/* Gives what a name in the working directory stands for another one in the directory 'top'. */
static long move_up(int top, const char *name, uint32_t *moved) {
  long error;
  do {
    char aside[] = ".orca-deeper-0000000000";
    uint32_t number = (*moved)++;
    for (char *digit = aside + sizeof aside - 2; number > 0; number /= 10) {
      *digit-- += (char)(number % 10);
    }
    error = call6(__NR_renameat2, AT_FDCWD_, (long)name, top, (long)aside, RENAME_NOREPLACE_, 0);
  } while (error == -EEXIST_);
  return error == -ENOENT_ ? 0 : error;
}

/*
 * Removes what it can in the working directory. A directory that is not empty is, in the top of the tree, emptied first; elsewhere it is moved to the top.
 * Answers how many names it dealt with: as long as there are any, another pass is due.
 */
static long empty(int top, int is_top, uint64_t *freed, uint32_t *moved) {
  char entries[2048] __attribute__((aligned(8)));
  const long here = call(__NR_openat, AT_FDCWD_, ".", O_RDONLY_ | O_DIRECTORY_ | O_CLOEXEC_, 0);
  if (here < 0) {
    return here;
  }
  long result = 0, size;
  while (result >= 0 && (size = call(__NR_getdents64, here, entries, sizeof entries, 0)) != 0) {
    if (size < 0) {
      result = size;
      break;
    }
    for (long at = 0; at < size && result >= 0;) {
      const struct entry *const entry = (const struct entry *)(entries + at);
      const char *const name = entry->name;
      at += entry->length;
      if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) {
        continue;
      }
      long removed = remove_name(name, freed);
      if (removed == 0 && is_top) {
        removed = enter(name);
        removed = removed < 0 ? removed : empty(top, 0, freed, moved);
        const long back = call(__NR_fchdir, top, 0, 0, 0);
        removed = back < 0 ? back : removed < 0 ? removed : remove_name(name, freed);
        removed = removed < 0 ? removed : 1; /* what came into it meanwhile is for the next pass */
      } else if (removed == 0) {
        removed = move_up(top, name, moved);
        removed = removed < 0 ? removed : 1;
      }
      result = removed < 0 ? removed : result + removed;
    }
  }
  call(__NR_close, here, 0, 0, 0);
  return result;
}

/*
 * No stack and no descriptor is needed for depth: what lies two levels deep is moved up to the top of the tree, and deleted from there. ".." is never
 * followed: a directory that somebody moves meanwhile would lead elsewhere (an overlay can outlive its container).
 */
long orca_delete_tree(const char *path, uint64_t *freed) {
  const long start = call(__NR_openat, AT_FDCWD_, ".", O_PATH_ | O_DIRECTORY_ | O_CLOEXEC_, 0);
  if (start < 0) {
    return start;
  }
  const long gone = remove_name(path, freed);
  long result = gone > 0 ? 0 : gone < 0 ? gone : enter(path);
  if (gone == 0 && result == 0) {
    const long top = call(__NR_openat, AT_FDCWD_, ".", O_PATH_ | O_DIRECTORY_ | O_CLOEXEC_, 0);
    result = top;
    uint32_t moved = 1;
    while (top >= 0 && (result = empty((int)top, 1, freed, &moved)) > 0) {
    }
    call(__NR_close, top, 0, 0, 0);
    const long back = call(__NR_fchdir, start, 0, 0, 0);
    if (result == 0) {
      result = back < 0 ? back : remove_name(path, freed);
      result = result > 0 ? 0 : result == 0 ? -ENOTEMPTY_ : result;
    }
  }
  call(__NR_close, start, 0, 0, 0);
  return result;
}
