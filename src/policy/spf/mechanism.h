/* mechanism - does one mechanism match the client (RFC 7208 section 5)?  All but include, which is
 * evaluate.c's.  For the files of this folder. */
#ifndef POLICY_SPF_MECHANISM_H
#define POLICY_SPF_MECHANISM_H

#include "policy/spf/lookup.h"
#include "policy/spf/record.h"

enum spf_match spf_mechanism_matches(struct spf_lookup *l, const struct spf_term *t);

/* The macro p: a verified name of the client, best the domain itself, else one below it, else any;
 * "unknown".  `context` is a struct spf_lookup. */
struct view spf_client_name(void *context, struct view domain);

#endif
