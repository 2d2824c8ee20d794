/* envelope - what qmail-queue reads on descriptor 1: F sender NUL, then T recipient NUL for each
 * recipient, then one more NUL (queue 1.4).  Fed in pieces of any size.
 *
 * The file intd/N holds the very same bytes without the last NUL: so nothing is rebuilt, and the
 * caller writes what was accepted. */
#ifndef QUEUE_ENVELOPE_H
#define QUEUE_ENVELOPE_H

#include <stddef.h>

#include "lib/view.h"
#include "queue/exits.h"

enum { ENVELOPE_ADDRESS_MAX = 1002 };

enum envelope_status {
	ENVELOPE_MORE, /* well-formed so far */
	ENVELOPE_DONE, /* the last NUL was seen; bytes after it are ignored */
	ENVELOPE_BAD_LETTER,
	ENVELOPE_TOO_LONG, /* an address over ENVELOPE_ADDRESS_MAX */
};

struct envelope { /* {0} at first */
	enum envelope_state {
		ENVELOPE_AT_SENDER,
		ENVELOPE_AT_LETTER,
		ENVELOPE_IN_ADDRESS
	} state;
	enum envelope_status status; /* anything but ENVELOPE_MORE is final */
	size_t length;               /* of the address so far */
};

/* Check the next piece.  *accepted is how many bytes of it belong into the file: all on
 * ENVELOPE_MORE, those before the last NUL on ENVELOPE_DONE, 0 on an error. */
enum envelope_status envelope_feed(
    struct envelope *e, struct view piece, size_t *accepted);

/* What qmail-queue exits with for it: QUEUE_OK where nothing is wrong so far (queue 2.2). */
enum queue_exit envelope_exit(enum envelope_status status);

#endif
