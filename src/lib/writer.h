/* writer - buffered output with a deadline for each wait.  Errors stick: a writer that failed
 * ignores what follows and reports at the flush, so nobody checks each line. */
#ifndef LIB_WRITER_H
#define LIB_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/view.h"

struct writer {
	int fd;
	int64_t timeout_ms;       /* for each wait; negative is for ever */
	struct deadline deadline; /* of all waits under a timeout; never at first */
	int wake_fd;              /* ends a wait when it can be read; -1 at first: none */
	bool is_no_socket;        /* found out by the first write */
	char *buffer;             /* the caller's */
	size_t size, used;
	int error; /* errno of the first failure; ETIMEDOUT for a timeout, ECANCELED for
		    * wake_fd; 0 */
	uint64_t written; /* octets that left the buffer */
};

void writer_init(struct writer *w, int fd, char *buffer, size_t size, int64_t timeout_ms);

void writer_put(struct writer *w, struct view bytes);
void writer_text(struct writer *w, const char *text);
void writer_byte(struct writer *w, char c);
void writer_u64(struct writer *w, uint64_t n);

/* 0 when all went out; -1 with errno, now or at any call before. */
int writer_flush(struct writer *w);

#endif
