#include "policy/table.h"

#include "config/control.h"
#include "lib/env.h"
#include "policy/checklist.h"

/* The value of the variable without which a dialect does not look at badhelo; empty where there is
 * no such condition, NULL where it is not met (inbound 0.7). */
static const char *
mode_of_badhelo(enum dialect dialect)
{
	const char *mode = "";

	if (dialect == DIALECT_SQMAIL)
		return env_value("HELOCHECK");
	if (dialect == DIALECT_INDIMAIL)
		mode = env_value("BADHELOCHECK");
	return mode ? mode : env_value("BADHELO");
}

static const struct check_row rows[CHECK_COUNT] = {
	[CHECK_REJECTNULLSENDERS] = { "rejectnullsenders", AT_MAIL,
	    "control/rejectnullsenders", "REJECTNULLSENDERS", .flags = ADDED | IS_NUMBER,
	    .ask = check_rejectnullsenders },
	[CHECK_BADHELO] = { "badhelo", AT_RCPT, "control/badhelo",
	    .off_variable = "NOBADHELO", .reply_variable = "REPLY_HELO",
	    .mode = mode_of_badhelo, .flags = ADDED | IS_LIST, .ask = check_badhelo },
	[CHECK_BADHELONORELAY] = { "badhelonorelay", AT_RCPT, "control/badhelonorelay",
	    .off_variable = "NOBADHELO", .flags = NOT_FOR_RELAY | ADDED | IS_REGEX,
	    .ask = check_badhelonorelay },
	[CHECK_BADMAILFROM] = { "badmailfrom", AT_RCPT, "control/badmailfrom",
	    .off_variable = "DISABLE_BADMAILFROM", .reply_variable = "REPLY_BADMAILFROM",
	    .flags = IS_LIST | ABOUT_SENDER | LATE, .ask = check_badmailfrom },
	[CHECK_BADMAILFROMNORELAY] = { "badmailfromnorelay", AT_RCPT,
	    "control/badmailfromnorelay", .off_variable = "DISABLE_BADMAILFROM",
	    .flags = NOT_FOR_RELAY | ADDED | IS_REGEX | ABOUT_SENDER | LATE,
	    .ask = check_badmailfromnorelay },
	[CHECK_BRTLIMIT] = { "brtlimit", AT_RCPT, "control/brtlimit", "BRTLIMIT",
	    .flags = ADDED | IS_NUMBER, .ask = check_brtlimit },
	[CHECK_BADRCPTTO] = { "badrcptto", AT_RCPT, "control/badrcptto",
	    .reply_variable = "REPLY_BADRCPTTO",
	    .flags = ADDED | IS_LIST | COUNTED | LATE, .ask = check_badrcptto },
	[CHECK_BADRCPTTONORELAY] = { "badrcpttonorelay", AT_RCPT,
	    "control/badrcpttonorelay",
	    .flags = NOT_FOR_RELAY | ADDED | IS_REGEX | COUNTED | LATE,
	    .ask = check_badrcpttonorelay },
	[CHECK_RCPTHOSTS] = { "rcpthosts", AT_HOST, "control/rcpthosts",
	    .more = "control/morercpthosts.cdb", .flags = NOT_FOR_RELAY | ABOUT_RELAYING,
	    .ask = check_rcpthosts },
	[CHECK_VALIDRCPTTO] = { "validrcptto", AT_HOST, "control/validrcptto",
	    "VALIDRCPTTO", .more = "control/morevalidrcptto.cdb",
	    .more_variable = "MOREVALIDRCPTTO_CDB",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE, .ask = check_validrcptto },
	[CHECK_VALIDRCPTTO_CDB] = { "validrcptto_cdb", AT_HOST, "control/validrcptto.cdb",
	    "VALIDRCPTTO_CDB", .limit_variable = "VALIDRCPTTO_LIMIT", .limit = 10,
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | IS_CDB,
	    .ask = check_validrcptto_cdb },
	[CHECK_RECIPIENTS] = { "recipients", AT_HOST, "control/recipients",
	    .others = { "RECIPIENTS450", "REPLY_MAILBOX" },
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | BY_LINE,
	    .ask = check_recipients },
	[CHECK_REALRCPTTO_CDB] = { "realrcptto_cdb", AT_LAST, "control/realrcptto.cdb",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | IS_CDB,
	    .ask = check_realrcptto_cdb },
	[CHECK_REALRCPTTO] = { "realrcptto", AT_LAST, "control/realrcptto", "REALRCPTTO",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | IS_NUMBER,
	    .ask = check_realrcptto },
	[CHECK_RCPTCHECK] = { "rcptcheck", AT_LAST, NULL, "RCPTCHECK",
	    .others = { "RCPTCHECKRELAYCLIENT" }, .flags = ADDED,
	    .ask = check_rcptcheck },
	[CHECK_MAXRCPT] = { "maxrcpt", AT_LAST, "control/maxrcpt", "MAXRCPT",
	    .off_variable = "DISABLE_MAXRCPT", .flags = ADDED | IS_NUMBER | LATE,
	    .ask = check_maxrcpt },
	[CHECK_MAXRCPTS] = { "maxrcpts", AT_LAST, "control/maxrcpts", "MAXRCPTS",
	    .flags = ADDED | IS_NUMBER | LATE, .ask = check_maxrcpts },
	[CHECK_MAXRECIPIENTS] = { "maxrecipients", AT_LAST, "control/maxrecipients",
	    "MAXRECIPIENTS", .flags = ADDED | IS_NUMBER | LATE,
	    .ask = check_maxrecipients },
};

/* --- reading ------------------------------------------------------------------------------------ */

enum answer
policy_read(struct policy *p, struct problem *problem)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++)
		if (!(rows[i].flags & ADDED) &&
		    checklist_read(&rows[i], p->dialect, &p->lists[i], problem) ==
			ANSWER_ERROR)
			return ANSWER_ERROR;
	return ANSWER_YES;
}

void
policy_free(struct policy *p)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++)
		checklist_free(&p->lists[i]);
	str_free(&p->text);
	*p = (struct policy) { 0 };
}

/* --- asking ------------------------------------------------------------------------------------- */

bool
policy_spares(const struct policy *p, const struct address *recipient)
{
	return p->spares_postmaster && address_is_postmaster(recipient);
}

static bool
is_to_be_asked(
    const struct policy *p, const struct check_row *row, const struct question *q)
{
	if ((row->flags & ADDED) && !p->additions)
		return false;
	if ((row->flags & NOT_FOR_RELAY) && q->is_relay_client)
		return false;
	if ((row->flags & ABOUT_SENDER) && p->tools.is_sender_okay)
		return false;
	if (p->additions && row->off_variable && env_value(row->off_variable))
		return false;
	if ((row->flags & ADDED) && (row->flags & (IS_LIST | IS_REGEX)) &&
	    policy_spares(p, q->recipient))
		return false;
	return !(row->flags & EXISTENCE) ||
	    (!p->known_by && !address_is_postmaster(q->recipient));
}

/* s/qmail puts a word of the admin's behind its texts, and a space even without. */
static void
add_word(struct policy *p, const struct check_row *row, struct reply *reply)
{
	str_set(&p->text, reply->text);
	str_append_byte(&p->text, ' ');
	str_append(&p->text, view_of(env_value(row->reply_variable)));
	reply->text = str_view(&p->text);
}

static enum verdict
ask_one(struct policy *p, const struct check_row *row, struct check_list *list,
    const struct question *q, struct ruling *why)
{
	enum verdict verdict;

	if (checklist_ready(row, p->dialect, p->tools.log, list, &why->problem) ==
	    ANSWER_ERROR) {
		why->reply = reply_named(REPLY_NO_CONTROLS);
		return VERDICT_CLOSE;
	}
	if (!list->present)
		return VERDICT_PASS;
	why->file = list->value ? row->variable : list->file;
	verdict = row->ask(q, why);
	if (domainmap_failed(&list->names, &why->problem))
		verdict = VERDICT_CLOSE;
	if (verdict == VERDICT_CLOSE && why->problem.what)
		why->reply = reply_named(REPLY_NO_CONTROLS);
	if (verdict == VERDICT_REJECT && row->reply_variable &&
	    p->dialect == DIALECT_SQMAIL)
		add_word(p, row, &why->reply);
	if (verdict == VERDICT_REJECT)
		list->refused++;
	return verdict;
}

static bool
is_late(const struct policy *p, const struct check_row *row)
{
	return p->dialect == DIALECT_SQMAIL && (row->flags & LATE);
}

/* What is asked late comes behind everything else about the recipient. */
static enum check_moment
moment_of(const struct policy *p, const struct check_row *row)
{
	return is_late(p, row) ? AT_LAST : row->moment;
}

static enum verdict
ask_all(
    struct policy *p, enum check_moment moment, struct question *q, struct ruling *why)
{
	const char *note = NULL;
	size_t i;

	for (i = 0; i < (size_t)CHECK_COUNT * 2; i++) {
		const struct check_row *row = &rows[i % CHECK_COUNT];
		struct check_list *list = &p->lists[i % CHECK_COUNT];
		struct ruling ruling = { .check = row->name };
		enum verdict verdict;

		if (is_late(p, row) != (i >= CHECK_COUNT) ||
		    moment_of(p, row) != moment || !is_to_be_asked(p, row, q))
			continue;
		q->list = list;
		q->is_known = p->known_by;
		verdict = ask_one(p, row, list, q, &ruling);
		if (verdict != VERDICT_PASS && verdict != VERDICT_KNOWN) {
			ruling.is_for_relaying = row->flags & ABOUT_RELAYING;
			p->refused += verdict == VERDICT_REJECT &&
			    (row->flags & (EXISTENCE | COUNTED));
			*why = ruling;
			return verdict;
		}
		if (ruling.note)
			note = ruling.note;
		if (verdict == VERDICT_KNOWN)
			p->known_by = row->name;
	}
	why->note = note;
	why->check = p->known_by;
	return VERDICT_PASS;
}

/* May mail to the postmaster be stopped by lists?  RFC 5321 4.5.1: no, but some must. */
static enum answer
read_exemption(struct policy *p, struct problem *problem)
{
	uint64_t number = 1;

	if (p->knows_postmaster || !p->additions)
		return ANSWER_YES;
	if (control_number_env("control/postmasterexempt", "POSTMASTEREXEMPT", &number,
		problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	p->spares_postmaster = number;
	p->knows_postmaster = true;
	return ANSWER_YES;
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
		.rcpthosts = &p->lists[CHECK_RCPTHOSTS],
		.tools = &p->tools };
	struct ruling unreadable = { .check = "postmasterexempt" };

	if (moment == AT_MAIL || moment == AT_RCPT)
		p->known_by = NULL;
	if (address_is_postmaster(recipient) &&
	    read_exemption(p, &unreadable.problem) == ANSWER_ERROR) {
		*why = unreadable;
		return VERDICT_CLOSE;
	}
	return ask_all(p, moment, &q, why);
}

enum answer
policy_takes_host(
    const struct policy *p, const struct address *recipient, struct problem *problem)
{
	const struct question q = { .recipient = recipient,
		.list = &p->lists[CHECK_RCPTHOSTS] };
	struct ruling why = { .check = NULL };

	switch (q.list->present ? check_rcpthosts(&q, &why) : VERDICT_PASS) {
	case VERDICT_PASS:
		return ANSWER_YES;
	case VERDICT_CLOSE:
		*problem = why.problem;
		return ANSWER_ERROR;
	default:
		return ANSWER_NO;
	}
}

bool
policy_is_open_relay(const struct policy *p)
{
	return !p->lists[CHECK_RCPTHOSTS].present;
}

enum answer
policy_most_recipients(struct policy *p, uint64_t *out, struct problem *problem)
{
	static const enum check_id ids[] = { CHECK_MAXRCPT, CHECK_MAXRCPTS,
		CHECK_MAXRECIPIENTS };
	static const struct address none;
	const struct question nobody = { .sender = &none, .recipient = &none };
	uint64_t most = 0;
	size_t i;

	for (i = 0; p->additions && i < sizeof ids / sizeof *ids; i++) {
		struct check_list *list = &p->lists[ids[i]];
		uint64_t number;

		if (!is_to_be_asked(p, &rows[ids[i]], &nobody))
			continue;
		if (checklist_ready(&rows[ids[i]], p->dialect, p->tools.log, list,
			problem) == ANSWER_ERROR)
			return ANSWER_ERROR;
		number = ids[i] == CHECK_MAXRCPT
		    ? check_maxrcpt_most(p->dialect, list->number)
		    : list->number;
		if (number && (most == 0 || number < most))
			most = number;
	}
	*out = most;
	return ANSWER_YES;
}
