/*
 * What happens before the .NET runtime is set up, and what is said when it cannot be.
 *
 * The runtime reads DOTNET_* variables and the limits of the process when it starts, and ends without a word when they leave it
 * no memory. So the variables are taken away here (a container never sees the host's, and -e reads them from /proc/self/environ), and an
 * end before the first line of Main gets its message and its exit status.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FAILED = 125, NEEDED_STACK = 512 << 10, OWNER = 0700 };

static int main_was_reached;

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vdprintf(STDERR_FILENO, format, values);
  va_end(values);
  _exit(FAILED);
}

static int starts_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* Only the array is changed: the strings stay where the kernel shows them. */
static void drop_variables_of_the_runtime(void) {
  char **kept = environ;
  for (char **variable = environ; *variable; variable++) {
    if (!starts_with(*variable, "DOTNET_") && !starts_with(*variable, "COMPlus_")) {
      *kept++ = *variable;
    }
  }
  *kept = NULL;
}

static void require_stack(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < NEEDED_STACK) {
    fail("orca: cannot run: the limit of the stack is %llu kB, and orca needs %d\nhint: raise it with 'ulimit -s 8192'\n",
         (unsigned long long)limit.rlim_cur >> 10, NEEDED_STACK >> 10);
  }
}

static void at_exit(int status, void *unused) {
  (void)status, (void)unused;
  struct rlimit limit;
  if (main_was_reached) {
    return;
  }
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    fail("orca: cannot run: the limit of address space is %llu MB, which is too little\nhint: raise it with 'ulimit -v unlimited'\n",
         (unsigned long long)limit.rlim_cur >> 20);
  }
  fail("orca: cannot run: the .NET runtime in it could not be set up, for lack of memory or of processes\nhint: 'ulimit -a' shows what you may have\n");
}

__attribute__((constructor)) static void prepare(void) {
  drop_variables_of_the_runtime();
  require_stack();
  signal(SIGXFSZ, SIG_IGN); /* a write beyond 'ulimit -f' is an error (EFBIG) to report, no reason to die */
  signal(SIGCHLD, SIG_DFL); /* ignored, as some callers leave it, it has the kernel forget how a container ended */
  umask(umask(OWNER) & ~OWNER); /* what orca makes must stay open to orca itself */
  on_exit(at_exit, NULL);
}

/* Main is there: from now on exit statuses are its own. */
void orca_started(void) { main_was_reached = 1; }
