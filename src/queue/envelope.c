#include "queue/envelope.h"

/* The first byte of a record, or the NUL that ends them.  Returns how many bytes belong to the
 * records: 1, or 0 when this ends the envelope. */
static size_t
take_letter(struct envelope *e, char c)
{
	if (e->state == ENVELOPE_AT_LETTER && c == '\0') {
		e->status = ENVELOPE_DONE;
		return 0;
	}
	if (c != (e->state == ENVELOPE_AT_SENDER ? 'F' : 'T')) {
		e->status = ENVELOPE_BAD_LETTER;
		return 0;
	}
	e->state = ENVELOPE_IN_ADDRESS;
	e->length = 0;
	return 1;
}

/* The address goes on in `rest`; returns how many bytes of it, the NUL included. */
static size_t
take_address(struct envelope *e, struct view rest)
{
	size_t len = view_index(rest, '\0');

	e->length += len;
	if (e->length > ENVELOPE_ADDRESS_MAX)
		e->status = ENVELOPE_TOO_LONG;
	if (len == rest.len)
		return len;
	e->state = ENVELOPE_AT_LETTER;
	return len + 1;
}

enum envelope_status
envelope_feed(struct envelope *e, struct view piece, size_t *accepted)
{
	size_t at = 0;

	if (e->status != ENVELOPE_MORE)
		piece.len = 0;
	while (e->status == ENVELOPE_MORE && at < piece.len) {
		if (e->state == ENVELOPE_IN_ADDRESS)
			at += take_address(e, view_from(piece, at));
		else
			at += take_letter(e, piece.at[at]);
	}
	*accepted = e->status == ENVELOPE_MORE || e->status == ENVELOPE_DONE ? at : 0;
	return e->status;
}

enum queue_exit
envelope_exit(enum envelope_status status)
{
	switch (status) {
	case ENVELOPE_BAD_LETTER:
		return QUEUE_BAD_ENVELOPE;
	case ENVELOPE_TOO_LONG:
		return QUEUE_ADDRESS_TOO_LONG;
	default:
		return QUEUE_OK;
	}
}
