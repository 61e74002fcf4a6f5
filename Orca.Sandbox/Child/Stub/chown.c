/*
 * A filter for who has become a user: another's files are not its to give away. The container's own answers chown(2) as
 * done to everybody; of two filters with the same kind of answer the kernel takes the later one's. A change of group is
 * answered as done still: it may be to one of the groups that this user would be in. See users.h.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "../call.h"
#include "users.h"
#include "rare.h"

enum { X32 = 0x40000000, NO_CHANGE = -1, BLOCK = 8, SET_MODE_FILTER = 1, SPEC_ALLOW = 4 };

static const struct {
  uint32_t architecture, number;
  uint32_t user; /* which argument */
} calls[] = {
#if defined(__x86_64__)
    {AUDIT_ARCH_X86_64, 92, 1},       {AUDIT_ARCH_X86_64, 93, 1},        {AUDIT_ARCH_X86_64, 94, 1},
    {AUDIT_ARCH_X86_64, 260, 2},      {AUDIT_ARCH_X86_64, X32 | 92, 1},  {AUDIT_ARCH_X86_64, X32 | 93, 1},
    {AUDIT_ARCH_X86_64, X32 | 94, 1}, {AUDIT_ARCH_X86_64, X32 | 260, 2}, {AUDIT_ARCH_I386, 182, 1},
    {AUDIT_ARCH_I386, 16, 1},         {AUDIT_ARCH_I386, 95, 1},          {AUDIT_ARCH_I386, 212, 1},
    {AUDIT_ARCH_I386, 198, 1},        {AUDIT_ARCH_I386, 207, 1},         {AUDIT_ARCH_I386, 298, 2},
#else
    {AUDIT_ARCH_AARCH64, 55, 1}, {AUDIT_ARCH_AARCH64, 54, 2}, {AUDIT_ARCH_ARM, 182, 1},
    {AUDIT_ARCH_ARM, 16, 1},     {AUDIT_ARCH_ARM, 95, 1},     {AUDIT_ARCH_ARM, 212, 1},
    {AUDIT_ARCH_ARM, 198, 1},    {AUDIT_ARCH_ARM, 207, 1},    {AUDIT_ARCH_ARM, 325, 2},
#endif
};

enum { CALLS = sizeof calls / sizeof *calls };

static struct sock_filter load(size_t offset) {
  return (struct sock_filter){BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset};
}

static struct sock_filter is(uint32_t value, uint8_t yes, uint8_t no) {
  return (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, yes, no, value};
}

void refuse_chown(struct tracee *tracee, uint32_t user, uint64_t page) {
  static struct {
    uint64_t count, address; /* struct sock_fprog */
    struct sock_filter lines[CALLS * BLOCK + 1];
  } program;
  struct sock_filter *line = program.lines;
  for (size_t i = 0; i < CALLS; i++, line += BLOCK) { /* each block is left for the next, but by who may not */
    line[0] = load(offsetof(struct seccomp_data, arch));
    line[1] = is(calls[i].architecture, 0, 6);
    line[2] = load(offsetof(struct seccomp_data, nr));
    line[3] = is(calls[i].number, 0, 4);
    line[4] = load(offsetof(struct seccomp_data, args) + 8 * calls[i].user);
    line[5] = is((uint32_t)NO_CHANGE, 2, 0);
    line[6] = is(user, 1, 0);
    line[7] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM_};
  }
  *line = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  program.count = CALLS * BLOCK + 1;
  program.address = page + 16;
  if (write_words(tracee, page, (const uint64_t *)&program, sizeof program / sizeof(uint64_t))) {
    inject(tracee, CALL_SECCOMP, SET_MODE_FILTER, SPEC_ALLOW, page, 0);
  }
}
