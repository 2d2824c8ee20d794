/* bodywriter - a message in the queue's form, as it goes over the wire: behind DATA (outbound 2.8), in
 * chunks, or by QMTP.
 *
 * LF, CRLF and a bare CR each become CRLF, so what comes out has CR and LF only as that pair; and a
 * dot at the start of a line, whatever ended the line before it, is doubled.  So nothing that a
 * message holds can end DATA early (SMTP smuggling).  The ".CRLF" itself is the caller's. */
#ifndef SMTP_BODYWRITER_H
#define SMTP_BODYWRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum body_form {
	BODY_DATA,  /* CRLF, dots doubled */
	BODY_CHUNK, /* CRLF (RFC 3030) */
	BODY_LF,    /* LF */
};

/* {0} is the start of a message behind DATA. */
struct bodywriter {
	enum body_form form;
	bool in_line;  /* something was written behind the last line end */
	bool after_cr; /* its CRLF is out; an LF that follows belongs to it */
};

/* Append the wire form of the next octets of the message, split anywhere, to `out`. */
void bodywriter_add(struct bodywriter *b, struct view octets, struct str *out);

/* At the end of the message: does its last line lack a line end?  An empty message does not. */
bool bodywriter_is_partial(const struct bodywriter *b);

/* What has to be known before MAIL.  {0} is the start of a message. */
struct bodyscan {
	uint64_t octets;  /* with CRLF line ends, without doubled dots (RFC 1870) */
	uint64_t lines;   /* line ends */
	uint64_t longest; /* octets of the longest line, without its end */
	bool eight_bit;   /* holds an octet over 127 (RFC 6152) */
	bool after_cr;
	uint64_t column; /* of the line that is not at its end */
};

void bodyscan_add(struct bodyscan *s, struct view octets);

#endif
