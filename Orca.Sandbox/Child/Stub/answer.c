/* See answer.h. */
#include "answer.h"

#include <linux/audit.h>
#include <linux/ioctl.h>

#include "asker.h"
#include "rare.h"

enum {
  CLONE_FILES_ = 0x400, CLONE_SIGHAND_ = 0x800, CLONE_THREAD_ = 0x10000,
  STACK = 20480, /* a path and what /proc says of a process are on it */
};

enum subject { NOTHING, NODE, NODE_AT, ATTRIBUTE, ATTRIBUTE_AT, OWNER, LINK_OWNER, OPEN_OWNER, OWNER_AT,
               OWNER_16, LINK_OWNER_16, OPEN_OWNER_16 /* ids of 16 bits */ };

/* The calls that Seccomp/OneIdAnswers.cs asks about; x32 has the numbers of x86-64 with a bit that is left out here. */
static const struct {
  uint32_t architecture;
  uint16_t number;
  uint16_t subject;
} calls[] = {
    {AUDIT_ARCH_X86_64, 133, NODE},     {AUDIT_ARCH_X86_64, 259, NODE_AT},   {AUDIT_ARCH_X86_64, 188, ATTRIBUTE},
    {AUDIT_ARCH_X86_64, 189, ATTRIBUTE}, {AUDIT_ARCH_X86_64, 190, ATTRIBUTE}, {AUDIT_ARCH_X86_64, 463, ATTRIBUTE_AT},
    {AUDIT_ARCH_I386, 14, NODE},        {AUDIT_ARCH_I386, 297, NODE_AT},     {AUDIT_ARCH_I386, 226, ATTRIBUTE},
    {AUDIT_ARCH_I386, 227, ATTRIBUTE},  {AUDIT_ARCH_I386, 228, ATTRIBUTE},   {AUDIT_ARCH_I386, 463, ATTRIBUTE_AT},
    {AUDIT_ARCH_AARCH64, 33, NODE_AT},  {AUDIT_ARCH_AARCH64, 5, ATTRIBUTE},  {AUDIT_ARCH_AARCH64, 6, ATTRIBUTE},
    {AUDIT_ARCH_AARCH64, 7, ATTRIBUTE}, {AUDIT_ARCH_AARCH64, 463, ATTRIBUTE_AT},
    {AUDIT_ARCH_ARM, 14, NODE},         {AUDIT_ARCH_ARM, 324, NODE_AT},      {AUDIT_ARCH_ARM, 226, ATTRIBUTE},
    {AUDIT_ARCH_ARM, 227, ATTRIBUTE},   {AUDIT_ARCH_ARM, 228, ATTRIBUTE},    {AUDIT_ARCH_ARM, 463, ATTRIBUTE_AT},
    {AUDIT_ARCH_X86_64, 92, OWNER},     {AUDIT_ARCH_X86_64, 94, LINK_OWNER}, {AUDIT_ARCH_X86_64, 93, OPEN_OWNER},
    {AUDIT_ARCH_X86_64, 260, OWNER_AT}, {AUDIT_ARCH_I386, 182, OWNER_16}, {AUDIT_ARCH_I386, 16, LINK_OWNER_16},
    {AUDIT_ARCH_I386, 95, OPEN_OWNER_16}, {AUDIT_ARCH_I386, 212, OWNER}, {AUDIT_ARCH_I386, 198, LINK_OWNER},
    {AUDIT_ARCH_I386, 207, OPEN_OWNER}, {AUDIT_ARCH_I386, 298, OWNER_AT},    {AUDIT_ARCH_AARCH64, 55, OPEN_OWNER},
    {AUDIT_ARCH_AARCH64, 54, OWNER_AT}, {AUDIT_ARCH_ARM, 182, OWNER_16}, {AUDIT_ARCH_ARM, 16, LINK_OWNER_16},
    {AUDIT_ARCH_ARM, 95, OPEN_OWNER_16}, {AUDIT_ARCH_ARM, 212, OWNER},  {AUDIT_ARCH_ARM, 198, LINK_OWNER},
    {AUDIT_ARCH_ARM, 207, OPEN_OWNER},  {AUDIT_ARCH_ARM, 325, OWNER_AT},
};

static enum subject subject_of(const struct seccomp_data *data) {
  enum { X32_MARK = 0x40000000 };
  const uint32_t number = data->arch == AUDIT_ARCH_X86_64 ? (uint32_t)data->nr & ~(uint32_t)X32_MARK : (uint32_t)data->nr;
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    if (calls[i].architecture == data->arch && calls[i].number == number) {
      return calls[i].subject;
    }
  }
  return NOTHING;
}

/* An id as a call has it; -1, which leaves it as it is, has as many bits. */
static uint32_t id_of(uint64_t argument, enum subject subject) {
  const int is_short = subject >= OWNER_16;
  return is_short && (uint16_t)argument == 0xffff ? (uint32_t)-1 : is_short ? (uint16_t)argument : (uint32_t)argument;
}

static long think(int listener, const struct seccomp_notif *asked, int proc) {
  const __u64 *arguments = asked->data.args;
  const enum subject subject = subject_of(&asked->data);
  const uint32_t first = id_of(arguments[1], subject), second = id_of(arguments[2], subject);
  switch (subject) {
    case NODE:
      return about_node(listener, asked, proc, AT_FDCWD_, arguments[0], (uint32_t)arguments[1], (uint32_t)arguments[2]);
    case NODE_AT:
      return about_node(listener, asked, proc, (int)arguments[0], arguments[1], (uint32_t)arguments[2], (uint32_t)arguments[3]);
    case ATTRIBUTE:
      return about_attribute(asked->pid, arguments[1], arguments[2], arguments[3]);
    case ATTRIBUTE_AT:
      return about_attribute_at(asked->pid, &asked->data);
    case OWNER:
    case OWNER_16:
    case LINK_OWNER:
    case LINK_OWNER_16:
      return owners_table == NOT_NOTED ? about_owner(asked->pid, arguments[0], first)
             : remember_owner(listener, asked, proc, AT_FDCWD_, arguments[0], subject == LINK_OWNER || subject == LINK_OWNER_16 ? AT_SYMLINK_NOFOLLOW_ : 0, first, second);
    case OPEN_OWNER:
    case OPEN_OWNER_16:
      return owners_table == NOT_NOTED ? about_open_owner(asked->pid, proc, (int)arguments[0], first)
             : remember_owner(listener, asked, proc, (int)arguments[0], 0, AT_EMPTY_PATH_, first, second);
    case OWNER_AT:
      return owners_table == NOT_NOTED ? about_owner(asked->pid, arguments[1], second)
             : remember_owner(listener, asked, proc, (int)arguments[0], arguments[1], (uint32_t)arguments[4], second, (uint32_t)arguments[3]);
    default:
      return GO_ON;
  }
}

long respond(int listener, uint64_t id, long thought) {
  struct seccomp_notif_resp answer = {.id = id};
  answer.flags = thought == GO_ON ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
  answer.error = thought < 0 ? (int32_t)thought : 0;
  long error = call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &answer, 0);
  if (error == -EINVAL_) { /* before Linux 5.5 no call can go on */
    answer.flags = 0;
    answer.error = -EOPNOTSUPP_;
    error = call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &answer, 0);
  }
  return error;
}

/* /proc, if it numbers processes as this one's namespace does: it may be that of a container around us. Else -1. */
static int open_proc(void) {
  char self[24];
  const long proc = call(__NR_openat, AT_FDCWD_, "/proc", O_PATH_ | O_CLOEXEC_, 0);
  const long length = proc < 0 ? proc : call(__NR_readlinkat, proc, "self", self, sizeof self - 1);
  if (length > 0) {
    self[length] = 0;
  }
  return length > 0 && read_digits(self, 10) == (uint64_t)call(__NR_getpid, 0, 0, 0, 0) ? (int)proc : -1;
}

int owners_table = NOT_NOTED;

static int questions[2] = {-1, -1}; /* a pipe to the thread */
static int asked_at;                /* the listener */

__attribute__((noreturn)) static void answer_all(void *argument) {
  const int proc = open_proc();
  struct seccomp_notif asked;
  (void)argument;
  begin_to_remember();
  for (;;) {
    if (call(__NR_read, questions[0], &asked, sizeof asked, 0) == sizeof asked) {
      respond(asked_at, asked.id, think(asked_at, &asked, proc));
    }
  }
}

/* The thread has a root, a directory and an umask of its own: no CLONE_FS. */
static int start_thread(void) {
  static uint8_t stack[STACK] __attribute__((aligned(16)));
  if (call(__NR_pipe2, questions, O_CLOEXEC_, 0, 0) < 0) {
    return 0;
  }
  if (clone_sharing(CLONE_THREAD_ | CLONE_SIGHAND_ | CLONE_FILES_, stack + sizeof stack, NULL, answer_all, NULL) >= 0) {
    return 1;
  }
  close_between(questions[0], questions[0]);
  close_between(questions[1], questions[1]);
  questions[1] = -1;
  return 0;
}

void hand_over(int listener, const struct seccomp_notif *asked) {
  struct poll_entry room = {questions[1], POLLOUT_, 0};
  const uint64_t now[2] = {0, 0};
  asked_at = listener;
  if (questions[1] < 0) {
    if (!start_thread()) {
      respond(listener, asked->id, think(listener, asked, -1));
      return;
    }
    room.fd = questions[1];
  }
  /* A pipe that is full has hundreds before this one. */
  if (call6(__NR_ppoll, (long)&room, 1, (long)now, 0, 8, 0) <= 0 || call(__NR_write, questions[1], asked, sizeof *asked, 0) != sizeof *asked) {
    respond(listener, asked->id, think(listener, asked, -1));
  }
}
