/* Device nodes. See answer.h. */
#include <linux/ioctl.h>
#include <linux/stat.h>

#include "../call.h"
#include "asker.h"
#include "rare.h"

enum {
  OPEN_PLACE = O_PATH_ | O_CLOEXEC_,
  REGULAR_FILE = 0100000, PERMISSIONS = 07777,
  PATH_ROOM = 4096, STATUS_ROOM = 4096,
  CAP_MKNOD_ = 27,
};

/* What /proc/PID/status says of a thread. */
struct standing {
  uint64_t capabilities; /* effective */
  uint32_t umask;
};

static int read_standing(int process, struct standing *standing) {
  char status[STATUS_ROOM];
  const long file = call(__NR_openat, process, "status", O_RDONLY_ | O_CLOEXEC_, 0);
  const long count = file < 0 ? file : call(__NR_read, file, status, sizeof status - 1, 0);
  if (file >= 0) {
    call(__NR_close, file, 0, 0, 0);
  }
  if (count <= 0) {
    return 0;
  }
  status[count] = 0;
  const char *capabilities = value_in(status, "CapEff:\t"), *umask = value_in(status, "Umask:\t");
  if (!capabilities || !umask) {
    return 0;
  }
  standing->capabilities = read_digits(capabilities, 16);
  standing->umask = (uint32_t)read_digits(umask, 8);
  return 1;
}

long open_below(int directory, const char *name, long number) {
  char path[32], digits[20];
  char *to = path;
  int count = 0;
  while (*name) {
    *to++ = *name++;
  }
  for (; number > 0 || (number == 0 && count == 0); number /= 10) {
    digits[count++] = (char)('0' + number % 10);
  }
  while (count > 0) {
    *to++ = digits[--count];
  }
  *to = 0;
  return call(__NR_openat, directory, path, OPEN_PLACE, 0);
}

long open_base(int process, int directory, const char *path) {
  if (path[0] == '/' || directory == AT_FDCWD_) {
    return open_below(process, "cwd", NO_NUMBER);
  }
  return directory < 0 ? -ENOENT_ : open_below(process, "fd/", directory);
}

/* The user namespace of a process; 0 when it is not to be known. */
static uint64_t user_namespace(int process, const char *path) {
  struct statx status;
  return call6(__NR_statx, process, (long)path, 0, STATX_INO, (long)&status, 0) < 0 ? 0 : status.stx_ino;
}

/*
 * An empty file in the place of the device, with its name and permissions: what copies, archives and packages do to it next finds it there.
 * It is made as if by who asks: from its root and directory, by its umask, and only for a program that has given up nothing, as this
 * process has no more rights than that.
 */
static long make_place(int listener, const struct seccomp_notif *asked, int proc, int process, int directory, const char *path, uint32_t mode, uint32_t device) {
  struct standing theirs, ours;
  const long self = open_below(proc, "thread-self", NO_NUMBER);
  const int known = self >= 0 && read_standing(process, &theirs) && read_standing((int)self, &ours);
  if (self >= 0) {
    call(__NR_close, self, 0, 0, 0);
  }
  if (!known) {
    return DONE;
  }
  const uint64_t users = user_namespace(process, "ns/user");
  if (!(theirs.capabilities & 1ull << CAP_MKNOD_) || users != user_namespace(proc, "self/ns/user")) {
    return GO_ON; /* refused in any container */
  }
  if (ours.capabilities & ~theirs.capabilities) {
    return DONE;
  }
  const long root = open_below(process, "root", NO_NUMBER);
  const long base = open_base(process, directory, path);
  const int stands = call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &asked->id, 0) >= 0;
  long result = DONE;
  if (base == -ENOENT_) {
    result = GO_ON; /* there is no such descriptor: the kernel has the errno */
  } else if (stands && call(__NR_fchdir, root, 0, 0, 0) >= 0 && call(__NR_chroot, ".", 0, 0, 0) >= 0) {
    if (call(__NR_fchdir, base, 0, 0, 0) >= 0) {
      call(__NR_umask, theirs.umask, 0, 0, 0);
      result = call(__NR_mknodat, AT_FDCWD_, path, REGULAR_FILE | (mode & PERMISSIONS), 0);
      if (result >= 0) {
        result = remember_node(proc, path, mode, device);
      }
    } else {
      result = GO_ON; /* it is of no directory */
    }
  }
  call(__NR_close, root, 0, 0, 0);
  call(__NR_close, base, 0, 0, 0);
  return result;
}

long about_node(int listener, const struct seccomp_notif *asked, int proc, int directory, uint64_t path_at, uint32_t mode, uint32_t device) {
  char path[PATH_ROOM];
  const long process = proc < 0 ? proc : open_below(proc, "", asked->pid);
  if (process < 0) {
    return DONE;
  }
  /* The path is read after the directory is open: what was read is of the process that the directory is of, or the question is void. */
  long result = read_text(asked->pid, path_at, path, sizeof path);
  if (result >= 0) {
    result = make_place(listener, asked, proc, (int)process, directory, path, mode, device);
  } else if (result != -ENAMETOOLONG_) {
    result = result == -EFAULT_ ? GO_ON : DONE;
  }
  call(__NR_close, process, 0, 0, 0);
  return result;
}
