/*
 * Looks, as fast as it can, into every other process of its container: memory, program, descriptors, directories, and by ptrace(2). Prints a line for each that it should
 * not have got anything of: one that is orca's, or a way to the file on the host that the first argument names, relative to the host's root. A process whose number is the second
 * argument is left alone. Ends at the end of its input.
 *
 * A process of orca's has a program in a memory file. It becomes a program of the container between two looks; so what was got counts when the program is still that file's,
 * or cannot be asked for.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *secret;
static long looks, seen;

static int is_orcas(const char *pid) {
  char path[64], link[256];
  snprintf(path, sizeof path, "/proc/%s/exe", pid);
  const ssize_t length = readlink(path, link, sizeof link - 1);
  if (length < 0) {
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    const int file = open(path, O_RDONLY);
    const ssize_t count = file < 0 ? 0 : read(file, link, sizeof link - 1);
    if (file >= 0) {
      close(file);
    }
    return count > 4 && memcmp(link, "orca", 4) == 0; /* else it has ended */
  }
  link[length] = 0;
  return memcmp(link, "/memfd:", 7) == 0;
}

static void tell(const char *pid, const char *what) {
  printf("got %s of %s\n", what, pid);
  fflush(stdout);
}

static void climb(const char *pid, const char *what, int directory) {
  char path[1024] = "";
  for (int i = 0; i < 24; i++) {
    strcat(path, "../");
  }
  strncat(path, secret, sizeof path - strlen(path) - 1);
  const int file = openat(directory, path, O_RDONLY | O_NONBLOCK);
  if (file >= 0) {
    close(file);
    tell(pid, what);
  }
}

static void look_at(const char *pid) {
  static const struct {
    const char *name;
    int flags;
  } files[] = {{"mem", O_RDWR}, {"mem", O_RDONLY}, {"environ", O_RDONLY}, {"maps", O_RDONLY}, {"exe", O_RDONLY}, {"exe", O_PATH}, {"auxv", O_RDONLY}};
  static const char *const directories[] = {"cwd", "root"};
  char path[300], byte;
  looks++;
  seen += is_orcas(pid);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "/proc/%s/%s", pid, files[i].name);
    const int file = open(path, files[i].flags | O_CLOEXEC);
    /* environ and its like open for everybody, and say nothing */
    if (file >= 0 && (strcmp(files[i].name, "exe") == 0 || strcmp(files[i].name, "mem") == 0 || read(file, &byte, 1) > 0) && is_orcas(pid)) {
      tell(pid, files[i].name);
    }
    if (file >= 0) {
      close(file);
    }
  }
  for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
    snprintf(path, sizeof path, "/proc/%s/%s", pid, directories[i]);
    const int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
      climb(pid, directories[i], directory);
      if (is_orcas(pid)) {
        tell(pid, directories[i]);
      }
      close(directory);
    }
  }
  snprintf(path, sizeof path, "/proc/%s/fd", pid);
  DIR *const descriptors = opendir(path);
  for (struct dirent *one; descriptors && (one = readdir(descriptors));) {
    if (one->d_name[0] == '.') {
      continue;
    }
    const int held = openat(dirfd(descriptors), one->d_name, O_PATH | O_CLOEXEC);
    if (held >= 0) {
      climb(pid, "fd", held);
      if (is_orcas(pid)) {
        tell(pid, "fd");
      }
      close(held);
    }
  }
  if (descriptors) {
    closedir(descriptors);
  }
  const pid_t number = (pid_t)atoi(pid);
  struct iovec ours = {&byte, 1}, theirs = {(void *)0x10000000, 1};
  if (process_vm_readv(number, &ours, 1, &theirs, 1, 0) == 1 && is_orcas(pid)) {
    tell(pid, "memory");
  }
  if (ptrace(PTRACE_SEIZE, number, 0, 0) == 0) {
    if (is_orcas(pid)) {
      tell(pid, "ptrace");
    }
    ptrace(PTRACE_INTERRUPT, number, 0, 0);
    waitpid(number, NULL, __WALL);
    ptrace(PTRACE_DETACH, number, 0, 0);
  }
}

int main(int count, char **arguments) {
  secret = count > 1 ? arguments[1] : "etc/shadow";
  const pid_t self = getpid();
  printf("looking\n");
  fflush(stdout);
  for (struct pollfd input = {0, POLLIN, 0}; poll(&input, 1, 0) == 0;) {
    DIR *const all = opendir("/proc");
    for (struct dirent *one; all && (one = readdir(all));) {
      if (one->d_name[0] >= '1' && one->d_name[0] <= '9' && atoi(one->d_name) != self && (count < 3 || strcmp(one->d_name, arguments[2]) != 0)) {
        look_at(one->d_name);
      }
    }
    if (all) {
      closedir(all);
    }
  }
  printf("%s, %s\n", looks > 1000 ? "looked often" : "looked seldom", seen > 10 ? "saw orca" : "saw nothing of orca");
  return 0;
}
