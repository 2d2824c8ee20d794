/* tlsdestinations - the grammar of a line of control/tlsdestinations (outbound 4.1), as aQmail and
 * s/qmail have it, who differ in the order of two fields:
 *
 *   prefix destination ":" [store ["|" ciphers ["|" depth ";" port ["|" sender's domain]]]]
 *   prefix destination ":" [store ["|" depth ";" port ["|" ciphers ["|" sender's domain]]]]
 *
 * The store is a PEM file, a hashed directory if it ends in '/', or "=" and a fingerprint.  An "s"
 * before the port, or port 465 or 6209, is TLS from the first octet; 6209 is for
 * QMTP alone.  Pure: nothing is read. */
#ifndef TLSPOLICY_TLSDESTINATIONS_H
#define TLSPOLICY_TLSDESTINATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/control.h"
#include "lib/view.h"
#include "wire/tlslevel.h"

struct tlsdestination {
	enum tls_level level;
	bool exact; /* a '*' in the certificate's name is none */
	struct view store, ciphers,
	    sender;    /* empty when not given; point into the line */
	uint8_t depth; /* 0: none given */
	uint16_t port; /* 0: none given */
	bool implicit;
};

/* Parse what stands behind the key.  False, *out untouched, for what is none of the above.  The level
 * is of the key: see below. */
bool tlsdestinations_parse(struct view value, struct tlsdestination *out);

/* The line for `host` (the relay, else the recipient's domain) and a sender at `sender_domain`: by the
 * prefixes in aQmail's order, of each the host, then its suffixes; then the same by the name of the
 * server; then those that mean all.  Of equal keys the first that fits the sender.
 * ANSWER_NO without one; ANSWER_ERROR, with *line, for one that cannot be parsed. */
enum answer tlsdestinations_select(const struct control_list *list, struct view host,
    struct view server, struct view sender_domain, struct tlsdestination *out,
    size_t *line);

/* The file.  ANSWER_NO if there is none, and then *out is empty. */
enum answer tlsdestinations_read(struct control_list *out, struct problem *problem);

/* The port for `host` and the envelope sender, if a line has one: ANSWER_YES with *port and *implicit.
 * ANSWER_ERROR with `problem` when the line cannot be parsed, or has QMTP's port and the route is none of
 * QMTP. */
enum answer tlsdestinations_port(const struct control_list *list, struct view host,
    struct view sender, bool is_qmtp, uint16_t *port, bool *implicit,
    struct problem *problem);

#endif
