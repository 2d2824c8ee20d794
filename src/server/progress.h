/* progress - who sends a message must get on with it: an octet now and then would keep a queue
 * program busy for ever (D37). */
#ifndef SERVER_PROGRESS_H
#define SERVER_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct session;

struct progress {
	uint64_t since; /* octets since the present window was opened */
};

/* Octets of a message are awaited: limits.data_progress of them, or the end, in any four timeouts. */
void progress_start(struct session *s, struct progress *p);
void progress_note(struct session *s, struct progress *p, size_t octets);

/* They are not: only the whole session has a deadline again. */
void progress_end(struct session *s);

#endif
