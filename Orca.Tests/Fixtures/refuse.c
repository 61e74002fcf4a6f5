/*
 * refuse CALL=ERRNO... -- COMMAND...: runs a command for which some system calls fail, as on an old kernel or inside another container.
 *
 * CALL is a name of the table below. 'clone-user' is clone(2) with CLONE_NEWUSER, 'mount-plain' is mount(2) without flags (of orca's mounts
 * the overlay alone), 'mount-mask' with those of an empty read-only file system, 'prctl-seccomp' prctl(2) that loads a filter, 'seccomp-listener' and 'seccomp-killable' are seccomp(2) with that flag. The filter is seccomp's, so it holds for all descendants and needs no privilege.
 */
#define _GNU_SOURCE
#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ANY = -1, MOST = 64 };

static const struct {
  const char *name;
  int number;
  int argument;       /* index of an argument that decides too, or ANY */
  unsigned mask, value;
} calls[] = {
    {"clone", __NR_clone, ANY, 0, 0},
    {"clone-user", __NR_clone, 0, CLONE_NEWUSER, CLONE_NEWUSER},
    {"clone3", __NR_clone3, ANY, 0, 0},
    {"unshare", __NR_unshare, ANY, 0, 0},
    {"mount", __NR_mount, ANY, 0, 0},
    {"mount-plain", __NR_mount, 3, ~0u, 0},
    {"mount-mask", __NR_mount, 3, ~0u, 15},
    {"prctl-seccomp", __NR_prctl, 0, ~0u, 22},
    {"pivot_root", __NR_pivot_root, ANY, 0, 0},
    {"open_tree", __NR_open_tree, ANY, 0, 0},
    {"move_mount", __NR_move_mount, ANY, 0, 0},
    {"mount_setattr", __NR_mount_setattr, ANY, 0, 0},
    {"fsopen", __NR_fsopen, ANY, 0, 0},
    {"openat2", __NR_openat2, ANY, 0, 0},
    {"statx", __NR_statx, ANY, 0, 0},
    {"close_range", __NR_close_range, ANY, 0, 0},
    {"pidfd_open", __NR_pidfd_open, ANY, 0, 0},
    {"pidfd_send_signal", __NR_pidfd_send_signal, ANY, 0, 0},
    {"memfd_create", __NR_memfd_create, ANY, 0, 0},
    {"keyctl", __NR_keyctl, ANY, 0, 0},
    {"seccomp", __NR_seccomp, ANY, 0, 0},
    {"seccomp-listener", __NR_seccomp, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_NEW_LISTENER},
    {"seccomp-killable", __NR_seccomp, 1, 0x20 /* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV */, 0x20},
    {"ptrace", __NR_ptrace, ANY, 0, 0},
    {"process_vm_readv", __NR_process_vm_readv, ANY, 0, 0},
    {"io_uring_setup", __NR_io_uring_setup, ANY, 0, 0},
    {"landlock_create_ruleset", __NR_landlock_create_ruleset, ANY, 0, 0},
    {"getrandom", __NR_getrandom, ANY, 0, 0},
    {"membarrier", __NR_membarrier, ANY, 0, 0},
    {"prlimit64", __NR_prlimit64, ANY, 0, 0},
    {"setxattr", __NR_setxattr, ANY, 0, 0},
};

static struct sock_filter filter[8 * MOST];
static unsigned short length;

static void add(unsigned short code, unsigned value, unsigned char yes, unsigned char no) {
  filter[length++] = (struct sock_filter){code, yes, no, value};
}

static void refuse(const char *name, int error) {
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    if (strcmp(calls[i].name, name)) {
      continue;
    }
    add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, calls[i].argument == ANY ? 1 : 4);
    if (calls[i].argument != ANY) {
      add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * calls[i].argument, 0, 0);
      add(BPF_ALU | BPF_AND | BPF_K, calls[i].mask, 0, 0);
      add(BPF_JMP | BPF_JEQ | BPF_K, calls[i].value, 0, 1);
    }
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error, 0, 0);
    return;
  }
  fprintf(stderr, "refuse: no call '%s' in the table\n", name);
  exit(2);
}

static int error_named(const char *name) {
  const int error = !strcmp(name, "EPERM") ? EPERM : !strcmp(name, "ENOSYS") ? ENOSYS : !strcmp(name, "EACCES") ? EACCES : !strcmp(name, "EBUSY") ? EBUSY : atoi(name);
  if (error <= 0) { /* 0 would be a success */
    fprintf(stderr, "refuse: no errno '%s'\n", name);
    exit(2);
  }
  return error;
}

int main(int count, char **arguments) {
  int i = 1;
  for (; i < count && strcmp(arguments[i], "--"); i++) {
    char *equals = strchr(arguments[i], '=');
    if (!equals || i > MOST) {
      fprintf(stderr, "refuse: '%s' is not CALL=ERRNO\n", arguments[i]);
      return 2;
    }
    *equals = 0;
    refuse(arguments[i], error_named(equals + 1));
  }
  add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
  struct sock_fprog program = {length, filter};
  if (i + 1 >= count || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
    perror("refuse");
    return 2;
  }
  execvp(arguments[i + 1], arguments + i + 1);
  perror(arguments[i + 1]);
  return 127;
}
