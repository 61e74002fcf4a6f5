/* See walk.h. No libc, and in the stub only in memory as long as it is needed (Stub/rare.h). */
#include "walk.h"

#include <sys/socket.h>

#include "call.h"

#ifdef ORCA_STUB
#include "Stub/rare.h"
#endif

enum { STATUS_TOOL_FAILED = 125 };

void orca_report(int socket, uint32_t step, uint32_t error) {
  const struct orca_report message = {step, error};
  while (call(__NR_write, socket, &message, sizeof message, 0) == -EINTR_) {
  }
}

long orca_send_descriptor(int socket, uint32_t kind, int descriptor) {
  struct orca_report message = {kind, 0};
  struct iovec {
    void *base;
    size_t length;
  } part = {&message, sizeof message};
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  *(int *)CMSG_DATA(&control.header) = descriptor;
  struct msghdr envelope = {.msg_iov = (void *)&part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
  return call(__NR_sendmsg, socket, &envelope, 0, 0);
}

char *orca_write_number(char *to, long value) {
  char digits[20];
  int count = 0;
  if (value < 0) {
    *to++ = '-';
    value = -value;
  }
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  while (count > 0) {
    *to++ = digits[--count];
  }
  *to++ = ' ';
  *to = 0;
  return to;
}

/* A working directory outside the root shows as "(unreachable)/..." (getcwd(2)). */
static long check_directory(void) {
  char path[4096];
  const long length = call(__NR_getcwd, path, sizeof path, 0, 0);
  return length < 0 ? length : path[0] == '/' ? 0 : -ENOENT_;
}

static long perform(const struct orca_program *program, const struct orca_operation *op, const long *slots, orca_performer *perform_other) {
  long value[6];
  for (int i = 0; i < 6; i++) {
    value[i] = op->slot_mask & (1u << i) ? slots[op->arguments[i]] : (long)op->arguments[i];
  }
  switch (op->kind) {
    case ORCA_OP_CALL:
      return call6(op->number, value[0], value[1], value[2], value[3], value[4], value[5]);
    case ORCA_OP_SEND_DESCRIPTOR:
      return orca_send_descriptor(program->report, ORCA_REPORT_TERMINAL, (int)value[0]);
    case ORCA_OP_CHECK_DIRECTORY:
      return check_directory();
    default:
      return perform_other(program, op, value);
  }
}

static int tolerated(const struct orca_operation *op, long error) {
  return error > 0 && error < 128 && (op->tolerated[error / 64] >> (error % 64)) & 1;
}

__attribute__((noreturn)) void orca_walk(const struct orca_program *program, orca_performer *perform_other) {
  const struct orca_operation *next = program->operations, *const end = next + program->count;
  long slots[ORCA_SLOTS];
  while (next < end) {
    const struct orca_operation *op = next++;
    const long result = perform(program, op, slots, perform_other);
    if (result < 0 && result >= -4095) {
      if (tolerated(op, -result)) {
        next += op->skip_on_tolerated;
      } else {
        orca_report(program->report, op->step, (uint32_t)-result);
        leave(STATUS_TOOL_FAILED);
      }
    }
    if (op->result_slot >= 0) {
      slots[op->result_slot] = result;
    }
  }
  leave(STATUS_TOOL_FAILED); /* a program ends in ORCA_OP_INIT; falling off its end is a bug of the encoder */
}
