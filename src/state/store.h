/* store - where records are kept: the interface that an engine fills in.  lmdb.h is the embedded
 * one.  What a record means is operate.h's; an engine only keeps it until its time is over, and
 * forgets before that only when it is full. */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include <stdint.h>

#include "lib/view.h"
#include "state/record.h"

enum store_outcome {
	STORE_OK,
	STORE_NONE, /* get: no such record */
	STORE_AGAIN, /* the transaction is undone; the same may succeed if it is tried again */
	STORE_FULL, /* it is undone: too much for one transaction */
	STORE_LOST, /* it is undone: the store cannot be used now; its own lines in the log say why */
};

/* Between begin() and commit() or undo() is a transaction.  Whatever fails in between leaves it to
 * undo(); a commit() that failed has undone it.  A key is the octet of the space and the key's. */
struct store {
	enum store_outcome (*begin)(void *self, uint64_t now);
	/* The value is valid until the next put() or remove(). */
	enum store_outcome (*get)(void *self, struct view key, struct record *out);
	enum store_outcome (*put)(
	    void *self, struct view key, const struct record *record);
	enum store_outcome (*remove)(void *self, struct view key); /* of none: STORE_OK */
	/* STORE_OK: what was put outlives this process.  Forgets some of what is over, and the rest
	 * when it is full. */
	enum store_outcome (*commit)(void *self);
	void (*undo)(void *self);
	void (*close)(void *self);
	void *self;
};

#endif
