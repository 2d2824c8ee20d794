/* duequeue - messages by the time they are due; 16 octets each (a queue may hold a million). */
#ifndef SEND_DUEQUEUE_H
#define SEND_DUEQUEUE_H

#include <stddef.h>
#include <stdint.h>

struct due {
	int64_t at; /* seconds since 1970 */
	uint64_t id;
};

struct duequeue { /* {0} is empty */
	struct due *heap;
	size_t count, size;
};

void duequeue_add(struct duequeue *q, int64_t at, uint64_t id);
/* The earliest entry, or NULL; valid until the next change. */
const struct due *duequeue_first(const struct duequeue *q);
void duequeue_drop_first(struct duequeue *q);
/* Everything is due so much sooner. */
void duequeue_bring_forward(struct duequeue *q, int64_t seconds);
void duequeue_free(struct duequeue *q);

#endif
