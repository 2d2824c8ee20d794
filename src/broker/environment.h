/* environment - which variables a broker's client may set for what it has started, and what a child's
 * environment is.  A broker starts programs that look at their environment; a session that an attacker
 * has taken over must not reach the dynamic linker, a shell or an interpreter through it. */
#ifndef BROKER_ENVIRONMENT_H
#define BROKER_ENVIRONMENT_H

#include <stdbool.h>

#include "config/control.h"
#include "lib/arena.h"
#include "lib/env.h"
#include "lib/view.h"
#include "wire/brokercommands.h"
#include "wire/frame.h"

enum {
	BROKER_VARIABLES_MAX = 1024,      /* of a child */
	BROKER_CHANGES_MAX = 1024 * 1024, /* octets that a client may add for one child */
};

/* What a client may set or unset for its children. */
struct environment_rules {
	const struct control_list
	    *more;         /* names besides the documented ones; NULL: none */
	bool any_harmless; /* every name that is not known to be a way to other code */
	const struct broker_commands *commands; /* a $QMAILQUEUE is one of these */
};

/* What is documented in qmail-broker(8), and control/brokervariables: a name a line, or the beginning
 * of names with '*' behind it. */
bool environment_may_set(const struct environment_rules *rules, struct view name);

/* Variables that tell where somebody stands, and not what is wanted: PWD and the like.  The children of a
 * resident broker get none. */
bool environment_is_left_out(struct view name);

/* NULL, or why a change, a field of tag TAG_BROKER_SET or _UNSET, is not made. */
const char *environment_refuses(
    const struct environment_rules *rules, uint16_t tag, struct view octets);

/* The environment of one child: that of `base` with the changes in `fields`, whole frames' fields one
 * behind the other, made in order.  The result lives in `mem` and points into `base`.  NULL: there
 * are too many. */
char **environment_of_child(
    struct arena *mem, const struct env_list *base, struct view fields);

#endif
