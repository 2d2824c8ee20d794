/* received - the trace line of a message that came by SMTP (inbound 3.5; RFC 5321 4.4). */
#ifndef SMTP_RECEIVED_H
#define SMTP_RECEIVED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

struct received {
	struct view host, ip; /* of the peer */
	struct view helo;     /* named when it differs from `host`, case aside */
	struct view info;     /* IDENT or user */
	bool has_info;        /* set, even if empty */
	struct view by;
	const char *protocol;    /* "SMTP", "ESMTPS" (RFC 3848) */
	struct view tls, cipher; /* "TLSv1.3" and the cipher's name; empty: none */
	int64_t now;             /* Unix time */
};

/* Append the two lines, LF ended.  Of what the peer said every octet outside
 * A-Za-z0-9.@%+/=:-[] becomes '?'. */
void received_format(struct str *out, const struct received *r);

#endif
