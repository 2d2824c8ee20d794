/* resolver - questions to the DNS, several at once under one deadline.  Two implementations: the
 * network (qmail-dns, through wire/helper) and a table for unit tests. */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/ip.h"
#include "lib/view.h"

enum dns_type {
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52
};

enum dns_result {
	DNS_FOUND,  /* at least one record of the type */
	DNS_NODATA, /* the name exists, without such a record */
	DNS_NXNAME, /* no such name */
	DNS_FAILED, /* SERVFAIL, REFUSED, FORMERR, timeout, no helper: could not find out */
	DNS_BADNAME, /* the question is no domain name (label over 63, name over 255, empty label) */
};

struct dns_record {
	struct view
	    name; /* MX: the exchanger, without a trailing dot ("" is the root: null MX);
	                   * PTR: the name.  TXT: the strings, concatenated.  TLSA: the octets. */
	uint16_t preference; /* MX */
	struct ip ip;        /* A, AAAA */
	uint32_t ttl;
};

struct dns_question {
	struct view
	    name; /* U-labels are turned into A-labels; a trailing dot is allowed */
	enum dns_type type;
};

struct dns_answer {
	enum dns_result result;
	bool
	    authentic; /* AD, from a resolver that is trusted (trust-ad, or on loopback) */
	struct view
	    asked; /* the name of the question, in A-labels, without trailing dot */
	struct view canonical;      /* the name that has the records: behind all CNAMEs */
	struct dns_record *records; /* in the order of the packet; in the arena */
	size_t count;               /* at most DNS_RECORDS_MAX */
};

enum { DNS_QUESTIONS_MAX = 64, DNS_RECORDS_MAX = 200 };

struct resolver; /* opaque */

/* The network.  Nothing is started before the first question.  `questions_max` bounds the
 * questions of this resolver's life; those beyond it are answered DNS_FAILED. */
struct resolver *resolver_network(size_t questions_max);

/* A table, for unit tests: lines "name type data", as
 *   example.org MX 10 mx.example.org
 *   mx.example.org A 192.0.2.1
 *   broken.example MX FAIL
 * A name with any line is DNS_NODATA for other types, one without is DNS_NXNAME. */
struct resolver *resolver_table(const char *lines);

void resolver_free(struct resolver *r);

/* Ask `count` (at most DNS_QUESTIONS_MAX) questions at once; answers[i] belongs to questions[i],
 * its records and views live in `mem`.  Returns when all are answered or the deadline passed:
 * what is open then is DNS_FAILED. */
void resolver_ask(struct resolver *r, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers);

/* Why the last DNS_FAILED, for the log: a literal, never NULL. */
const char *resolver_reason(const struct resolver *r);

#endif
