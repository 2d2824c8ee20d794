/* fd - descriptors: whole reads and writes, pipes, waiting under a deadline. */
#ifndef LIB_FD_H
#define LIB_FD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"

/* Write all of it, through EINTR and short writes.  0, or -1 with errno. */
int fd_write_all(int fd, struct view bytes);

/* Append what `fd` holds up to EOF; EFBIG when that is more than `max`.  0, or -1 with errno. */
int fd_read_all(int fd, struct str *out, size_t max);
/* The same, made for files, which are mostly small. */
int fd_read_whole(int fd, struct str *out, size_t max);
int fd_read_file(const char *path, struct str *out, size_t max);

/* Open for reading, without waiting for the other end of a FIFO; close-on-exec. */
int fd_open_file(const char *path);

/* As read(2) and write(2), through EINTR. */
ssize_t fd_read(int fd, void *buffer, size_t len);
ssize_t fd_write(int fd, const void *buffer, size_t len);

/* Wait until `fd` can be read (written) without blocking, or hung up: 0; or -1 with errno,
 * ETIMEDOUT at the deadline. */
int fd_wait_readable(int fd, struct deadline deadline);
int fd_wait_writable(int fd, struct deadline deadline);

/* The same, but ended by another descriptor (-1: none): -1 with ECANCELED once `wake` can be read.
 * Of both at once, reading gives way to `wake`; writing does not, so that last words get out. */
int fd_wait_readable_or(int fd, int wake, struct deadline deadline);
int fd_wait_writable_or(int fd, int wake, struct deadline deadline);

/* A pipe, both ends close-on-exec.  ends[0] reads, ends[1] writes.  0, or -1 with errno. */
int fd_pipe(int ends[2]);

int fd_set_blocking(int fd, int blocking); /* 0, or -1 with errno */
int fd_set_cloexec(int fd);                /* 0, or -1 with errno */

/* Close and set to -1; a descriptor of -1 is left alone.  errno is kept. */
void fd_close(int *fd);

/* The same for a descriptor that somebody else has passed to us: a socket that lingers (SO_LINGER) would
 * hold us up until its peer has taken all, so it no longer does. */
void fd_close_passed(int *fd);

/* Point `to` at what `from` refers to (dup2) and close `from`, unless they are the same. */
int fd_move(int to, int from);

/* Open /dev/null on each of 0, 1, 2 that is closed, so that no file opened later becomes one of
 * them by accident.  0, or -1 with errno. */
int fd_fill_standard(void);

#endif
