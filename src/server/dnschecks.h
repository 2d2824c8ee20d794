/* dnschecks - lists in the DNS in a session (inbound 5.5): of the client's address (dnsbllist), once,
 * at the first RCPT; of the sender's domain and the HELO name (rhsbl_zones), at the first RCPT of
 * a transaction.  Off in strict mode, and for relay clients and those who have said who they are. */
#ifndef SERVER_DNSCHECKS_H
#define SERVER_DNSCHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/control.h"
#include "lib/arena.h"
#include "policy/dnsbl.h"

/* What a session keeps.  {0}: nothing was read yet. */
struct session_dnschecks {
	bool known;                       /* the files are read; at the first RCPT */
	bool is_on;                       /* dnsbllist is there, or the dialect sagredo */
	uint64_t fails_closed;            /* dnsblfailclosed */
	struct control_list lists, rhsbl; /* their lines */
	struct arena mem;
	const struct dnsbl_decision *decision; /* of the address; NULL: not asked yet */
};

struct session;

/* RCPT, behind all other checks: false if it was refused; after a temporary refusal by dnsbllist
 * the session is over. */
bool dnschecks_accept_rcpt(struct session *s);

void dnschecks_free(struct session_dnschecks *checks);

#endif
