/* deliveryreport - what a spawner sends back (outbound 5.4): delnum, text, NUL.  Pure: octets in,
 * reports out. */
#ifndef WIRE_DELIVERYREPORT_H
#define WIRE_DELIVERYREPORT_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

enum { DELIVERYREPORT_MAX = 10000 }; /* octets kept of one, delnum and letter included */

struct deliveryreport_parser {
	unsigned width; /* octets of a delnum: 1 or 2 */
	unsigned seen;  /* of those */
	bool complete;
	unsigned delnum;
	struct str text; /* letter and text; may be empty */
};

void deliveryreport_init(struct deliveryreport_parser *p, unsigned width);

/* Take octets from the front of *input until a report is complete: true, and delnum and text are
 * valid until the next call.  False: *input is used up. */
bool deliveryreport_next(struct deliveryreport_parser *p, struct view *input);
void deliveryreport_free(struct deliveryreport_parser *p);

enum delivery_result {
	DELIVERY_MANGLED, /* no such letter: deferred */
	DELIVERY_SUCCESS,
	DELIVERY_FAILURE,
	DELIVERY_DEFERRAL,
};

/* What a report says.  In a message that is too old (`dying`) a deferral becomes a failure, and the
 * sentence that says so is appended to the text. */
enum delivery_result deliveryreport_judge(struct str *text, bool dying);

#endif
