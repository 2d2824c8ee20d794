#include "policy/table.h"

#include <unistd.h>

enum row_flag {
	NOT_FOR_RELAY = 1, /* a relay client is not asked */
};

static const struct row {
	const char *name;
	enum check_moment moment;
	const char *file; /* absent: the check is not asked */
	const char *more; /* cdb companion, or NULL; used only when the file is there */
	unsigned flags;
	check_function *ask;
} rows[CHECK_COUNT] = {
	[CHECK_BADMAILFROM] = { "badmailfrom", AT_RCPT, "control/badmailfrom", NULL, 0,
	    check_badmailfrom },
	[CHECK_RCPTHOSTS] = { "rcpthosts", AT_RCPT, "control/rcpthosts",
	    "control/morercpthosts.cdb", NOT_FOR_RELAY, check_rcpthosts },
};

/* A companion that cannot be opened ends the session before its greeting; one that is damaged
 * ends those sessions only whose answer depends on it. */
static enum answer
open_companion(const char *path, struct check_list *list, struct problem *problem)
{
	enum answer found = cdbmap_open(path, &list->more, problem);

	if (found != ANSWER_ERROR || access(path, R_OK) < 0)
		return found;
	list->broken = *problem;
	return ANSWER_YES;
}

static enum answer
read_list(const struct row *row, struct check_list *list, struct problem *problem)
{
	enum answer found = control_list(row->file, &list->lines, problem);

	if (found != ANSWER_YES)
		return found;
	list->present = true;
	domainmap_make(&list->names, &list->lines, 0);
	return row->more ? open_companion(row->more, list, problem) : ANSWER_YES;
}

enum answer
policy_read(struct policy *p, struct problem *problem)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++)
		if (read_list(&rows[i], &p->lists[i], problem) == ANSWER_ERROR)
			return ANSWER_ERROR;
	return ANSWER_YES;
}

void
policy_free(struct policy *p)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++) {
		domainmap_free(&p->lists[i].names);
		control_list_free(&p->lists[i].lines);
		cdbmap_close(p->lists[i].more);
	}
	*p = (struct policy) { 0 };
}

enum verdict
policy_ask(struct policy *p, enum check_moment moment, bool is_relay_client,
    const struct address *sender, const struct address *recipient, struct ruling *why)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++) {
		const struct row *row = &rows[i];
		struct question q = { sender, recipient, &p->lists[i] };
		struct ruling ruling = { .check = row->name, .file = row->file };
		enum verdict verdict;

		if (row->moment != moment || !q.list->present ||
		    (is_relay_client && (row->flags & NOT_FOR_RELAY)))
			continue;
		verdict = row->ask(&q, &ruling);
		if (verdict != VERDICT_PASS) {
			ruling.is_for_relaying = row->flags & NOT_FOR_RELAY;
			*why = ruling;
			return verdict;
		}
	}
	return VERDICT_PASS;
}

bool
policy_is_open_relay(const struct policy *p)
{
	return !p->lists[CHECK_RCPTHOSTS].present;
}
