/* fieldreader - a message's header, field by field, from a reader (queue 3.3): for inject and what else
 * reads whole messages.  A header ends at the first empty line, at the end of the message, or with
 * the first line that is neither a field nor the continuation of one. */
#ifndef MESSAGE_FIELDREADER_H
#define MESSAGE_FIELDREADER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/reader.h"
#include "lib/str.h"
#include "lib/view.h"

enum { FIELDREADER_HEADER_MAX = 16 * 1024 * 1024 }; /* octets, of all fields */

/* {0} and `in` to begin with. */
struct fieldreader {
	struct reader *in;
	struct str
	    line;     /* read ahead: the first line of the next field, or of the body */
	size_t total; /* octets of the header so far */
	bool begun, ended;
	bool
	    has_body; /* once ended: there is an empty line, or a line that is no field */
};

enum fieldreader_status {
	FIELDREADER_FIELD,
	FIELDREADER_END,      /* of the header: the body, if there is one, begins */
	FIELDREADER_TOO_LONG, /* the header, or a line of it */
	FIELDREADER_ERROR,    /* errno says what */
};

/* Replace *field by the next one: with its continuation lines, and a line end, which the last line
 * of a message without one is given.  The line of an mbox, "From ...", is a field too. */
enum fieldreader_status fieldreader_next(struct fieldreader *f, struct str *field);

/* After FIELDREADER_END: what of the body was read.  Nothing if the message has none; else the empty
 * line, and behind it the line that was no field, which may be only the beginning of one that is
 * very long.  The rest is still to be read from `in`. */
void fieldreader_append_body(const struct fieldreader *f, struct str *out);

void fieldreader_free(struct fieldreader *f);

#endif
