/* netmail - what a client sends by QMTP or QMQP, taken apart: a message, its sender, its recipients
 * (https://cr.yp.to/proto/qmtp.txt, https://cr.yp.to/proto/qmqp.html).
 *
 * A push parser: give it what was read, in pieces of any size; what comes out does not depend on where
 * they were cut, but for how the text is cut.  It keeps one address at most. */
#ifndef SMTP_NETMAIL_H
#define SMTP_NETMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/netstring.h"
#include "lib/str.h"
#include "lib/view.h"

#define NETMAIL_MESSAGE_MAX UINT64_C(2000000009) /* octets; the most that qmail reads */

enum {
	NETMAIL_ADDRESS_MAX = 999, /* octets that are kept of an address, as in qmail */
	NETMAIL_ADDRESS_READ = 65536, /* a longer one is no address */
};

enum netmail_event {
	NETMAIL_MORE,      /* all octets are used up */
	NETMAIL_BEGIN,     /* a message is about to come */
	NETMAIL_TEXT,      /* some of it is in `text` */
	NETMAIL_SENDER,    /* the message is complete; its sender is in `address` */
	NETMAIL_RECIPIENT, /* one of its recipients is */
	NETMAIL_END,       /* that were all: now it is ours, or not */
	NETMAIL_MALFORMED, /* no such protocol; nothing more can be read */
	NETMAIL_TOO_LONG,  /* something would have more octets than it may */
};

enum netmail_state {
	NETMAIL_AT_ALL, /* numbers of octets: of all (QMQP), ... */
	NETMAIL_AT_MESSAGE,
	NETMAIL_AT_SENDER,
	NETMAIL_AT_LIST, /* of all recipients (QMTP) */
	NETMAIL_AT_RECIPIENT,
	NETMAIL_AT_FIRST, /* LF or CR: how lines end (QMTP) */
	NETMAIL_IN_TEXT,
	NETMAIL_IN_SENDER,
	NETMAIL_IN_RECIPIENT,
	NETMAIL_AFTER_TEXT, /* commas */
	NETMAIL_AFTER_SENDER,
	NETMAIL_AFTER_RECIPIENT,
	NETMAIL_AFTER_ALL,
};

struct netmail {
	/* Valid with the event that names them, until the next call. */
	struct view text;   /* with LF line ends, unless the client meant others */
	struct str address; /* its octets, if it is none of these: */
	bool is_long;       /* more than NETMAIL_ADDRESS_MAX; what is kept is not all */
	bool has_nul;

	/* Where we are. */
	bool is_qmqp;
	uint64_t list_max; /* octets of all recipients of a message (QMTP) */
	enum netmail_state state;
	struct netstring_length length;
	uint64_t left; /* of the present part */
	bool
	    is_inside; /* a netstring that holds others, of which `room` octets are left */
	uint64_t room;
	bool has_dos_lines, holds_cr;
};

/* Either protocol; of QMTP there may be several messages, one after the other. */
void netmail_start(struct netmail *m, bool is_qmqp, uint64_t list_max);
void netmail_free(struct netmail *m);

/* Is no message begun? */
bool netmail_is_between(const struct netmail *m);

/* Go on until something is known; *used octets of `in` belong to what came before that. */
enum netmail_event netmail_push(struct netmail *m, struct view in, size_t *used);

#endif
