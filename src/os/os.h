/* os - what POSIX lacks: every #ifdef of the suite is behind this header. */
#ifndef OS_OS_H
#define OS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Fill `out` with `len` bytes from the kernel's random generator.  Never fails: a kernel that
 * cannot give random bytes ends the process. */
void os_random(void *out, size_t len);

/* Overwrite memory in a way the compiler may not leave out; for credentials. */
void os_wipe(void *mem, size_t len);

/* Close every descriptor >= `first`. */
void os_close_from(int first);

/* True if the program was started set-id, or by one whose real and effective ids differ: its
 * environment is then a stranger's.  The kernel decides that at exec (AT_SECURE). */
bool os_is_privileged(void);

/* Milliseconds on a clock that never steps (CLOCK_MONOTONIC), and one that also counts a
 * suspended machine (CLOCK_BOOTTIME; the monotonic one where there is none). */
int64_t os_monotonic_ms(void);
int64_t os_boottime_ms(void);
int64_t os_realtime_ms(void); /* the clock on the wall, since 1970 */

/* The uid and pid of the process at the other end of a connected AF_UNIX socket, as they were
 * at connect (SO_PEERCRED).  0, or -1 with errno. */
int os_peer_credentials(int fd, uid_t *uid, pid_t *pid);
int os_peer_ids(int fd, uid_t *uid, gid_t *gid); /* its user and group, likewise */

/* Set the process name's core limit to 0, so that no secret reaches a core file. */
void os_no_core(void);

/* Write `text` to `fd`, as much as one write takes, and end the process without any clean-up.
 * For an out-of-memory handler: allocates nothing. */
_Noreturn void os_exit_saying(int fd, const char *text, int status);

#endif
