/* tlschoice - how much TLS a connection must have, and what proves the server's name, by the first
 * of the sources (tlssource.h) that has a word on it, else by the kind of destination (outbound 4.1,
 * 4.2, 4.4). */
#ifndef CLIENT_TLSCHOICE_H
#define CLIENT_TLSCHOICE_H

#include <stdbool.h>

#include "config/control.h"
#include "lib/answer.h"
#include "lib/origin.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/tls.h"

/* Whom we are about to talk to. */
struct tlschoice_question {
	struct view server; /* the relay's name as written, or the exchanger's */
	bool is_ip;         /* it is an address */
	bool is_relay; /* from a route: the admin's word.  An exchanger's is the DNS's. */
	struct view host; /* the recipient's domain */
	struct view
	    route_policy; /* what the route says, as tlspolicy_parse() takes it; or empty */
	struct origin route_from; /* and where */
	struct view sender;       /* the envelope sender */
	const struct control_list
	    *destinations; /* control/tlsdestinations; NULL is empty */
	bool has_credential;
	bool clear_allowed; /* the credential may go without TLS */
	bool implicit;      /* TLS from the first octet */
};

/* {0} is valid: no TLS. */
struct tlschoice {
	enum tls_level level;
	const char *policy; /* for reports: "tlshosts", or the level's name */
	struct origin from; /* the line or file that decided; "" for none */
	bool by_default;    /* no control file asked for this level */
	bool wrong_name;    /* the server's name is not one that the policy trusts */
	struct str name;    /* to verify */
	bool name_is_ip;
	struct str also;         /* other names that do, with ',' between */
	struct str sni;          /* to send; empty: none */
	struct str fingerprints; /* lower-case hex, with ',' between */
	struct tls_rules rules;
	struct str trust, ciphers, cert, key; /* empty: the default, none, in cert */
	struct str key_password;
};

/* ANSWER_YES with *out filled in, or ANSWER_ERROR with `problem` (a file is unreadable, or the line
 * selected is invalid).  The current directory must be the home. */
enum answer tlschoice_make(const struct tlschoice_question *question,
    struct tlschoice *out, struct problem *problem);

/* For the sources: the level, and what reports call it (NULL: the level's name). */
void tlschoice_set(struct tlschoice *choice, enum tls_level level, const char *policy);

/* May `name`, which the DNS may have given, be a part of a path below control/tlshosts? */
bool tlschoice_is_file_name(struct view name);

void tlschoice_free(struct tlschoice *choice); /* wipes the password */

#endif
