/* transaction - one mail being taken: from MAIL to the end of its data.  Everything it holds is in
 * one arena and goes with transaction_reset(). */
#ifndef SERVER_TRANSACTION_H
#define SERVER_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "config/limits.h"
#include "lib/arena.h"
#include "smtp/address.h"

struct spf_verdict;
struct dnsbl_decision;
struct greylist_subject;

struct recipient {
	struct recipient *next;
	struct view
	    address;   /* as it goes into the envelope, with the relay client's suffix */
	bool is_local; /* in rcpthosts; known only where the log wants it */
};

/* {0} is valid: none is open. */
struct transaction {
	bool open; /* MAIL was accepted */
	struct address sender;
	struct recipient *first, *last;
	uint64_t count; /* of recipients */
	uint64_t rcpt_commands;
	uint64_t rcpt_failed;          /* of these, refused by a check */
	uint64_t rcpt_dropped;         /* of these, accepted and thrown away */
	bool is_dropped;               /* so is the message, whoever it is for */
	bool is_too_large;             /* says MAIL; its recipients are refused */
	bool relays;                   /* for its sender's sake (relaymailfrom) */
	bool has_no_domain;            /* the sender: MFDNSCHECK has found that out */
	uint64_t octets;               /* of their records in the envelope */
	bool is_sender_okay;           /* a plugin spares it the checks of senders */
	const struct spf_verdict *spf; /* in `mem`; NULL: SPF was not asked */
	const struct dnsbl_decision *rhsbl; /* in `mem`; NULL: not asked */
	struct greylist_subject *greylist;  /* in `mem`; NULL: not asked */
	struct arena mem;
};

/* MAIL: a second one begins anew, as in qmail.  `sender` is copied. */
void transaction_start(struct transaction *t, const struct address *sender);

/* RCPT: add `address` with `suffix` behind it; both are copied.  False when there are too many
 * (limits recipients, envelope): then nothing is added. */
bool transaction_add(struct transaction *t, const struct limits *limits,
    struct view address, struct view suffix);

void transaction_reset(struct transaction *t);
void transaction_free(struct transaction *t);

#endif
