/* capability - what a server offers in its answer to EHLO (RFC 5321 4.1.1.1). */
#ifndef SMTP_CAPABILITY_H
#define SMTP_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* {0} is valid: nothing is offered. */
struct capabilities {
	bool starttls;       /* RFC 3207 */
	bool pipelining;     /* RFC 2920 */
	bool eightbitmime;   /* RFC 6152 */
	bool chunking;       /* RFC 3030 */
	bool size;           /* RFC 1870 */
	uint64_t size_limit; /* octets; 0 is none, or unknown */
	/* RFC 9422; 0: not said. */
	uint64_t mail_max;        /* messages of one connection */
	uint64_t rcpt_max;        /* recipients of one message */
	uint64_t rcpt_domain_max; /* domains of the recipients of one connection */
	struct str auth;          /* mechanisms as sent, with blanks between (RFC 4954) */
};

/* Replace *out by what `text`, the reply's lines with their codes, says.  The first line is the
 * server's name, and a last one without LF was cut off; keywords unknown to us are passed over.  "AUTH=PLAIN LOGIN", the form from before
 * the RFC, counts as AUTH. */
void capabilities_parse(struct capabilities *out, struct view text);

/* Whole words only, case does not matter. */
bool capabilities_have_auth(const struct capabilities *c, struct view mechanism);

void capabilities_clear(struct capabilities *c);

#endif
