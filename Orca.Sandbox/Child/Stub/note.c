/*
 * A note for who starts su or sudo as a user of the container: their files have the set-user-id bit, which does nothing
 * here. Both ask whether that is so (PR_GET_NO_NEW_PRIVS), other programs seldom do. See users.h.
 */
#include <linux/audit.h>

#include "../call.h"
#include "asker.h"
#include "users.h"
#include "rare.h"

/* The filter asks about that one option. */
int is_about_rights(const struct seccomp_data *data) {
  switch (data->arch) {
    case AUDIT_ARCH_X86_64: return (data->nr & ~0x40000000) == 157;
    case AUDIT_ARCH_I386: return data->nr == 172;
    case AUDIT_ARCH_AARCH64: return data->nr == 167;
    case AUDIT_ARCH_ARM: return data->nr == 172;
    default: return 0;
  }
}

void note_rights(const struct seccomp_notif *asked) {
  static int is_noted;
  static const char before[] = "orca: note: '", after[] = "' has no effect: a user of the container cannot become root again\n";
  char name[8] = "", text[sizeof before + sizeof name + sizeof after];
  if (!is_noted && here.usable && has_spaces() && read_proc((int)asked->pid, "/comm", name, sizeof name - 1) > 0
      && (begins(name, "su\n") || begins(name, "sudo\n")) && is_in_child_space((int)asked->pid) && is_standing(asked)) {
    is_noted = 1;
    memcpy(text, before, sizeof before);
    char *end = text + sizeof before - 1;
    for (const char *letter = name; *letter != '\n'; letter++) {
      *end++ = *letter;
    }
    memcpy(end, after, sizeof after);
    say(text, end + sizeof after - 1 - text);
  }
  respond(here.listener, asked->id, GO_ON);
}
