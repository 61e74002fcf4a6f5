/* orphans N: makes N processes whose parent is gone before they end, one after the other; each is the init's to reap. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  const int wanted = count > 1 ? atoi(arguments[1]) : 0;
  for (int i = 0; i < wanted; i++) {
    const pid_t child = fork();
    if (child == 0) {
      _exit(fork() < 0);
    }
    int status = 1;
    if (child < 0 || waitpid(child, &status, 0) != child || status) {
      return 1;
    }
  }
  return 0;
}
