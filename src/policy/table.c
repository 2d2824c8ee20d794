#include "policy/table.h"

#include <unistd.h>

#include "lib/env.h"
#include "lib/scan.h"

enum row_flag {
	NOT_FOR_RELAY = 1,  /* a relay client is not asked */
	ABOUT_RELAYING = 2, /* it refuses whom a client certificate may excuse */
	ADDED = 4,      /* qmail lacks it: its files are read when it is first asked */
	EXISTENCE = 8,  /* does the recipient exist?  Not asked when that is known */
	IS_CDB = 16,    /* its file is a cdb */
	IS_NUMBER = 32, /* its file is a number */
};

static const struct row {
	const char *name;
	enum check_moment moment;
	const char *
	    file; /* absent: the check is not asked, unless `more` is there; NULL: none */
	const char
	    *variable;    /* wins over the file: its path, or with IS_NUMBER its value */
	const char *more; /* cdb companion, or NULL */
	const char *more_variable;  /* its path */
	const char *limit_variable; /* of check_list.limit, and its default */
	uint64_t limit;
	unsigned flags;
	check_function *ask;
} rows[CHECK_COUNT] = {
	[CHECK_BADMAILFROM] = { "badmailfrom", AT_RCPT, "control/badmailfrom",
	    .ask = check_badmailfrom },
	[CHECK_BRTLIMIT] = { "brtlimit", AT_RCPT, "control/brtlimit", "BRTLIMIT",
	    .flags = ADDED | IS_NUMBER, .ask = check_brtlimit },
	[CHECK_RCPTHOSTS] = { "rcpthosts", AT_RCPT, "control/rcpthosts",
	    .more = "control/morercpthosts.cdb", .flags = NOT_FOR_RELAY | ABOUT_RELAYING,
	    .ask = check_rcpthosts },
	[CHECK_VALIDRCPTTO] = { "validrcptto", AT_RCPT, "control/validrcptto",
	    "VALIDRCPTTO", .more = "control/morevalidrcptto.cdb",
	    .more_variable = "MOREVALIDRCPTTO_CDB",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE, .ask = check_validrcptto },
	[CHECK_VALIDRCPTTO_CDB] = { "validrcptto_cdb", AT_RCPT, "control/validrcptto.cdb",
	    "VALIDRCPTTO_CDB", .limit_variable = "VALIDRCPTTO_LIMIT", .limit = 10,
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | IS_CDB,
	    .ask = check_validrcptto_cdb },
	[CHECK_REALRCPTTO_CDB] = { "realrcptto_cdb", AT_RCPT, "control/realrcptto.cdb",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | IS_CDB,
	    .ask = check_realrcptto_cdb },
	[CHECK_REALRCPTTO] = { "realrcptto", AT_RCPT, "control/realrcptto", "REALRCPTTO",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | IS_NUMBER,
	    .ask = check_realrcptto },
};

/* --- reading ------------------------------------------------------------------------------------ */

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

/* The path that the variable says, or `preset`.  An empty one switches the file off. */
static const char *
path_from(const char *variable, const char *preset)
{
	const char *path = variable ? env_value(variable) : NULL;

	return path ? path : preset;
}

static enum answer
read_lines(const struct row *row, struct check_list *list, struct problem *problem)
{
	const char *more = path_from(row->more_variable, row->more);
	enum answer found = ANSWER_NO, found_more = ANSWER_NO;

	if (*list->file)
		found = control_list(list->file, &list->lines, problem);
	if (found == ANSWER_YES)
		domainmap_make(&list->names, &list->lines, 0);
	if (found == ANSWER_YES || (found == ANSWER_NO && (row->flags & ADDED)))
		found_more =
		    more && *more ? open_companion(more, list, problem) : ANSWER_NO;
	if (found == ANSWER_ERROR || found_more == ANSWER_ERROR)
		return ANSWER_ERROR;
	return found == ANSWER_YES ? found : found_more;
}

static enum answer
read_value(const struct row *row, struct check_list *list, struct problem *problem)
{
	list->value = env_value(row->variable);
	if (!list->value)
		return control_number(row->file, &list->number, problem);
	scan_u64(view_of(list->value), &list->number);
	return ANSWER_YES;
}

static void
read_limit(const struct row *row, struct check_list *list)
{
	const char *value = row->limit_variable ? env_value(row->limit_variable) : NULL;

	list->limit = row->limit;
	if (value && !scan_u64(view_of(value), &list->limit))
		list->limit = 0;
}

static enum answer
read_files(const struct row *row, struct check_list *list, struct problem *problem)
{
	enum answer found = ANSWER_NO;

	list->looked = true;
	list->file = path_from(row->flags & IS_NUMBER ? NULL : row->variable, row->file);
	read_limit(row, list);
	if (row->flags & IS_NUMBER)
		found = read_value(row, list, problem);
	else if (!(row->flags & IS_CDB))
		found = read_lines(row, list, problem);
	else if (*list->file)
		found = open_companion(list->file, list, problem);
	list->present = found == ANSWER_YES;
	return found;
}

enum answer
policy_read(struct policy *p, struct problem *problem)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++)
		if (!(rows[i].flags & ADDED) &&
		    read_files(&rows[i], &p->lists[i], problem) == ANSWER_ERROR)
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

/* --- asking ------------------------------------------------------------------------------------- */

static bool
is_to_be_asked(const struct policy *p, const struct row *row, const struct question *q)
{
	if ((row->flags & ADDED) && !p->additions)
		return false;
	if ((row->flags & NOT_FOR_RELAY) && q->is_relay_client)
		return false;
	return !(row->flags & EXISTENCE) ||
	    (!q->is_known && !view_equal_nocase(q->recipient->local, VIEW("postmaster")));
}

static enum verdict
ask_one(const struct row *row, struct check_list *list, const struct question *q,
    struct ruling *why)
{
	enum verdict verdict;

	if (!list->looked && read_files(row, list, &why->problem) == ANSWER_ERROR) {
		why->reply = reply_named(REPLY_NO_CONTROLS);
		return VERDICT_CLOSE;
	}
	if (!list->present)
		return VERDICT_PASS;
	why->file = list->value ? row->variable : list->file;
	verdict = row->ask(q, why);
	if (verdict == VERDICT_CLOSE && why->problem.what)
		why->reply = reply_named(REPLY_NO_CONTROLS);
	if (verdict == VERDICT_REJECT)
		list->refused++;
	return verdict;
}

enum verdict
policy_ask(struct policy *p, enum check_moment moment, bool is_relay_client,
    const struct address *sender, const struct address *recipient, struct ruling *why)
{
	struct question q = { .sender = sender,
		.recipient = recipient,
		.dialect = p->dialect,
		.is_relay_client = is_relay_client,
		.refused = p->refused,
		.tools = &p->tools };
	const char *note = NULL;
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++) {
		const struct row *row = &rows[i];
		struct ruling ruling = { .check = row->name };
		enum verdict verdict;

		if (row->moment != moment || !is_to_be_asked(p, row, &q))
			continue;
		q.list = &p->lists[i];
		verdict = ask_one(row, &p->lists[i], &q, &ruling);
		q.is_known |= verdict == VERDICT_KNOWN;
		if (verdict != VERDICT_PASS && verdict != VERDICT_KNOWN) {
			ruling.is_for_relaying = row->flags & ABOUT_RELAYING;
			p->refused +=
			    verdict == VERDICT_REJECT && (row->flags & EXISTENCE);
			*why = ruling;
			return verdict;
		}
		if (ruling.note)
			note = ruling.note;
	}
	why->note = note;
	return VERDICT_PASS;
}

bool
policy_is_open_relay(const struct policy *p)
{
	return !p->lists[CHECK_RCPTHOSTS].present;
}
