/* Extended attributes. See answer.h. */
#include "../call.h"
#include "asker.h"
#include "rare.h"

enum { NAME_ROOM = 256, ACL_VERSION = 2, ACL_USER = 2, ACL_GROUP = 8 };

static int equals(const char *text, const char *other) { return begins(text, other) && begins(other, text); }

/* True for an access list that names a user or group whom the container does not have (acl(5); linux/posix_acl_xattr.h). */
static int names_strangers(uint32_t process, uint64_t address, uint64_t size) {
  struct entry {
    uint16_t tag;
    uint16_t permissions;
    uint32_t id;
  } entries[64];
  uint32_t version;
  const uint32_t user = (uint32_t)call(__NR_getuid, 0, 0, 0, 0), group = (uint32_t)call(__NR_getgid, 0, 0, 0, 0);
  if (size < sizeof version || read_memory(process, address, &version, sizeof version) != sizeof version || version != ACL_VERSION) {
    return 0;
  }
  for (uint64_t at = sizeof version; at + sizeof *entries <= size;) {
    const size_t left = (size - at) / sizeof *entries * sizeof *entries;
    const long count = read_memory(process, address + at, entries, left < sizeof entries ? left : sizeof entries) / (long)sizeof *entries;
    if (count <= 0) {
      return 0;
    }
    for (long i = 0; i < count; i++) {
      if ((entries[i].tag == ACL_USER && entries[i].id != user) || (entries[i].tag == ACL_GROUP && entries[i].id != group)) {
        return 1;
      }
    }
    at += (uint64_t)count * sizeof *entries;
  }
  return 0;
}

/*
 * Attributes that only the host's root may set, and access lists for users that one id does not have, are set nowhere, as an owner is that
 * chown(2) was asked for. The others are the kernel's to set or to refuse.
 */
long about_attribute(uint32_t process, uint64_t name_at, uint64_t value_at, uint64_t size) {
  enum { LARGEST = 65536 }; /* XATTR_SIZE_MAX */
  char name[NAME_ROOM];
  if (read_text(process, name_at, name, sizeof name) < 0 || size > LARGEST) {
    return GO_ON;
  }
  if (begins(name, "trusted.") || (begins(name, "security.") && !equals(name, "security.capability"))) {
    return DONE;
  }
  const int is_list = equals(name, "system.posix_acl_access") || equals(name, "system.posix_acl_default");
  return is_list && names_strangers(process, value_at, size) ? DONE : GO_ON;
}

long about_attribute_at(uint32_t process, const struct seccomp_data *data) {
  struct { /* struct xattr_args */
    uint64_t value;
    uint32_t size;
    uint32_t flags;
  } arguments;
  const int known = data->args[5] >= sizeof arguments
                    && read_memory(process, data->args[4], &arguments, sizeof arguments) == sizeof arguments;
  return known ? about_attribute(process, data->args[3], arguments.value, arguments.size) : GO_ON;
}
