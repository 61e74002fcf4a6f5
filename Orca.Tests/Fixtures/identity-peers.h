/* The way 'peers' of identity.c: who root, users and those that are gone are to each other at a socket. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

enum { HIDDEN = 1, GONE = 2 };

static const struct sockaddr_un rendezvous = {.sun_family = AF_UNIX, .sun_path = "/tmp/peers"};

static void say_peer(const char *name, int file, int pid) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  need(getsockopt(file, SOL_SOCKET, SO_PEERCRED, &peer, &size), "SO_PEERCRED");
  dprintf(1, "%s %d %d%s\n", name, (int)peer.uid, (int)peer.gid, pid == peer.pid ? "" : ", of another number");
}

static void become(uid_t user) {
  if (user) {
    uid = user;
    change();
  }
}

static int connect_as(uid_t user, int how, int server) {
  const int child = fork();
  if (child == 0) {
    become(user);
    prctl(PR_SET_DUMPABLE, how != HIDDEN);
    const int file = socket(AF_UNIX, SOCK_STREAM, 0);
    need(connect(file, (const struct sockaddr *)&rendezvous, sizeof rendezvous), "connect");
    if (how == GONE && fork()) {
      _exit(0);
    }
    if (how != GONE) {
      say_peer("  of", file, server);
    }
    char byte;
    _exit(read(file, &byte, 1) < 0);
  }
  return child;
}

/* What this process and the server, which is the user, say of each other. */
static void meet(uid_t server, uid_t client, int how) {
  unlink(rendezvous.sun_path);
  const int holder = fork();
  if (holder == 0) {
    become(server);
    const int file = socket(AF_UNIX, SOCK_STREAM, 0);
    need(bind(file, (const struct sockaddr *)&rendezvous, sizeof rendezvous), "bind");
    need(chmod(rendezvous.sun_path, 0777), "chmod");
    need(listen(file, 1), "listen");
    raise(SIGSTOP);
    const int connection = accept(file, 0, 0);
    raise(SIGSTOP);
    int client_process;
    need(read(open("/tmp/client", O_RDONLY), &client_process, sizeof client_process) != sizeof client_process, "read");
    say_peer("client", connection, client_process);
    _exit(0);
  }
  int status;
  waitpid(holder, &status, WUNTRACED);
  const int process = connect_as(client, how, holder), file = open("/tmp/client", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  need(write(file, &process, sizeof process) != sizeof process, "write");
  close(file);
  if (how == GONE) {
    waitpid(process, &status, 0);
  }
  kill(holder, SIGCONT);
  waitpid(holder, &status, WUNTRACED);
  usleep(how == GONE ? 0 : 50000); /* the other's line is first */
  kill(holder, SIGCONT);
  waitpid(holder, &status, 0);
  if (how != GONE) {
    waitpid(process, &status, 0);
  }
}

static void odd_arguments(void) {
  int pair[2];
  struct ucred peer = {-5, 5, 5};
  socklen_t size = 4;
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
  long result = getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size);
  dprintf(1, "%ld %u %d %u\n", result, size, peer.pid == getpid(), peer.uid);
  struct { struct ucred peer; char more[100]; } large;
  size = sizeof large;
  result = getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &large, &size);
  dprintf(1, "%ld %u %u\n", result, size, large.peer.uid);
  size = (socklen_t)-1;
  result = getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size);
  dprintf(1, "%ld %d\n", result, errno == EINVAL);
  result = getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, (void *)8, (socklen_t[]){12});
  dprintf(1, "%ld %d\n", result, errno == EFAULT);
  result = getsockopt(open("/", O_RDONLY), SOL_SOCKET, SO_PEERCRED, &peer, (socklen_t[]){12});
  dprintf(1, "%ld %d\n", result, errno == ENOTSOCK);
  result = getsockopt(-1, SOL_SOCKET, SO_PEERCRED, &peer, (socklen_t[]){12});
  dprintf(1, "%ld %d\n", result, errno == EBADF);
}

static void peers(void) {
  const uid_t first = uid;
  setbuf(stdout, 0);
  meet(0, 0, 0);
  meet(0, first, 0);
  meet(first, 0, 0);
  meet(first, first, 0);
  meet(first, first + 1, 0);
  meet(0, first, HIDDEN);
  meet(0, first, GONE);
  odd_arguments();
}

static void peer_cost(void) {
  enum { TIMES = 20000 };
  int pair[2];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
  const int options[] = {SO_TYPE, SO_PEERCRED};
  for (int i = 0; i < 2; i++) {
    struct ucred peer;
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (int j = 0; j < TIMES; j++) {
      socklen_t size = sizeof peer;
      getsockopt(pair[0], SOL_SOCKET, options[i], &peer, &size);
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    dprintf(1, "%ld ns\n", ((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec) / TIMES);
  }
}
