#include "policy/spf/evaluate.h"

#include "lib/str.h"
#include "policy/spf/explain.h"
#include "policy/spf/lookup.h"
#include "policy/spf/mechanism.h"
#include "policy/spf/name.h"
#include "policy/spf/record.h"

/* An evaluation, its limits, and what it has come to. */
struct evaluation {
	struct spf_lookup lookup;
	const struct spf_question *question;
	struct spf_verdict *verdict;
	struct view exp; /* domain-spec of the record in effect */
	struct view exp_domain;
};

static enum spf_result check_domain(
    struct evaluation *e, struct view domain, bool is_included);

static enum spf_result
result_of_error(enum spf_match match)
{
	return match == SPF_MATCH_TEMPERROR ? SPF_TEMPERROR : SPF_PERMERROR;
}

static enum spf_result
permerror(struct evaluation *e, struct view term, const char *reason)
{
	e->verdict->term = term;
	spf_permerror(&e->lookup, reason);
	return SPF_PERMERROR;
}

/* --- one term ------------------------------------------------------------------------------------- */

/* The other domain's verdict, as a match (the table of RFC 7208 5.2). */
static enum spf_match
match_include(struct evaluation *e, const struct spf_term *t)
{
	struct view domain, ours = e->lookup.macros.domain;
	enum spf_result result;

	if (!spf_count_term(&e->lookup))
		return spf_permerror(&e->lookup, "too many terms that ask the DNS");
	if (!spf_target(&e->lookup, t->domain, &domain))
		return spf_permerror(&e->lookup, "include of a name that is none");
	result = check_domain(e, domain, true);
	e->lookup.macros.domain = ours;
	switch (result) {
	case SPF_PASS:
		return SPF_MATCH;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return SPF_NO_MATCH;
	case SPF_TEMPERROR:
		return SPF_MATCH_TEMPERROR;
	case SPF_NONE:
		return spf_permerror(&e->lookup, "include of a domain without a record");
	case SPF_PERMERROR:
		break;
	}
	return SPF_MATCH_PERMERROR;
}

static enum spf_match
match_term(struct evaluation *e, const struct spf_term *t)
{
	if (t->mechanism == SPF_INCLUDE)
		return match_include(e, t);
	return spf_mechanism_matches(&e->lookup, t);
}

/* --- the admin's own rules ------------------------------------------------------------------------ */

/* The terms of a line of the admin's, with or without a version in front.  False if there are none
 * that could be used. */
static bool
parse_own(struct evaluation *e, struct view line, struct spf_record *out)
{
	struct view wrong;

	if (line.len == 0)
		return false;
	if (spf_record_is_one(line))
		line = spf_record_terms(line);
	if (spf_record_parse(line, e->lookup.mem, out, &wrong))
		return true;
	e->verdict->wrong_local = wrong;
	return false;
}

/* Ask them, under limits of their own: a record that has used up its own must not switch them off.
 * False if none matches; a permanent error of one is the admin's, and no verdict on the sender. */
static bool
ask_own(struct evaluation *e, const struct spf_record *r, enum spf_result *out)
{
	unsigned terms = e->lookup.terms, voids = e->lookup.voids;
	enum spf_match match = SPF_NO_MATCH;
	size_t i;

	e->lookup.terms = e->lookup.voids = 0;
	for (i = 0; i < r->count; i++) {
		match = match_term(e, &r->terms[i]);
		if (match != SPF_NO_MATCH)
			break;
	}
	e->lookup.terms = terms;
	e->lookup.voids = voids;
	if (match == SPF_MATCH_PERMERROR)
		e->verdict->wrong_local = r->terms[i].text;
	if (match == SPF_NO_MATCH || match == SPF_MATCH_PERMERROR)
		return false;
	e->verdict->term = r->terms[i].text;
	e->verdict->is_local = true;
	*out = match == SPF_MATCH ? r->terms[i].result : SPF_TEMPERROR;
	return true;
}

/* Does a local rule speak before the client would not pass? */
static bool
ask_local_rules(struct evaluation *e, enum spf_result *out)
{
	struct spf_record rules;

	return parse_own(e, e->question->local_rules, &rules) && ask_own(e, &rules, out);
}

/* For a domain without a record: the guess, and what it says about those it does not let pass
 * stands behind the local rules. */
static enum spf_result
guess(struct evaluation *e)
{
	enum spf_result result = SPF_NONE, local;
	struct spf_record guessed;

	if (parse_own(e, e->question->guess, &guessed) && ask_own(e, &guessed, &result) &&
	    result == SPF_PASS)
		return result;
	return ask_local_rules(e, &local) ? local : result;
}

/* --- a record --------------------------------------------------------------------------------------- */

/* RFC 7208 6.1 */
static enum spf_result
follow_redirect(struct evaluation *e, const struct spf_record *r, bool is_included)
{
	struct view domain;
	enum spf_result result;

	if (!spf_count_term(&e->lookup))
		return permerror(e, r->redirect, "too many terms that ask the DNS");
	if (!spf_target(&e->lookup, r->redirect, &domain))
		return permerror(e, r->redirect, "redirect to a name that is none");
	result = check_domain(e, domain, is_included);
	if (result == SPF_NONE)
		return permerror(e, r->redirect, "redirect to a domain without a record");
	return result;
}

/* What a record comes to at `term`, which matches; at its end, if that is NULL. */
static enum spf_result
conclude(struct evaluation *e, const struct spf_term *term, bool is_included)
{
	enum spf_result result = term ? term->result : SPF_NEUTRAL, local;

	if (!is_included && result != SPF_PASS && (!term || term->mechanism == SPF_ALL) &&
	    ask_local_rules(e, &local))
		return local;
	e->verdict->term = term ? term->text : VIEW("");
	return result;
}

static enum spf_result
evaluate_record(struct evaluation *e, const struct spf_record *r, bool is_included)
{
	size_t i;

	if (!is_included) {
		e->exp = r->has_exp ? r->exp : VIEW("");
		e->exp_domain = e->lookup.macros.domain;
	}
	for (i = 0; i < r->count; i++) {
		enum spf_match match = match_term(e, &r->terms[i]);

		if (match == SPF_MATCH)
			return conclude(e, &r->terms[i], is_included);
		if (match != SPF_NO_MATCH) {
			e->verdict->term = r->terms[i].text;
			return result_of_error(match);
		}
	}
	return r->has_redirect ? follow_redirect(e, r, is_included)
			       : conclude(e, NULL, is_included);
}

/* The one record of the domain (RFC 7208 4.4, 4.5).  SPF_PASS: it is in *out. */
static enum spf_result
find_record(struct evaluation *e, struct view domain, struct view *out)
{
	struct dns_answer answer;
	size_t i, found = 0;

	if (spf_ask(&e->lookup, domain, DNS_TXT, &answer) == DNS_FAILED) {
		spf_temperror(&e->lookup, &answer);
		return SPF_TEMPERROR;
	}
	for (i = 0; answer.result == DNS_FOUND && i < answer.count; i++) {
		if (!spf_record_is_one(answer.records[i].name))
			continue;
		*out = answer.records[i].name;
		found++;
	}
	if (found > 1)
		return permerror(e, VIEW(""), "more than one record");
	return found == 1 ? SPF_PASS : SPF_NONE;
}

static enum spf_result
check_domain(struct evaluation *e, struct view domain, bool is_included)
{
	struct spf_record record;
	struct view text, wrong;
	enum spf_result result = find_record(e, domain, &text);

	if (result != SPF_PASS)
		return result;
	if (!spf_record_parse(spf_record_terms(text), e->lookup.mem, &record, &wrong))
		return permerror(e, wrong, "malformed term");
	e->lookup.macros.domain = domain;
	return evaluate_record(e, &record, is_included);
}

/* --- the whole ------------------------------------------------------------------------------------ */

/* Who is checked: the sender, or postmaster at the HELO name (RFC 7208 2.4, 4.3). */
static void
identify(const struct spf_question *q, struct arena *mem, struct spf_macros *m,
    struct spf_verdict *v)
{
	size_t at = view_rindex(q->sender, '@');
	struct str sender = { 0 };

	v->is_helo = q->sender.len == 0;
	m->local = at < q->sender.len ? view_first(q->sender, at) : VIEW("");
	m->origin = at < q->sender.len ? view_from(q->sender, at + 1) : q->sender;
	if (v->is_helo)
		m->origin = q->helo;
	if (m->local.len == 0)
		m->local = VIEW("postmaster");
	str_append(&sender, m->local);
	str_append_byte(&sender, '@');
	str_append(&sender, m->origin);
	m->sender = v->sender = arena_copy(mem, str_view(&sender));
	m->domain = v->domain = m->origin = spf_name_plain(m->origin);
	str_free(&sender);
}

static void
explain(struct evaluation *e)
{
	struct spf_verdict *v = e->verdict;

	if (v->result == SPF_PASS)
		return;
	if (v->result == SPF_FAIL && !v->is_local && e->exp.len > 0) {
		e->lookup.macros.domain = e->exp_domain;
		v->is_theirs = spf_explain_theirs(&e->lookup, e->exp, &v->explanation);
	}
	if (!v->is_theirs) {
		e->lookup.macros.domain = v->domain;
		spf_explain_ours(&e->lookup, e->question->explanation, &v->explanation);
	}
}

void
spf_evaluate(struct resolver *r, const struct spf_question *q, struct deadline deadline,
    struct arena *mem, struct spf_verdict *out)
{
	struct evaluation e = { .lookup = { .resolver = r,
				    .deadline = deadline,
				    .mem = mem,
				    .macros = { .ip = q->ip,
					.helo = q->helo,
					.receiver = q->receiver,
					.now = q->now,
					.client_name = spf_client_name } },
		.question = q,
		.verdict = out };

	*out = (struct spf_verdict) { 0 };
	e.lookup.macros.context = &e.lookup;
	identify(q, mem, &e.lookup.macros, out);
	if (q->is_own) {
		out->result = SPF_PASS;
		out->is_local = true;
		return;
	}
	if (spf_name_is_valid(out->domain))
		out->result = check_domain(&e, out->domain, false);
	if (out->result == SPF_NONE && spf_name_is_valid(out->domain))
		out->result = guess(&e);
	if (out->result == SPF_TEMPERROR || out->result == SPF_PERMERROR)
		out->reason = e.lookup.reason;
	explain(&e);
}
