/* qmtpreply - what a QMTP server says about one recipient: a netstring of a letter and text
 * (https://cr.yp.to/proto/qmtp.txt). */
#ifndef SMTP_QMTPREPLY_H
#define SMTP_QMTPREPLY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum { QMTPREPLY_TEXT = 5000 /* octets kept, as of an SMTP reply */ };

struct qmtpreply {
	char letter;     /* K, Z or D; valid after QMTPREPLY_DONE */
	struct str text; /* what follows it, without CR, NUL as '?' */
	uint64_t max;    /* octets of the netstring; set by the caller before the start */
	/* Where we are: */
	enum {
		QMTPREPLY_LENGTH,
		QMTPREPLY_LETTER,
		QMTPREPLY_OCTETS,
		QMTPREPLY_COMMA
	} state;
	uint64_t left;
};

enum qmtpreply_status {
	QMTPREPLY_MORE,      /* not at its end yet */
	QMTPREPLY_DONE,      /* its comma was the last octet used */
	QMTPREPLY_MALFORMED, /* no netstring, another letter, or longer than `max` */
};

/* Get ready for the next one. */
void qmtpreply_start(struct qmtpreply *r);

/* Take octets as they come, split anywhere; *used says how many belong to this reply. */
enum qmtpreply_status qmtpreply_add(
    struct qmtpreply *r, struct view octets, size_t *used);

void qmtpreply_free(struct qmtpreply *r);

#endif
