/* The calls of other kinds of program as those of the machine's own. See users.h. */
#include "../call.h"
#include "users.h"
#include "rare.h"

enum {
  X32_MARK = 0x40000000,
#if defined(__x86_64__)
  OTHER_ARCHITECTURE = (int)AUDIT_ARCH_I386,
  OTHER_SETNS = 346,
#else
  OTHER_ARCHITECTURE = (int)AUDIT_ARCH_ARM,
  OTHER_SETNS = 375,
#endif
};

/* i386 and 32-bit ARM differ in one number. */
static const struct {
  uint16_t number, own;
  uint8_t is_short; /* ids of 16 bits, as the first kernels had them */
} calls[] = {
    {23, __NR_setuid, 1},     {46, __NR_setgid, 1},     {70, __NR_setreuid, 1},   {71, __NR_setregid, 1},
    {81, __NR_setgroups, 1},  {164, __NR_setresuid, 1}, {170, __NR_setresgid, 1}, {203, __NR_setreuid, 0},
    {204, __NR_setregid, 0},  {206, __NR_setgroups, 0}, {208, __NR_setresuid, 0}, {210, __NR_setresgid, 0},
    {213, __NR_setuid, 0},    {214, __NR_setgid, 0},    {185, __NR_capset, 0},    {OTHER_SETNS, __NR_setns, 0},
};

static uint32_t wide_id(uint64_t id) {
  enum { NO_CHANGE_16 = 0xffff };
  const uint32_t low = (uint32_t)id & NO_CHANGE_16;
  return low == NO_CHANGE_16 ? ~(uint32_t)0 : low;
}

struct seccomp_data as_own(const struct seccomp_data *data) {
  struct seccomp_data own = *data;
  own.nr = -1;
  if ((int)data->arch == NATIVE_ARCHITECTURE) {
    own.nr = data->nr & ~X32_MARK; /* x32 has the numbers of x86-64, with a bit */
  }
  for (size_t i = 0; (int)data->arch == OTHER_ARCHITECTURE && i < sizeof calls / sizeof *calls; i++) {
    if (calls[i].number == data->nr) {
      own.nr = calls[i].own;
      for (int j = 0; calls[i].is_short && j < 3; j++) {
        own.args[j] = wide_id(data->args[j]);
      }
    }
  }
  return own;
}
