#include "server/dnschecks.h"

#include "dns/ptr.h"
#include "lib/env.h"
#include "server/log.h"
#include "server/session.h"
#include "server/sessionreply.h"

enum { PATIENCE = 20 }; /* seconds for all lists of one subject */

typedef bool parse_function(struct view line, struct dnsbl_zone *out);

/* --- settings ------------------------------------------------------------------------------------- */

/* $RHSBL is the same as the file, with commas. */
static void
parse_commas(const char *value, struct control_list *out)
{
	struct str lines = { 0 };

	for (; *value; value++)
		str_append_byte(&lines, *value);
	for (size_t i = 0; i < lines.len; i++)
		if (lines.at[i] == ',')
			lines.at[i] = '\n';
	control_list_parse(str_view(&lines), out);
	str_free(&lines);
}

/* ANSWER_YES or ANSWER_ERROR with `problem`. */
static enum answer
read_settings(struct session *s, struct problem *problem)
{
	struct session_dnschecks *checks = &s->dnschecks;
	const char *path = env_value("DNSBLLIST"), *rhsbl = env_value("RHSBL");
	enum answer answer = control_list(
	    path && *path ? path : "control/dnsbllist", &checks->lists, problem);

	if (answer == ANSWER_ERROR)
		return ANSWER_ERROR;
	checks->is_on = answer == ANSWER_YES || s->settings->dialect == DIALECT_SAGREDO;
	if (rhsbl)
		parse_commas(rhsbl, &checks->rhsbl);
	else if (control_list("control/rhsbl_zones", &checks->rhsbl, problem) ==
	    ANSWER_ERROR)
		return ANSWER_ERROR;
	if (!checks->is_on && checks->rhsbl.count == 0)
		return ANSWER_YES;
	answer = control_number_env(
	    "control/dnsblfailclosed", "DNSBLFAILCLOSED", &checks->fails_closed, problem);
	return answer == ANSWER_ERROR ? answer : ANSWER_YES;
}

void
dnschecks_free(struct session_dnschecks *checks)
{
	control_list_free(&checks->lists);
	control_list_free(&checks->rhsbl);
	arena_free(&checks->mem);
}

/* --- questions ------------------------------------------------------------------------------------ */

/* Ask all zones of `list` about `key`. */
static void
ask(struct session *s, const struct control_list *list, parse_function *parse,
    struct view key, struct view who, struct arena *mem, struct dnsbl_decision *out)
{
	struct dnsbl_zone *zones = arena_alloc(mem, (list->count + 1) * sizeof *zones);
	struct dnsbl_finding *findings =
	    arena_alloc(mem, (list->count + 1) * sizeof *findings);
	size_t i, count = 0;

	for (i = 0; i < list->count; i++)
		count += parse(list->entries[i].text, &zones[count]);
	dnsbl_ask(session_resolver(s), key, zones, count,
	    deadline_sooner(s->end, deadline_in(PATIENCE)), mem, findings);
	for (i = 0; i < count; i++)
		if (zones[i].action == DNSBL_LOG && findings[i].listing == DNSBL_LISTED)
			server_log_dnscheck(
			    s, "dnsbl", "ignore", zones[i].zone, findings[i].text);
	dnsbl_decide(
	    zones, findings, count, s->dnschecks.fails_closed > 0, who, mem, out);
}

static void
refuse(struct session *s, const struct dnsbl_decision *d, unsigned code,
    const char *check, const char *file)
{
	struct ruling why = {
		.reply = { code, d->text, VIEW("") }, .check = check, .file = file
	};

	session_refuse_with(s, &why);
}

/* --- the client's address --------------------------------------------------------------------------- */

static const struct dnsbl_decision *
decide_on_address(struct session *s)
{
	struct session_dnschecks *checks = &s->dnschecks;
	struct dnsbl_decision *out = arena_alloc(&checks->mem, sizeof *out);
	const char *variable = env_value("RBLSMTPD");
	struct str key = { 0 };
	struct ip ip;

	*out = (struct dnsbl_decision) { .result = DNSBL_RESULT_PASS };
	if (variable) {
		dnsbl_decide_by_variable(view_of(variable), &checks->mem, out);
	} else if (ip_parse(s->peer->ip, &ip)) {
		ptr_reverse(&key, &ip, VIEW(""));
		ask(s, &checks->lists, dnsbl_parse, str_view(&key), s->peer->ip,
		    &checks->mem, out);
		str_free(&key);
	}
	env_list_set(
	    session_environment(s), "RBLRESULT", view_of(dnsbl_result_text(out->result)));
	return out;
}

static bool
accepts_address(struct session *s)
{
	struct session_dnschecks *checks = &s->dnschecks;

	if (!checks->is_on || env_value("DNSBLSKIP"))
		return true;
	if (!checks->decision)
		checks->decision = decide_on_address(s);
	if (checks->decision->result == DNSBL_RESULT_REJECT) {
		refuse(s, checks->decision, 553, "dnsbl", "control/dnsbllist");
		return false;
	}
	if (checks->decision->result == DNSBL_RESULT_DELAY) {
		refuse(s, checks->decision, 451, "dnsbl", "control/dnsbllist");
		session_close(s, "dnsbl");
		return false;
	}
	return true;
}

/* --- the sender's domain and the HELO name ------------------------------------------------------------ */

static const struct dnsbl_decision *
decide_on_domains(struct session *s)
{
	struct transaction *t = &s->transaction;
	struct dnsbl_decision *out = arena_alloc(&t->mem, sizeof *out);
	const struct view names[] = { t->sender.domain,
		s->said_helo ? str_view(&s->helo) : VIEW("") };
	size_t i;

	*out = (struct dnsbl_decision) { .result = DNSBL_RESULT_PASS };
	for (i = 0; i < 2 && out->result == DNSBL_RESULT_PASS; i++)
		if (dnsbl_is_domain(names[i]))
			ask(s, &s->dnschecks.rhsbl, dnsbl_parse_rhsbl, names[i],
			    s->peer->ip, &t->mem, out);
	return out;
}

static bool
accepts_domains(struct session *s)
{
	struct transaction *t = &s->transaction;

	if (s->dnschecks.rhsbl.count == 0)
		return true;
	if (!t->rhsbl)
		t->rhsbl = decide_on_domains(s);
	if (t->rhsbl->result == DNSBL_RESULT_PASS)
		return true;
	refuse(s, t->rhsbl, t->rhsbl->result == DNSBL_RESULT_REJECT ? 550 : 451, "rhsbl",
	    "control/rhsbl_zones");
	return false;
}

bool
dnschecks_accept_rcpt(struct session *s)
{
	struct problem problem;

	if (s->settings->strict || s->relay_client || s->auth.done)
		return true;
	if (!s->dnschecks.known && read_settings(s, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	s->dnschecks.known = true;
	return accepts_address(s) && accepts_domains(s);
}
