/* Runs programs of the host for the managed side, which would take threads and handlers of signals to do so. This runs in the parent alone. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Starts a program in a session of its own, with nothing open but its three standard streams: /dev/null, the output given, and this process's errors.
 * Its process id, or -errno.
 */
int orca_spawn(const char *path, char *const *arguments, char *const *environment, int output) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t standard, none;
  pid_t process;
  sigemptyset(&none);
  sigemptyset(&standard);
  sigaddset(&standard, SIGPIPE); /* the runtime ignores it; what this process was started to ignore stays so */
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &standard);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, 1);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  const int error = posix_spawn(&process, path, &files, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return error ? -error : process;
}

/* Puts /dev/null in the place of the three standard streams, which somebody else may wait to see closed. */
void orca_discard_streams(void) {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int descriptor = 0; nowhere > 2 && descriptor <= 2; descriptor++) {
    dup3(nowhere, descriptor, 0);
  }
  if (nowhere > 2) {
    close(nowhere);
  }
}

/*
 * Runs a program to its end, its standard input /dev/null, its output and errors going to two descriptors. The status that waitpid(2) gives,
 * or -errno when there was none. No signal handler of this process runs in between that the program would inherit.
 */
int orca_run(const char *path, char *const *arguments, char *const *environment, int output, int errors) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  pid_t process;
  int status;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &all); /* the runtime ignores SIGPIPE */
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, 1);
  posix_spawn_file_actions_adddup2(&files, errors, 2);
  const int error = posix_spawn(&process, path, &files, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error) {
    return -error;
  }
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) {
      return -errno;
    }
  }
  return status;
}
