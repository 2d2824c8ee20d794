/* resolver - questions to the DNS, several at once under one deadline.  Two implementations: the
 * network (qmail-dns, through wire/helper) and a table for unit tests.  What a question and an
 * answer are is in wire/dnsquery.h. */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/ip.h"
#include "lib/view.h"
#include "wire/dnsquery.h"

struct resolver; /* opaque */

/* The network.  Nothing is started before the first question; the current directory must be the
 * home.  `questions_max` bounds the questions of this resolver's life (limits.dns_questions); those
 * beyond it are answered DNS_FAILED. */
struct resolver *resolver_network(size_t questions_max);

/* A table, for unit tests: lines "name type data", as
 *   example.org MX 10 mx.example.org
 *   mx.example.org A 192.0.2.1
 *   alias.example CNAME mx.example.org
 *   broken.example MX FAIL
 *   text.example TXT "one record\032" "of two strings"
 * A text that begins with a quote is made of strings; in these, and in names, \DDD is an octet.
 * A name with any line is DNS_NODATA for other types, and for one with the data NONE; a name without is
 * DNS_NXNAME.  A type in lower case marks the record as authentic, and what is behind an alias if
 * that is, too. */
struct resolver *resolver_table(const char *lines);

void resolver_free(struct resolver *r);

/* Ask `count` (at most DNS_QUESTIONS_MAX) questions at once; answers[i] belongs to questions[i],
 * its records and views live in `mem`, or are those of the question.  Returns when all are answered
 * or the deadline passed: what is open then is DNS_FAILED. */
void resolver_ask(struct resolver *r, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers);

/* Why the last DNS_FAILED, for the log: a literal, never NULL. */
const char *resolver_reason(const struct resolver *r);

#endif
