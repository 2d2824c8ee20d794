/* lmtpplace - where an LMTP server listens: the path of a socket, which begins with '/', or "host:port";
 * host is a name, an IPv4 address, or an IPv6 address in brackets, and without ":port" it is 24. */
#ifndef CLIENT_LMTPPLACE_H
#define CLIENT_LMTPPLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"

enum { LMTPPLACE_PORT = 24 };

struct lmtpplace {
	struct view path; /* empty: by TCP */
	struct view host;
	uint16_t port;
};

/* False if it is neither. */
bool lmtpplace_parse(struct view text, struct lmtpplace *out);

/* Connect; the current directory is the home.  A non-blocking descriptor; or -1, and why is appended to
 * *why. */
int lmtpplace_connect(
    const struct lmtpplace *place, struct deadline deadline, struct str *why);

#endif
