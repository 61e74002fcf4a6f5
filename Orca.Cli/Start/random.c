/*
 * Random bytes from getrandom(2), in place of System.Native's, which read /dev/urandom: a bare chroot has none, and every name that orca makes up
 * would end there. Put there by Start.targets.
 */
#include <errno.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/random.h>

int32_t __wrap_SystemNative_GetCryptographicallySecureRandomBytes(uint8_t *buffer, int32_t length) {
  for (size_t done = 0; done < (size_t)length;) {
    const ssize_t count = getrandom(buffer + done, (size_t)length - done, 0);
    if (count > 0) {
      done += (size_t)count;
    } else if (errno != EINTR) {
      return -1;
    }
  }
  return 0;
}

void __wrap_SystemNative_GetNonCryptographicallySecureRandomBytes(uint8_t *buffer, int32_t length) {
  __wrap_SystemNative_GetCryptographicallySecureRandomBytes(buffer, length); /* what it cannot fill stays as it is */
}
