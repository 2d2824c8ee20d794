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

/* Give free memory of the heap back, and put the rest of it in order.  Before children are forked it
 * saves each the pages it would copy when it did that itself.  Does nothing where malloc does not put
 * it off. */
void os_tidy_heap(void);

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

/* Fresh pages, zeroed; NULL with errno.  Those that are never touched cost nothing. */
void *os_pages(size_t len);
void os_pages_free(void *mem, size_t len);

/* The uid and pid of the process at the other end of a connected AF_UNIX socket, as they were
 * at connect (SO_PEERCRED).  0, or -1 with errno. */
int os_peer_credentials(int fd, uid_t *uid, pid_t *pid);
int os_peer_ids(int fd, uid_t *uid, gid_t *gid); /* its user and group, likewise */

/* Set the core limit to 0; children inherit that. */
void os_no_core(void);

/* From now on what is in the memory of this process is in no core file, whatever the system does with
 * them, and no other process of the same user can read it (ptrace, /proc/PID/mem).  A child that execs
 * is as if this had not been called: its limits are the caller's.  Changing one's ids undoes it on
 * some systems: call it again.  Where there is no such thing: os_no_core(). */
void os_keep_secrets(void);

/* Write `text` to `fd`, as much as one write takes, and end the process without any clean-up.
 * For an out-of-memory handler: allocates nothing. */
_Noreturn void os_exit_saying(int fd, const char *text, int status);

#endif
