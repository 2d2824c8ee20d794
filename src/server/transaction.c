#include "server/transaction.h"

#include <string.h>

enum { RECORD_EXTRA = 2 }; /* a record is "T", the address, NUL */

void
transaction_reset(struct transaction *t)
{
	struct arena mem = t->mem;

	arena_reset(&mem);
	*t = (struct transaction) { .mem = mem };
}

void
transaction_free(struct transaction *t)
{
	arena_free(&t->mem);
	*t = (struct transaction) { 0 };
}

void
transaction_start(struct transaction *t, const struct address *sender)
{
	transaction_reset(t);
	t->sender = address_of(arena_copy(&t->mem, sender->whole));
	t->open = true;
}

bool
transaction_add(struct transaction *t, const struct limits *limits, struct view address,
    struct view suffix)
{
	uint64_t octets = address.len + suffix.len + RECORD_EXTRA;
	struct recipient *recipient;
	char *bytes;

	if (t->count >= limits->recipients || octets > limits->envelope ||
	    t->octets > limits->envelope - octets)
		return false;
	recipient = arena_alloc(&t->mem, sizeof *recipient);
	bytes = arena_alloc(&t->mem, address.len + suffix.len + 1);
	memcpy(bytes, address.at, address.len);
	memcpy(bytes + address.len, suffix.at, suffix.len);
	*recipient =
	    (struct recipient) { .address = { bytes, address.len + suffix.len } };
	if (t->last)
		t->last->next = recipient;
	else
		t->first = recipient;
	t->last = recipient;
	t->count++;
	t->octets += octets;
	return true;
}
