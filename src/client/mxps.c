#include "client/mxps.h"

#include "config/control.h"
#include "route/route.h"

enum { FIRST = 12800, LAST = 13055, MODULUS = 16, QMTP_REST = 1 };

static bool
is_marked(const struct target *t)
{
	return t->preference >= FIRST && t->preference <= LAST &&
	    t->preference % MODULUS == QMTP_REST;
}

static size_t
count_marked(const struct targets *targets)
{
	size_t i, count = 0;

	for (i = 0; i < targets->count; i++)
		count += is_marked(&targets->list[i]);
	return count;
}

enum answer
mxps_expand(struct targets *targets, struct arena *mem, struct problem *problem)
{
	size_t i, marked = count_marked(targets);
	struct targets all = { 0 };
	uint64_t wanted = 0;

	if (marked == 0)
		return ANSWER_NO;
	if (control_number("control/mxps", &wanted, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (wanted == 0)
		return ANSWER_NO;
	all.list = arena_alloc(mem, (targets->count + marked) * sizeof *all.list);
	for (i = 0; i < targets->count; i++) {
		struct target target = targets->list[i];

		if (is_marked(&target)) {
			target.qmtp = true;
			target.port = ROUTE_PORT_QMTP;
			target.implicit_tls = false; /* that is of SMTP's port */
			all.list[all.count++] = target;
		}
		all.list[all.count++] = targets->list[i];
	}
	*targets = all;
	return ANSWER_YES;
}
