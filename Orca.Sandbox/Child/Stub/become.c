/* See users.h. */
#include "../call.h"
#include "asker.h"
#include "users.h"
#include "rare.h"

enum {
  PR_GET_SECUREBITS_ = 27,
  PR_CAPBSET_DROP_ = 24,
  KEEP_CAPS = 1 << 4,
  NO_SETUID_FIXUP = 1 << 2, /* bits of securebits (capabilities(7)) */
  PROT_READ_WRITE = 3,
  MAP_PRIVATE_ANONYMOUS = 0x22,
  PAGE = 4096,
  CAPABILITIES = 64,
  CAPABILITY_VERSION_3 = 0x20080522,
};

enum { WORDS = 4, LOW = 32 };

/* struct __user_cap_header_struct, and behind it two of struct __user_cap_data_struct: effective, permitted,
 * inheritable. */
static void lay_out(uint64_t *words, const struct asker *left) {
  const uint64_t low = 0xffffffff;
  words[0] = CAPABILITY_VERSION_3;
  words[1] = (left->effective & low) | left->permitted << LOW;
  words[2] = (left->inheritable & low) | left->effective >> LOW << LOW;
  words[3] = left->permitted >> LOW | left->inheritable >> LOW << LOW;
}

int keeps_capabilities(struct tracee *tracee) {
  const int64_t securebits = inject(tracee, CALL_PRCTL, PR_GET_SECUREBITS_, 0, 0, 0);
  return securebits < 0 || securebits & (KEEP_CAPS | NO_SETUID_FIXUP);
}

/* It has all capabilities in its new namespace, over nothing but that, and gives them up; in its bounding set stays
 * what it had. */
static void reduce(struct tracee *tracee, const struct asker *before, uint64_t page) {
  for (int capability = 0; capability < CAPABILITIES; capability++) {
    if (!(before->bounding >> capability & 1)
        && inject(tracee, CALL_PRCTL, PR_CAPBSET_DROP_, (uint64_t)capability, 0, 0) < 0) {
      break; /* the kernel knows no more */
    }
  }
  inject(tracee, CALL_CAPSET, page, page + 8, 0, 0);
}

static int is_as_wanted(int tid, const struct space *space, uint64_t permitted, uint64_t bounding) {
  struct asker after;
  return read_asker(tid, &after) && after.space == space->inode && after.permitted == permitted
         && !(after.bounding & ~bounding);
}

enum become become(struct tracee *tracee, const struct space *space, int keep) {
  uint64_t words[WORDS];
  struct asker before;
  if (!read_asker(tracee->tid, &before)) {
    return STAYED;
  }
  const int64_t page = inject(tracee, CALL_MMAP, 0, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS);
  if (tracee->lost || page <= 0) {
    return tracee->lost ? LOST : STAYED;
  }
  const struct asker left = keep ? before : (struct asker){.permitted = 0};
  enum become result = STAYED;
  here.subject = tracee->tid;
  lay_out(words, &left);
  if (write_words(tracee, (uint64_t)page, words, WORDS)) {
    expected = (struct expected){.tid = tracee->tid, .space = space->file};
    const int64_t descriptor = inject(tracee, CALL_SETNS, ~(uint64_t)0, CLONE_NEWUSER_, ORCAS, ORCAS);
    if (descriptor >= 0) {
      if (inject(tracee, CALL_SETNS, (uint64_t)descriptor, CLONE_NEWUSER_, ORCAS, ORCAS) == 0) {
        result = BECAME;
      }
      inject(tracee, CALL_CLOSE, (uint64_t)descriptor, 0, 0, 0);
    }
    expected = (struct expected){.space = -1};
  }
  if (result == BECAME) {
    reduce(tracee, &before, (uint64_t)page);
    refuse_chown(tracee, space->user, (uint64_t)page);
  }
  inject(tracee, CALL_MUNMAP, (uint64_t)page, PAGE, 0, 0);
  here.subject = 0;
  if (!tracee->lost && result == BECAME && !is_as_wanted(tracee->tid, space, left.permitted, before.bounding)) {
    kill_tracee(tracee); /* it has more than it may have: something has changed what it was to call */
  }
  return tracee->lost ? LOST : result;
}
