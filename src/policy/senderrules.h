/* senderrules - s/qmail's control/mailfromrules.cdb: in whose name a client may send (inbound 5.7).
 *
 * A key, in lower case, is the user; user@ip; user@=host; the address; =host; a part of the address
 * that ends in ':' or '.', the longest first; "=.domain" that the host is below, the longest first;
 * "=" for whoever has a name.  They are asked in this order.  Data is empty for any sender, or
 * "+end+end...", of which one must be how the sender ends; if none is, the next key is asked. */
#ifndef POLICY_SENDERRULES_H
#define POLICY_SENDERRULES_H

#include <stdbool.h>

#include "config/cdbmap.h"
#include "lib/view.h"

struct senderrules_client {
	struct view ip;
	struct view host; /* "unknown" is none */
	struct view user; /* who has logged in, or whom IDENT names */
	bool has_user;
};

/* ANSWER_YES or ANSWER_NO; ANSWER_ERROR, with `problem`: the file cannot be read. */
enum answer senderrules_allow(struct cdbmap *rules,
    const struct senderrules_client *client, struct view sender, struct problem *problem);

/* Does the data of one key allow the sender?  Case does not matter. */
bool senderrules_match(struct view data, struct view sender);

#endif
