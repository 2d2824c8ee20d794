/* gather - the messages that fit, in handfuls: with how they stand, and why they wait. */
#ifndef QTOOL_GATHER_H
#define QTOOL_GATHER_H

#include "qtool/criteria.h"
#include "qtool/reach.h"
#include "qtool/report.h"

struct gather {
	struct reach *reach;
	const struct layout *layout;
	const struct criteria *criteria;
	int64_t now;

	/* A handful, at most QUEUECTL_KEYS; false: it is enough. */
	bool (*take)(void *context, struct message *list, struct report_reasons *reasons,
	    size_t count);
	/* A number that was asked for, and is no message; or what of one cannot be read (errno). */
	void (*missing)(void *context, uint64_t id, bool unreadable);
	void *context;
};

/* 0; or -1 with reach->problem. */
int gather_all(const struct gather *g);

#endif
