/* messages - every preprocessed message of the queue, by its number: where it is and when it is due.
 *
 * One record of 48 octets each, as a queue may hold a million; all else is in the queue's files, and is
 * read when it is needed.  Records are known by their index, which stays the same for as long as the
 * message is in the queue, and is used again afterwards. */
#ifndef SEND_MESSAGES_H
#define SEND_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "users/route.h"

#define MESSAGES_NONE UINT32_MAX /* no index */

enum message_place {
	MESSAGE_NOWHERE, /* no recipients are left on this channel */
	MESSAGE_WAITING, /* for its time */
	MESSAGE_READY,   /* due: for its turn */
	MESSAGE_PARKED,  /* due: for its destination, which takes no more now */
	MESSAGE_ACTIVE,  /* recipients of it are in memory, or deliveries run */
};

struct message {
	uint64_t id;
	uint32_t
	    birth; /* mtime of info/N; seconds since 1970, as all times here: until 2106 */
	uint32_t sender; /* a hash, for fairness between senders */
	uint32_t host;   /* ... of the destination it waited for last; 0: none */
	struct message_channel {
		uint32_t at;      /* when it is (or was) due */
		uint32_t link;    /* the next one of the list it is in */
		uint8_t place;    /* enum message_place */
		bool retried : 1; /* it was tried before */
		bool urgent : 1;  /* it does not wait for its destination */
		bool settled : 1; /* all is marked that no delivery runs of */
	} channels[CHANNELS];
	bool used : 1;   /* the record is one */
	bool held : 1;   /* nothing is started, until it is released */
	bool ending : 1; /* likewise: an admin ends it (ending.h) */
	bool
	    dropped : 1; /* recipients that are deferred count as done, and nobody is told */
	bool
	    passed_over : 1; /* recipients were left out: their domain is held (desk.h) */
};

struct messages { /* {0} is empty */
	struct message *list;
	uint32_t count;      /* of messages */
	uint32_t used, size; /* records that ever were one, and that there is room for */
	uint32_t spare;      /* the first free record, as index + 1; 0: none */
	uint32_t *slots;     /* hash of ids: index + 1, or 0 */
	uint32_t slot_count;
};

/* The index of a message, or MESSAGES_NONE. */
uint32_t messages_find(const struct messages *m, uint64_t id);

/* The index of a new record, nowhere on both channels; the id must not be known. */
uint32_t messages_add(struct messages *m, uint64_t id, int64_t birth);
void messages_remove(struct messages *m, uint32_t index);

/* The record; valid until the next messages_add(). */
struct message *messages_at(const struct messages *m, uint32_t index);

/* The first message at or behind *cursor, which is then behind it: start with 0.  NULL at the end.
 * Between calls messages may come and go; each that is there all the time is met once. */
struct message *messages_next(const struct messages *m, uint32_t *cursor);

/* A time as it is kept here. */
uint32_t messages_time(int64_t at);

void messages_free(struct messages *m);

#endif
