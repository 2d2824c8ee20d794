/* explain - why a client fails: what its domain says (RFC 7208 6.2), or what we do.  For the files of
 * this folder. */
#ifndef POLICY_SPF_EXPLAIN_H
#define POLICY_SPF_EXPLAIN_H

#include "policy/spf/lookup.h"

enum { SPF_EXPLANATION_MAX = 1000 }; /* octets; what is longer is cut */

/* The text at `spec`, expanded.  False, with *out untouched, if there is not exactly one, or it is
 * malformed, empty or not printable ASCII. */
bool spf_explain_theirs(struct spf_lookup *l, struct view spec, struct view *out);

/* The admin's text, expanded; untouched if it is empty or malformed. */
void spf_explain_ours(struct spf_lookup *l, struct view text, struct view *out);

#endif
