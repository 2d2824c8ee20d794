/* bodycheck - regular expressions for the lines of a message and the fields of its headers, as
 * indimail has them (inbound 5.9); policy/patterns.h bounds them. */
#ifndef CONTENT_BODYCHECK_H
#define CONTENT_BODYCHECK_H

#include "config/control.h"
#include "content/signatures.h"
#include "lib/arena.h"
#include "policy/patterns.h"

/* bodycheck_read() makes it. */
struct bodycheck {
	struct signatures rules;
	struct patterns *sets[RULE_PLACES];     /* by ruleline_where */
	struct control_list lists[RULE_PLACES]; /* what these were made of */
	struct arena mem;
};

/* As signatures_read(); expressions that are wrong or cost too much are told to `log` and skipped. */
enum answer bodycheck_read(const char *path, struct bodycheck *out, const struct log *log,
    struct problem *problem);
void bodycheck_free(struct bodycheck *b);

/* The first rule that matches a header field, unfolded, or a line; NULL: none.  Only the beginning of
 * what is longer than PATTERN_TEXT_MAX is looked at. */
const struct signature *bodycheck_find(
    const struct bodycheck *b, struct view text, bool in_header);

#endif
