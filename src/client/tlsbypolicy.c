#include "client/tlssource.h"

#include "client/tlspolicy.h"
#include "config/control.h"

static bool
is_within(struct view name, struct view domain)
{
	if (view_equal_nocase(name, domain))
		return true;
	return name.len > domain.len && view_ends_nocase(name, domain) &&
	    name.at[name.len - domain.len - 1] == '.';
}

/* Which name has the certificate to show?  A relay's is the admin's own word.  An exchanger's came
 * over the DNS and counts only below the recipient's domain or what match= says. */
static void
choose_name(const struct tlschoice_question *q, struct view match, struct tlschoice *c)
{
	if (match.len == 0) {
		c->wrong_name = c->level == TLS_SECURE && !q->is_relay &&
		    !is_within(q->server, q->host);
	} else if (match.at[0] == '.') {
		c->wrong_name =
		    c->level == TLS_SECURE && !is_within(q->server, view_from(match, 1));
	} else {
		str_set(&c->name, match);
		c->name_is_ip = false;
	}
}

/* A value that is none, or a level that nobody can look up, makes the mail wait. */
static enum answer
take(struct view value, const struct tlschoice_question *q, const char *path, size_t line,
    struct tlschoice *c, struct problem *problem)
{
	struct tlspolicy policy;

	if (!tlspolicy_parse(value, &policy)) {
		problem_note(problem, path, line, "not a TLS policy", 0);
		return ANSWER_ERROR;
	}
	if (policy.level == TLS_DANE || policy.level == TLS_DANE_ONLY ||
	    policy.level == TLS_FINGERPRINT) {
		problem_note(problem, path, line, "a TLS level that cannot be had", 0);
		return ANSWER_ERROR;
	}
	tlschoice_set(c, policy.level, NULL);
	choose_name(q, policy.match, c);
	str_set(&c->trust, policy.ca);
	str_set(&c->ciphers, policy.ciphers);
	return ANSWER_YES;
}

enum answer
tlssource_route(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	enum answer found;

	if (q->route_policy.len == 0)
		return ANSWER_NO;
	found = take(q->route_policy, q, q->route_from.text, 0, c, problem);
	if (found == ANSWER_YES)
		c->from = q->route_from;
	return found;
}

enum answer
tlssource_policy(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	static const char path[] = "control/tlspolicy";
	struct control_list list = { 0 };
	enum answer found = control_list(path, &list, problem);
	struct view value;
	size_t line;

	if (found != ANSWER_YES)
		return found;
	if (tlspolicy_select(
		&list, q->is_relay ? q->server : VIEW(""), q->host, &value, &line)) {
		found = take(value, q, path, line, c, problem);
		if (found == ANSWER_YES)
			origin_note(&c->from, path, line);
	} else {
		found = ANSWER_NO;
	}
	control_list_free(&list);
	return found;
}
