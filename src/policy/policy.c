#include "policy/policy.h"

#include "config/control.h"
#include "lib/env.h"
#include "policy/checklist.h"
#include "policy/listed.h"

/* --- reading ------------------------------------------------------------------------------------ */

enum answer
policy_read(struct policy *p, struct problem *problem)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++)
		if (!(table_rows[i].flags & ADDED) &&
		    checklist_read(&table_rows[i], p->dialect, &p->lists[i], problem) ==
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
	namelists_free(&p->names);
	str_free(&p->text);
	*p = (struct policy) { 0 };
}

void
policy_read_all(struct policy *p, const struct log *log,
    void (*broken)(void *context, const struct problem *problem), void *context)
{
	struct problem problem;
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++) {
		if (((table_rows[i].flags & ADDED) && !p->additions) ||
		    (table_rows[i].only && !(table_rows[i].only & IN(p->dialect))))
			continue;
		if (checklist_ready(&table_rows[i], p->dialect, log, &p->lists[i],
			&problem) == ANSWER_ERROR ||
		    check_list_is_broken(&p->lists[i], &problem))
			broken(context, &problem);
	}
}

void
policy_reread(struct policy *p)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++) {
		uint64_t refused = p->lists[i].refused;

		if (!(table_rows[i].flags & ADDED))
			continue;
		checklist_free(&p->lists[i]);
		p->lists[i] = (struct check_list) { .refused = refused };
	}
}

/* --- names ------------------------------------------------------------------------------------- */

enum answer
policy_has_name(struct policy *p, enum namelist_id id, const struct address *address,
    struct ruling *why)
{
	if (!p->additions)
		return ANSWER_NO;
	return namelists_have(&p->names, id, p->dialect, p->tools.log, address, why);
}

bool
policy_welcomes(const struct policy *p, const struct address *sender)
{
	const struct check_list *list = &p->lists[CHECK_BADMAILFROM];

	return p->dialect == DIALECT_SQMAIL && list->present &&
	    listed_affixed(list, "?", sender->whole, "");
}

static enum answer
is_on_one_of(struct policy *p, const enum namelist_id ids[], size_t count,
    const struct address *address, struct ruling *why)
{
	enum answer found = ANSWER_NO;
	size_t i;

	for (i = 0; i < count && found == ANSWER_NO; i++)
		found = policy_has_name(p, ids[i], address, why);
	return found;
}

/* Is the sender, or the recipient, exempt from this check? */
static enum answer
is_spared(struct policy *p, const struct check_row *row, const struct question *q,
    struct problem *problem)
{
	static const enum namelist_id senders[] = { NAMELIST_GOODMAILFROM,
		NAMELIST_GOODMAILADDR };
	static const enum namelist_id recipients[] = { NAMELIST_GOODRCPTTO,
		NAMELIST_GOODRCPTPATTERNS, NAMELIST_GOODMAILADDR };
	struct ruling where = { .check = NULL };
	enum answer found = ANSWER_NO;

	if (row->flags & SPARES_SENDERS)
		found = is_on_one_of(p, senders, 2, q->sender, &where);
	else if (row->flags & SPARES_RECIPIENTS)
		found = is_on_one_of(p, recipients, 3, q->recipient, &where);
	*problem = where.problem;
	return found;
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
	if ((row->flags & FOR_RELAY) && !q->is_relay_client)
		return false;
	if (row->only && !(row->only & IN(q->dialect)))
		return false;
	if (p->additions && row->off_variable && env_value(row->off_variable))
		return false;
	if ((row->flags & ADDED) &&
	    (row->flags & (IS_LIST | IS_REGEX | HAS_TWIN | SPARES_POSTMASTER)) &&
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
	enum answer ready =
	    checklist_ready(row, p->dialect, p->tools.log, list, &why->problem);
	enum verdict verdict;

	if (ready != ANSWER_ERROR && !list->present)
		return VERDICT_PASS;
	if (ready != ANSWER_ERROR) {
		ready = is_spared(p, row, q, &why->problem);
		if (ready == ANSWER_YES)
			return VERDICT_PASS;
	}
	if (ready == ANSWER_ERROR) {
		why->reply = reply_named(REPLY_NO_CONTROLS);
		return VERDICT_CLOSE;
	}
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

static enum verdict
ask_all(
    struct policy *p, enum check_moment moment, struct question *q, struct ruling *why)
{
	const char *note = NULL;
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++) {
		const struct check_row *row = &table_rows[i];
		struct ruling ruling = { .check = row->name };
		enum verdict verdict;

		if (row->moment != moment || !is_to_be_asked(p, row, q))
			continue;
		q->list = &p->lists[i];
		q->is_known = p->known_by;
		verdict = ask_one(p, row, &p->lists[i], q, &ruling);
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
		.hosts = &p->lists[CHECK_RCPTHOSTS],
		.dialect = p->dialect,
		.is_relay_client = is_relay_client,
		.refused = p->refused,
		.tools = &p->tools };
	struct ruling unreadable = { .check = "postmasterexempt" };

	if (moment == AT_MAIL || moment == AT_HELO)
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

enum answer
policy_find_host(
    const struct policy *p, const struct address *recipient, struct ruling *why)
{
	const struct check_list *hosts = &p->lists[CHECK_RCPTHOSTS];

	if (!hosts->present || !recipient->has_at)
		return ANSWER_YES;
	return listed_host_where(hosts, recipient->domain, why);
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
		CHECK_MAXRECIPIENTS, CHECK_MAXRCPTCOUNT };
	static const struct address none;
	const struct question nobody = {
		.sender = &none, .recipient = &none, .dialect = p->dialect
	};
	uint64_t most = 0;
	size_t i;

	for (i = 0; p->additions && i < sizeof ids / sizeof *ids; i++) {
		struct check_list *list = &p->lists[ids[i]];
		uint64_t number;

		if (!is_to_be_asked(p, &table_rows[ids[i]], &nobody))
			continue;
		if (checklist_ready(&table_rows[ids[i]], p->dialect, p->tools.log, list,
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
