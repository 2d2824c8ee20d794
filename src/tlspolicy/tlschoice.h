/* tlschoice - how much TLS a connection must have, and what proves the server's name, by the first
 * of the sources (tlssource.h) that has a word on it, else by the kind of destination (outbound 4.1,
 * 4.2, 4.4). */
#ifndef TLSPOLICY_TLSCHOICE_H
#define TLSPOLICY_TLSCHOICE_H

#include <stdbool.h>

#include "config/control.h"
#include "dns/resolver.h"
#include "lib/answer.h"
#include "lib/deadline.h"
#include "lib/origin.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/tlslevel.h"

/* How the DNS led there, and who can be asked more: for DANE.  {0}: nobody. */
struct tlschoice_dns {
	bool secure;           /* every answer came with AD */
	struct view asked;     /* the server's name in A-labels */
	struct view canonical; /* the name behind all CNAMEs */
	struct view domain;    /* whose exchanger it is, in A-labels; or empty */
	uint16_t port;
	struct resolver *resolver;
	struct deadline end;
};

/* Whom we are about to talk to. */
struct tlschoice_question {
	struct view server; /* the relay's name as written, or the exchanger's */
	bool is_ip;         /* it is an address */
	bool is_relay; /* from a route: the admin's word.  An exchanger's is the DNS's. */
	struct view host;   /* the recipient's domain */
	struct view domain; /* likewise, in A-labels, of an exchanger; else empty */
	int message;        /* descriptor of the message; -1: none */
	struct view
	    route_policy; /* what the route says, as tlspolicy_parse() takes it; or empty */
	struct origin route_from; /* and where */
	struct view sender;       /* the envelope sender */
	const struct control_list
	    *destinations; /* control/tlsdestinations; NULL is empty */
	bool has_credential;
	bool clear_allowed; /* the credential may go without TLS */
	bool implicit;      /* TLS from the first octet */
	struct tlschoice_dns dns;
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
	bool
	    not_listed; /* for TLS reports: the exchanger is none by its domain's policy */
	bool names_only; /* of the certificate's names, the CN does not count */
	struct str
	    report_policy; /* for TLS reports: the strings of the domain's policy, */
	const char *report_type; /* and its type (wire/tlsrpt.h); NULL: it has none */
	struct str also;         /* other names that do, with ',' between */
	struct str sni;          /* to send; empty: none */
	struct str fingerprints; /* lower-case hex, with ',' between */
	struct str tlsa;         /* a list as in wire/tlsa.h */
	struct tls_rules rules;
	struct str trust, ciphers, cert, key; /* empty: the default, none, in cert */
	struct str key_password;
	/* Not empty: nothing must be said to this server.  Why not, for the report; and in RFC 8460's
	 * words, a literal. */
	struct str refusal;
	const char *refusal_type;
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
