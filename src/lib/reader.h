/* reader - buffered input with a deadline for each wait.  Flushes a writer just before a read
 * that would block, and nowhere else: replies to pipelined commands leave together. */
#ifndef LIB_READER_H
#define LIB_READER_H

#include <stddef.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"
#include "lib/writer.h"

struct reader {
	int fd;
	int64_t timeout_ms; /* for each wait; negative is for ever */
	struct deadline
	    deadline; /* and for all waits together; deadline_never() at first */
	int wake_fd;  /* ends a wait when it can be read; -1 at first: none */
	struct writer *flush_first; /* may be NULL */
	char *buffer;               /* the caller's */
	size_t size, start, end;
	size_t high; /* beyond it nothing was read since reader_wipe() */
};

enum reader_status {
	READER_OK,
	READER_EOF,
	READER_TIMEOUT,
	READER_WOKEN,       /* wake_fd can be read */
	READER_ERROR,       /* errno says what */
	READER_WRITE_ERROR, /* flush_first could not be flushed; its `error` says what */
	READER_TOO_LONG,    /* reader_line() only */
};

void reader_init(struct reader *r, int fd, char *buffer, size_t size, int64_t timeout_ms,
    struct writer *flush_first);

/* What is buffered; may be empty.  Use it up with reader_skip(). */
struct view reader_buffered(const struct reader *r);
void reader_skip(struct reader *r, size_t n);

/* Make sure that something is buffered, by one read if nothing is. */
enum reader_status reader_fill(struct reader *r);

/* Append bytes to `line` up to and including the next LF.  When line->len would pass `max`, it is
 * filled up to that, the rest of the line is read and dropped, and READER_TOO_LONG returned.  On any
 * other status but READER_OK the bytes read so far stay in `line`. */
enum reader_status reader_line(struct reader *r, struct str *line, size_t max);

/* Forget what is buffered (RFC 3207: at STARTTLS); returns how many bytes that were. */
size_t reader_discard(struct reader *r);

/* Overwrite what was read and used up: it was secret. */
void reader_wipe(struct reader *r);

#endif
