/* rules - SRS as control/ has it: srs_domain switches it on; srs_secrets, srs_maxage, srs_hashlength,
 * srs_hashmin, srs_separator and srs_alwaysrewrite (the names of the qmail-srs patch).  The current
 * directory is the home. */
#ifndef SRS_RULES_H
#define SRS_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "config/control.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "srs/srs.h"

enum {
	SRS_DEFAULT_MAX_AGE = 21,
	SRS_DEFAULT_HASH = 4,
};

/* {0} is valid: nothing is rewritten. */
struct srs_rules {
	struct srs srs;
	bool always; /* also senders of our own domains */
	struct str domain;
	struct control_list secrets;
	struct view *secret_views;
};

/* ANSWER_NO: SRS is off.  ANSWER_ERROR, with `problem`: it is on, but a file cannot be read, or there is
 * no secret. */
enum answer srs_rules_read(struct srs_rules *rules, struct problem *problem);
void srs_rules_free(struct srs_rules *rules);

/* The sender of a message that is forwarded.  ANSWER_YES: *sender is replaced.  ANSWER_NO: it stays, because
 * SRS is off; or it is empty, "#@[]", for VERP ("-@[]" at its end), without '@', or of a domain of
 * control/rcpthosts; or there is no such address for it (SRS_MALFORMED, SRS_TOO_LONG).  ANSWER_ERROR,
 * with `problem`: it cannot be told. */
enum answer srs_rules_rewrite(struct str *sender, int64_t now, struct problem *problem);

#endif
