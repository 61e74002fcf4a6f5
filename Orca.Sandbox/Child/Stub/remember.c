/*
 * Owners and devices that were answered as set, which one id cannot have: they are kept for who makes an archive of the
 * container (Registry/Archives/RememberedOwners.cs; docs/identity.md). A regular file or directory carries them in an
 * attribute, which goes with it where it is moved. What can have none, links first of all, is noted in a table by inode
 * and time of birth, since its name may change, and its inode be another's later. See asker.h.
 *
 * Nothing of it is trusted by anybody: root inside may set the attribute itself, as it may call chown(2).
 */
#include <linux/ioctl.h>
#include <linux/stat.h>

#include "../call.h"
#include "answer.h"
#include "asker.h"
#include "users.h"
#include "rare.h"

enum {
  PATH_ROOM = 4096, LARGEST_TABLE = 16 << 20,
  KIND = 0170000, REGULAR = 0100000, DIRECTORY = 0040000, SET_UID = 04000, SET_GID = 02000, GROUP_EXECUTES = 010,
  PRESUMED = 1, /* beside the kind of a device in the mode: see given() */
  CLOCK_REALTIME_ = 0,
};

static const uint32_t unset = (uint32_t)-1;
static const char attribute[] = "user.orca.owner";

struct owner {
  uint32_t user, group; /* or -1 */
  uint32_t mode;        /* kind of the device that the file stands for, or 0; and PRESUMED */
  uint32_t device;      /* as mknod(2) has it */
  uint64_t time;        /* when it was told, nanoseconds since 1970 */
};

struct line {
  uint64_t inode;
  uint64_t born; /* nanoseconds since 1970 */
  struct owner owner;
  uint64_t reserved;
};

_Static_assert(sizeof(struct owner) == 24 && sizeof(struct line) == 48, "the reader knows these sizes");

static uint64_t root_mount;

static uint64_t nanoseconds(const struct statx_timestamp *time) { return (uint64_t)time->tv_sec * 1000000000u + time->tv_nsec; }

static int is_zero_or_unset(uint32_t id) { return id == 0 || id == unset; }

void begin_to_remember(void) {
  struct statx status;
  if (owners_table != NOT_NOTED && call6(__NR_statx, AT_FDCWD_, (long)"/", 0, STATX_MNT_ID, (long)&status, 0) >= 0 && status.stx_mask & STATX_MNT_ID) {
    root_mount = status.stx_mnt_id;
  }
}

/* A note that cannot be written whole is taken back: those after it must stay readable. */
static long note(const struct statx *file, const struct owner *owner) {
  const struct line line = {.inode = file->stx_ino, .born = nanoseconds(&file->stx_btime), .owner = *owner};
  struct statx table;
  if (owners_table < 0 || !(file->stx_mask & STATX_BTIME) || call6(__NR_statx, owners_table, (long)"", AT_EMPTY_PATH_, STATX_SIZE, (long)&table, 0) < 0
      || table.stx_size > LARGEST_TABLE) {
    return DONE;
  }
  const long count = call(__NR_write, owners_table, &line, sizeof line, 0);
  if (count >= 0 && count < (long)sizeof line) {
    call(__NR_ftruncate, owners_table, table.stx_size, 0, 0);
    return -ENOSPC_;
  }
  return count == -ENOSPC_ || count == -EDQUOT_ ? count : DONE;
}

/*
 * What is asked for, over what was told before. stat(2) shows all files as root's, so a program that gives a new file the
 * owner of its model, as 'sed -i' does, says root whoever that is: the first owner of a file is presumed to be meant so
 * when it is root. Whether it was, the time tells (RememberedOwners.cs).
 */
static struct owner given(const struct owner *before, uint32_t user, uint32_t group, uint32_t mode, uint32_t device) {
  struct owner owner = {unset, unset, mode, device, 0};
  int64_t time[2] = {0, 0};
  if (before) {
    owner = *before;
    owner.mode &= ~(uint32_t)PRESUMED;
  } else if (is_zero_or_unset(user) && is_zero_or_unset(group) && !mode) {
    owner.mode = PRESUMED;
  }
  owner.user = user == unset ? owner.user : user;
  owner.group = group == unset ? owner.group : group;
  call(__NR_clock_gettime, CLOCK_REALTIME_, time, 0, 0);
  owner.time = (uint64_t)time[0] * 1000000000u + (uint64_t)time[1];
  return owner;
}

static int is_same(const struct owner *a, const struct owner *b) {
  return a->user == b->user && a->group == b->group && (a->mode & KIND) == (b->mode & KIND);
}

/* Takes what the kernel takes from a program that gets another owner. */
static void drop_set_ids(const char *link, uint32_t mode) {
  const uint32_t group = SET_GID | GROUP_EXECUTES;
  const uint32_t drop = (mode & SET_UID) | ((mode & group) == group ? SET_GID : 0);
  if ((mode & KIND) == REGULAR && drop) {
    call(__NR_fchmodat, AT_FDCWD_, link, mode & 07777 & ~drop, 0);
  }
}

static long remember(int proc, long file, uint32_t user, uint32_t group, uint32_t mode, uint32_t device) {
  struct statx status;
  struct owner before;
  char link[24] = "self/fd/";
  if (call6(__NR_statx, file, (long)"", AT_EMPTY_PATH_, STATX_TYPE | STATX_MODE | STATX_INO | STATX_BTIME | STATX_MNT_ID, (long)&status, 0) < 0
      || !(status.stx_mask & STATX_MNT_ID) || status.stx_mnt_id != root_mount || !root_mount) {
    return DONE; /* of something mounted: the caller's files, a file system in memory */
  }
  const uint32_t kind = status.stx_mode & KIND;
  if (kind != REGULAR && kind != DIRECTORY) {
    const struct owner owner = given(NULL, user, group, mode, device);
    return note(&status, &owner);
  }
  *write_digits(link + sizeof "self/fd/" - 1, (uint32_t)file) = 0;
  if (call(__NR_fchdir, proc, 0, 0, 0) < 0) {
    return DONE;
  }
  const int was_told = call(__NR_getxattr, link, attribute, &before, sizeof before) == sizeof before;
  const struct owner owner = given(was_told ? &before : NULL, user, group, mode, device);
  if (!mode) {
    drop_set_ids(link, status.stx_mode);
  }
  if (was_told && is_same(&before, &owner)) {
    return DONE; /* a server that gives its directory to its user at each start writes nothing */
  }
  const long error = call6(__NR_setxattr, (long)link, (long)attribute, (long)&owner, sizeof owner, 0, ORCAS);
  return error == -ENOSPC_ || error == -EDQUOT_ ? error : error < 0 ? note(&status, &owner) : DONE;
}

static long remember_and_close(int proc, long file, uint32_t user, uint32_t group, uint32_t mode, uint32_t device) {
  const long result = file < 0 ? DONE : remember(proc, file, user, group, mode, device);
  if (file >= 0) {
    call(__NR_close, file, 0, 0, 0);
  }
  return result;
}

/* Opens what a path of theirs leads to, from their root and directory. Without CAP_SYS_CHROOT nobody has left the container's root. */
static long open_theirs(int listener, const struct seccomp_notif *asked, int process, int directory, const char *path, uint32_t flags) {
  if (!*path) {
    return flags & AT_EMPTY_PATH_ ? directory == AT_FDCWD_ ? open_below(process, "cwd", NO_NUMBER) : open_base(process, directory, path) : -ENOENT_;
  }
  const long root = open_below(process, "root", NO_NUMBER), base = open_base(process, directory, path);
  long file = -ENOENT_;
  if (root >= 0 && base >= 0 && call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &asked->id, 0) >= 0
      && call(__NR_fchdir, root, 0, 0, 0) >= 0) {
    call(__NR_chroot, ".", 0, 0, 0);
    if (call(__NR_fchdir, base, 0, 0, 0) >= 0) {
      file = call(__NR_openat, AT_FDCWD_, path, O_PATH_ | O_CLOEXEC_ | (flags & AT_SYMLINK_NOFOLLOW_ ? O_NOFOLLOW_ : 0), 0);
    }
  }
  call(__NR_close, root, 0, 0, 0);
  call(__NR_close, base, 0, 0, 0);
  return file;
}

/* Answered as done whatever becomes of it, but for a full disk: all that a container without a memory of owners hears is that. */
long remember_owner(int listener, const struct seccomp_notif *asked, int proc, int directory, uint64_t path_at, uint32_t flags, uint32_t user, uint32_t group) {
  char path[PATH_ROOM] = "";
  const long process = proc < 0 || (user == unset && group == unset) ? -ENOENT_ : open_below(proc, "", asked->pid);
  if (process < 0) {
    return DONE;
  }
  /* The path is read after the directory is open: see about_node(). */
  const long length = path_at ? read_text(asked->pid, path_at, path, sizeof path) : 0;
  const long file = length < 0 ? -EFAULT_ : open_theirs(listener, asked, (int)process, directory, path, flags);
  call(__NR_close, process, 0, 0, 0);
  return remember_and_close(proc, file, user, group, 0, 0);
}

long remember_node(int proc, const char *path, uint32_t mode, uint32_t device) {
  const long file = owners_table == NOT_NOTED ? -ENOENT_ : call(__NR_openat, AT_FDCWD_, path, O_PATH_ | O_CLOEXEC_ | O_NOFOLLOW_, 0);
  const long result = remember_and_close(proc, file, unset, unset, mode & KIND, device);
  if (result < 0) { /* without what it stands for it would be a file */
    call(__NR_unlinkat, AT_FDCWD_, path, 0, 0);
  }
  return result;
}
