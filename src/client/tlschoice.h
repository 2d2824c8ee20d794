/* tlschoice - how much TLS a connection must have, and what proves the server's name, by the first
 * of the sources (tlssource.h) that has a word on it, else by the kind of destination (outbound 4.1,
 * 4.2, 4.4). */
#ifndef CLIENT_TLSCHOICE_H
#define CLIENT_TLSCHOICE_H

#include <stdbool.h>

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
	    domain; /* likewise, in A-labels, if the DNS gave the server's name; else empty */
	int message; /* descriptor of the message; -1: none */
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
	struct str name;    /* to verify and for SNI */
	bool name_is_ip;
	/* Not empty: there must be no connection to this server.  Why not, for the report; and in RFC
	 * 8460's words, a literal. */
	struct str refusal;
	const char *refusal_type;
	bool
	    not_listed; /* for TLS reports: the exchanger is none by the policy of its domain */
	bool names_only; /* of the certificate's names, the CN does not count */
	struct str
	    report_policy; /* for TLS reports: the strings of the domain's policy, */
	const char *report_type; /* and its type (wire/tlsrpt.h); NULL: it has none */
	struct str trust, ciphers, cert; /* empty: the default, none */
};

/* ANSWER_YES with *out filled in, or ANSWER_ERROR with `problem` (a file is unreadable, or the line
 * selected is invalid).  The current directory must be the home. */
enum answer tlschoice_make(const struct tlschoice_question *question,
    struct tlschoice *out, struct problem *problem);

/* For the sources: the level, and what reports call it (NULL: the level's name). */
void tlschoice_set(struct tlschoice *choice, enum tls_level level, const char *policy);

/* May `name`, which the DNS may have given, be a part of a path below control/tlshosts? */
bool tlschoice_is_file_name(struct view name);

void tlschoice_free(struct tlschoice *choice);

#endif
