/* change - do something to messages, and say for each what came of it. */
#ifndef QTOOL_CHANGE_H
#define QTOOL_CHANGE_H

#include "qtool/reach.h"

struct change {
	struct reach *reach;
	const struct layout *layout;
	enum queuectl_verb verb;
	struct view text; /* of a bounce */
	bool json, dry_run;
	int64_t now;
	bool failed; /* one of them was not done */
};

/* Append to `out` a line for each.  0; or -1 with reach->problem. */
int change_all(struct change *c, struct message *list, size_t count, struct str *out);

#endif
