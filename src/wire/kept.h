/* kept - what qmail-rspawn and a kept worker, `qmail-remote -k`, say to each other over the worker's
 * descriptor 0 (DESIGN 9, outbound 5.5).  One delivery at a time:
 *
 *   DELIVER   rspawn: host, sender, recipients, and the descriptor of the message.  An offer is for
 *             the session that the worker has open; without, it may make a new one.
 *   PLAN      worker: it takes the delivery, over its session (`connected`), or wants to connect; or
 *             (status "no") its session does not fit the offer, and nothing was done.
 *   GO        rspawn: connect.  Before it nothing was done either.
 *   DOT       worker: the final dot is about to be sent.  From now on the server may have the message.
 *   REPORT    worker: for the recipient at `index`, what qmail-remote would have written for it alone;
 *             or (status "later") the session takes no more of them at a time, and nothing was done
 *             for this one.
 *   END       worker: all was reported; whether the session stays open.
 *
 *   WHO       rspawn, instead of a delivery: what file are you?
 *   SELF      worker: this one; or (status "no") it cannot tell.
 *
 * A worker without an open session ends; so does one whose descriptor 0 is at EOF, after QUIT. */
#ifndef WIRE_KEPT_H
#define WIRE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/frame.h"

/* What a qmail-remote that knows the option holds among its octets. */
#define KEPT_MARK "@(#)qferry kept qmail-remote 1"

enum {
	KEPT_RECIPIENTS_MAX = 100, /* of one delivery (outbound 5.5, row 19) */
	KEPT_ADDRESSES_MAX =
	    50000, /* octets of them together: a frame has room for that */
	KEPT_SALT = 32,
	KEPT_ROUTE = 32,
};

struct kept_delivery {
	bool offer;
	struct view
	    salt; /* KEPT_SALT octets, random: of all identities that will be compared */
	struct view host, sender;
	struct view recipients[KEPT_RECIPIENTS_MAX];
	size_t recipient_count;
};

struct kept_plan {
	bool connected; /* it goes over the session that is open */
	bool relayed;   /* by a route, so that other hosts may have the same */
	struct view
	    route; /* KEPT_ROUTE octets: equal for equal route, credential, name, source */
	struct view
	    destination; /* relay and port, or host: what connections are counted by */
	/* That there may be of these, besides what qmail-rspawn allows; 0: any number. */
	uint32_t connections;
};

struct kept_end {
	bool open;
	bool crowded;      /* the server said that there are too many connections */
	uint32_t rcpt_max; /* recipients that the session takes at a time; 0: not said */
	uint32_t messages; /* that went over the session */
	uint32_t age_ms;   /* of the session */
};

/* A file of this host, for as long as it exists. */
struct kept_file {
	uint64_t device, inode;
};

/* Build a packet; the views of a parsed one point into it.  A parser answers false for what breaks
 * a rule above. */
void kept_pack_delivery(struct str *packet, const struct kept_delivery *delivery);
bool kept_delivery(const struct frame *frame, struct kept_delivery *out);

void kept_pack_plan(struct str *packet, const struct kept_plan *plan);
bool kept_plan(const struct frame *frame, struct kept_plan *out);

/* Of a recipient that goes back there is no output. */
void kept_pack_report(struct str *packet, uint32_t index, struct view output);
void kept_pack_return(struct str *packet, uint32_t index);
bool kept_report(
    const struct frame *frame, uint32_t *index, bool *returned, struct view *output);

void kept_pack_end(struct str *packet, const struct kept_end *end);
bool kept_end(const struct frame *frame, struct kept_end *out);

void kept_pack_who(struct str *packet);
void kept_pack_self(struct str *packet, const struct kept_file *file); /* NULL: unknown */
bool kept_self(const struct frame *frame, struct kept_file *out);

#endif
