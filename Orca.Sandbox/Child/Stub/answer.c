/* See answer.h. */
#include "answer.h"

#include <linux/audit.h>
#include <linux/ioctl.h>

#include "asker.h"

enum {
  CLONE_FILES_ = 0x400, CLONE_SIGHAND_ = 0x800, CLONE_THREAD_ = 0x10000,
  STACK = 20480, /* a path and what /proc says of a process are on it */
};

enum subject { NOTHING, NODE, NODE_AT, ATTRIBUTE, ATTRIBUTE_AT, OWNER, OPEN_OWNER, OWNER_AT };

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
    {AUDIT_ARCH_X86_64, 92, OWNER},     {AUDIT_ARCH_X86_64, 94, OWNER},      {AUDIT_ARCH_X86_64, 93, OPEN_OWNER},
    {AUDIT_ARCH_X86_64, 260, OWNER_AT}, {AUDIT_ARCH_I386, 182, OWNER},       {AUDIT_ARCH_I386, 16, OWNER},
    {AUDIT_ARCH_I386, 95, OPEN_OWNER},  {AUDIT_ARCH_I386, 212, OWNER},       {AUDIT_ARCH_I386, 198, OWNER},
    {AUDIT_ARCH_I386, 207, OPEN_OWNER}, {AUDIT_ARCH_I386, 298, OWNER_AT},    {AUDIT_ARCH_AARCH64, 55, OPEN_OWNER},
    {AUDIT_ARCH_AARCH64, 54, OWNER_AT}, {AUDIT_ARCH_ARM, 182, OWNER},        {AUDIT_ARCH_ARM, 16, OWNER},
    {AUDIT_ARCH_ARM, 95, OPEN_OWNER},   {AUDIT_ARCH_ARM, 212, OWNER},        {AUDIT_ARCH_ARM, 198, OWNER},
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

static long think(int listener, const struct seccomp_notif *asked, int proc) {
  const __u64 *arguments = asked->data.args;
  switch (subject_of(&asked->data)) {
    case NODE:
      return about_node(listener, asked, proc, AT_FDCWD_, arguments[0], (uint32_t)arguments[1]);
    case NODE_AT:
      return about_node(listener, asked, proc, (int)arguments[0], arguments[1], (uint32_t)arguments[2]);
    case ATTRIBUTE:
      return about_attribute(asked->pid, arguments[1], arguments[2], arguments[3]);
    case ATTRIBUTE_AT:
      return about_attribute_at(asked->pid, &asked->data);
    case OWNER:
      return about_owner(asked->pid, arguments[0], (uint32_t)arguments[1]);
    case OPEN_OWNER:
      return about_open_owner(asked->pid, proc, (int)arguments[0], (uint32_t)arguments[1]);
    case OWNER_AT:
      return about_owner(asked->pid, arguments[1], (uint32_t)arguments[2]);
    default:
      return GO_ON;
  }
}

/* Receives one question and answers it; without /proc (-1), no file is made. Returns -errno when none could be received. */
static long answer(int listener, int proc) {
  struct seccomp_notif asked;
  memset(&asked, 0, sizeof asked);
  const long received = call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, &asked, 0);
  if (received < 0) {
    return received;
  }
  const long thought = think(listener, &asked, proc);
  struct seccomp_notif_resp answer = {.id = asked.id};
  answer.flags = thought == GO_ON ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
  answer.error = thought < 0 ? (int32_t)thought : 0;
  if (call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &answer, 0) == -EINVAL_) { /* before Linux 5.5 no call can go on */
    answer.flags = 0;
    answer.error = -EOPNOTSUPP_;
    call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &answer, 0);
  }
  return 0;
}

void answer_simply(int listener) { answer(listener, -1); }

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

__attribute__((noreturn)) static void answer_all(void *argument) {
  const int listener = (int)(long)argument;
  const int proc = open_proc();
  long error;
  do {
    error = answer(listener, proc);
  } while (error >= 0 || error == -EINTR_ || error == -ENOENT_); /* ENOENT: who asked is gone */
  call(__NR_close, listener, 0, 0, 0); /* from now on the calls fail with ENOSYS, and nobody waits */
  for (;;) {
    call(__NR_exit, 0, 0, 0, 0);
  }
}

/* The thread has a root, a directory and an umask of its own: no CLONE_FS. */
long start_answering(int listener) {
  static uint8_t stack[STACK] __attribute__((aligned(16)));
  return clone_sharing(CLONE_THREAD_ | CLONE_SIGHAND_ | CLONE_FILES_, stack + sizeof stack, NULL, answer_all, (void *)(long)listener);
}
