#include "policy/namelists.h"

#include "policy/checklist.h"
#include "policy/listed.h"

static const struct check_row rows[NAMELIST_COUNT] = {
	[NAMELIST_GOODMAILADDR] = { .file = "control/goodmailaddr",
	    .flags = ADDED | HAS_TWIN },
	[NAMELIST_GOODMAILFROM] = { .file = "control/goodmailfrom",
	    .flags = ADDED | HAS_TWIN },
	[NAMELIST_GOODRCPTTO] = { .file = "control/goodrcptto",
	    .flags = ADDED | HAS_TWIN },
	[NAMELIST_GOODRCPTPATTERNS] = { .file = "control/goodrcptpatterns",
	    .flags = ADDED | IS_WILDMAT },
	[NAMELIST_NODNSCHECK] = { .file = "control/nodnscheck",
	    .flags = ADDED | HAS_TWIN },
	[NAMELIST_RELAYMAILFROM] = { .file = "control/relaymailfrom",
	    .flags = ADDED | HAS_TWIN },
	[NAMELIST_BLACKHOLEDSENDER] = { .file = "control/blackholedsender",
	    .flags = ADDED | HAS_TWIN },
	[NAMELIST_BLACKHOLEDRCPT] = { .file = "control/blackholedrcpt",
	    .flags = ADDED | HAS_TWIN },
};

enum answer
namelists_have(struct namelists *n, enum namelist_id id, enum dialect dialect,
    const struct log *log, const struct address *address, struct ruling *why)
{
	struct check_list *list = &n->lists[id];

	if (checklist_ready(&rows[id], dialect, log, list, &why->problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (!list->present)
		return ANSWER_NO;
	why->file = list->file;
	switch (listed_address(list, address, why)) {
	case VERDICT_PASS:
		return ANSWER_NO;
	case VERDICT_REJECT:
		return ANSWER_YES;
	default:
		return ANSWER_ERROR;
	}
}

void
namelists_free(struct namelists *n)
{
	size_t i;

	for (i = 0; i < NAMELIST_COUNT; i++)
		checklist_free(&n->lists[i]);
	*n = (struct namelists) { 0 };
}
