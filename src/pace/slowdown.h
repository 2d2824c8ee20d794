/* slowdown - what servers say when they want less, or nothing for a while: lines of control/slowdown and
 * control/routes/NAME/slowdown, and the built-in ones behind them (outbound 5.5, row 13).
 *
 *   code pattern action
 *
 *   code      three digits, or "*": any temporary reply
 *   pattern   what is in the reply's text, enhanced code included; "*" is anything between; case does
 *             not matter
 *   action    "slow": half the rate, and nothing for a short while;
 *             "close TIME" ("30", "10m", "24h"): nothing for so long;
 *             "pass": the reply is what it always was
 *
 * The first line that fits decides.  A permanent reply fits only where its code is written out; it is
 * then a temporary one, and the mail waits. */
#ifndef PACE_SLOWDOWN_H
#define PACE_SLOWDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/control.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/view.h"
#include "smtp/remotereply.h"

enum slowdown_action { SLOWDOWN_PASS, SLOWDOWN_SLOW, SLOWDOWN_CLOSE };

enum { SLOWDOWN_CLOSE_MAX = 24 * 3600 };

struct slowdown_rule {
	unsigned code; /* 0: any temporary one */
	struct view pattern;
	enum slowdown_action action;
	uint32_t seconds; /* of SLOWDOWN_CLOSE; at most SLOWDOWN_CLOSE_MAX */
};

/* The views of *out point into the line.  False, *out untouched: it is none. */
bool slowdown_parse(struct view line, struct slowdown_rule *out);

bool slowdown_fits(const struct slowdown_rule *rule, unsigned code, struct view text);

/* Lists in the order in which they are asked; the built-in one is the last.  {0}: that one only. */
enum { SLOWDOWN_LISTS = 2 };

struct slowdown {
	struct control_list lists[SLOWDOWN_LISTS];
	size_t count;
};

/* Add a list, which becomes ours, of the file `path`.  ANSWER_YES; ANSWER_ERROR with `problem`: a line is
 * no rule. */
enum answer slowdown_add(struct slowdown *s, struct control_list *list, const char *path,
    struct problem *problem);

/* What a reply asks for; *seconds as in the rule. */
enum slowdown_action slowdown_judge(
    const struct slowdown *s, const struct remotereply *reply, uint32_t *seconds);

void slowdown_free(struct slowdown *s);

#endif
