/* lookup - the questions of one evaluation, and their limits (RFC 7208 4.6.4).  For the files of
 * this folder. */
#ifndef POLICY_SPF_LOOKUP_H
#define POLICY_SPF_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/spf/evaluate.h"
#include "policy/spf/macro.h"

/* What a mechanism says. */
enum spf_match {
	SPF_NO_MATCH,
	SPF_MATCH,
	SPF_MATCH_TEMPERROR,
	SPF_MATCH_PERMERROR,
};

/* One evaluation under way. */
struct spf_lookup {
	struct resolver *resolver;
	struct deadline deadline;
	struct arena *mem;
	struct spf_macros macros; /* its `domain` is whose record is being read */
	unsigned terms, voids;    /* counted so far */
	const char *reason;       /* of the last error; a literal */

	bool knows_names;   /* the client's names were asked for */
	struct view *names; /* those whose addresses include the client's */
	size_t name_count;
	enum dns_result names_result; /* of the question for them */
};

/* Count a term that asks the DNS, or an answer without a record.  False: one too many. */
bool spf_count_term(struct spf_lookup *l);
bool spf_count_void(struct spf_lookup *l);

/* Remember why; the match that goes with it. */
enum spf_match spf_temperror(struct spf_lookup *l, const struct dns_answer *failed);
enum spf_match spf_permerror(struct spf_lookup *l, const char *reason);

/* The name that a domain-spec stands for; the current domain if it is empty.  False if no question
 * can be asked about it: then it matches nothing (RFC 7208 4.8). */
bool spf_target(struct spf_lookup *l, struct view spec, struct view *out);

/* One question. */
enum dns_result spf_ask(struct spf_lookup *l, struct view name, enum dns_type type,
    struct dns_answer *answer);

/* The addresses, of the client's family, of up to SPF_HOSTS_MAX names, asked at once. */
void spf_ask_hosts(struct spf_lookup *l, const struct view *names, size_t count,
    struct dns_answer *answers);

/* The verified names of the client, in l->names (RFC 7208 5.5). */
void spf_find_names(struct spf_lookup *l);

#endif
