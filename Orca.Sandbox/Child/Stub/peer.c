/*
 * The peer of a socket (SO_PEERCRED, unix(7)). The kernel translates ids into the namespace of the program that asks,
 * and all users of a container are one id of the host: it would name every peer as that program itself. The init answers
 * with the ids that the peer has in its own namespace. See users.h.
 */
#include <linux/audit.h>
#include <linux/ioctl.h>

#include "../call.h"
#include "asker.h"
#include "users.h"
#include "rare.h"

enum {
  SOL_SOCKET_ = 1,
  SO_PEERCRED_ = 17,
  SO_PEERPIDFD_ = 77, /* since Linux 6.5 */
  ENOPROTOOPT_ = 92,
  NOBODY = 65534, /* the overflow id, which is what the kernel says of an id that it cannot translate */
};

/* struct ucred */
struct credentials {
  int32_t pid;
  uint32_t user, group;
};

/* The filter asks about SO_PEERCRED only. i386's socketcall(2) has its arguments behind a pointer and is not asked about. */
int is_about_peer(const struct seccomp_data *data) {
  switch (data->arch) {
    case AUDIT_ARCH_X86_64: return data->nr == 55 || data->nr == (0x40000000 | 542);
    case AUDIT_ARCH_I386: return data->nr == 365;
    case AUDIT_ARCH_AARCH64: return data->nr == 209;
    case AUDIT_ARCH_ARM: return data->nr == 295;
    default: return 0;
  }
}

static void close_file(long file) {
  if (file >= 0) {
    call(__NR_close, file, 0, 0, 0);
  }
}

int is_in_child_space(int pid) {
  enum { NS_GET_PARENT_ = 0xb702 };
  const long space = open_space(pid);
  const long parent = space < 0 ? space : call(__NR_ioctl, space, NS_GET_PARENT_, 0, 0);
  const int is_child = parent >= 0 && inode_of((int)parent) == here.space;
  close_file(parent);
  close_file(space);
  return is_child;
}

/* By the mark the filter knows that the init asks, who cannot be asked by itself. */
static long option_of(long socket, long option, void *value, uint32_t *size) {
  return call6(__NR_getsockopt, socket, SOL_SOCKET_, option, (long)value, (long)size, ORCAS);
}

/* Whether the peer's number is still the peer's: what was read by it is true then. Before Linux 6.5 that is not known. */
static int is_there(long socket) {
  int pidfd = -1;
  uint32_t size = sizeof pidfd;
  const long error = option_of(socket, SO_PEERPIDFD_, &pidfd, &size);
  if (error < 0) {
    return error == -ENOPROTOOPT_;
  }
  const long sent = call(__NR_pidfd_send_signal, pidfd, 0, 0, 0);
  close_file(pidfd);
  return sent >= 0;
}

/* Changes what the kernel told the init. False where that is true for everybody: the peer is not in the container. */
static int correct(struct credentials *peer, long socket) {
  if (peer->pid <= 0) {
    return 0;
  }
  const uint64_t space = space_of(peer->pid);
  const int is_child = space && space != here.space && is_in_child_space(peer->pid);
  const uint32_t user = is_child ? only_id(peer->pid, "/uid_map") : 0;
  const uint32_t group = is_child ? only_id(peer->pid, "/gid_map") : 0;
  if ((!is_child && space != here.space) || !is_there(socket)) {
    peer->user = peer->group = NOBODY; /* gone, or it does not say who it is */
  } else if (is_child) {
    peer->user = user;
    peer->group = group;
  }
  return 1;
}

/* A descriptor of the thread that asks, if it is a socket: of other files the end may have to be waited for. */
static long take_socket(const struct asker *asker, int descriptor) {
  char name[24] = "/fd/", link[16];
  if (descriptor < 0) {
    return -EINVAL_;
  }
  *write_digits(name + 4, (uint32_t)descriptor) = 0;
  if (read_link(asker->process, name, link, sizeof link) < 0 || !begins(link, "socket:")) {
    return -EINVAL_;
  }
  const long process = call(__NR_pidfd_open, asker->process, 0, 0, 0);
  const long socket = process < 0 ? process : call6(__NR_pidfd_getfd, process, descriptor, 0, ORCAS, ORCAS, 0);
  close_file(process);
  return socket;
}

static int copy(long memory, int is_write, uint64_t address, void *bytes, size_t size) {
  return call(is_write ? __NR_pwrite64 : __NR_pread64, memory, bytes, size, address) == (long)size;
}

/* As getsockopt(2) does it; where it would fail, the kernel shall. By an open file: the memory stays that of the program
 * that asked, whatever becomes of its number. */
static long tell(const struct seccomp_notif *asked, const struct credentials *peer) {
  int32_t size;
  const uint64_t to = asked->data.args[3], size_at = asked->data.args[4];
  const long memory = open_proc_file((int)asked->pid, "/mem", O_RDWR_);
  long result = GO_ON;
  if (memory >= 0 && is_standing(asked) && copy(memory, 0, size_at, &size, sizeof size) && size >= 0) {
    struct credentials told = *peer;
    size = size < (int32_t)sizeof told ? size : (int32_t)sizeof told;
    if (copy(memory, 1, to, &told, (size_t)size) && copy(memory, 1, size_at, &size, sizeof size)) {
      result = DONE;
    }
  }
  close_file(memory);
  return result;
}

void answer_peer(const struct seccomp_notif *asked) {
  struct credentials peer = {0, 0, 0};
  uint32_t size = sizeof peer;
  struct asker asker;
  long result = GO_ON;
  /* As long as nobody became a user, all are root, and the kernel's answer is right. */
  if (here.usable && has_spaces() && asked->pid && read_asker((int)asked->pid, &asker)
      && (asker.space == here.space || is_in_child_space(asker.process))) {
    const long socket = take_socket(&asker, (int)asked->data.args[0]);
    if (socket >= 0 && is_standing(asked) && option_of(socket, SO_PEERCRED_, &peer, &size) == 0 && correct(&peer, socket)) {
      peer.pid = namespace_of(asker.process, "/ns/pid") == here.numbers ? peer.pid : 0;
      result = tell(asked, &peer);
    }
    close_file(socket);
  }
  respond(here.listener, asked->id, result);
}
