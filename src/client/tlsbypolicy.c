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

enum answer
tlssource_policy(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	static const char path[] = "control/tlspolicy";
	struct control_list list = { 0 };
	enum answer found = control_list(path, &list, problem);
	struct tlspolicy policy;
	struct view value;
	size_t line;

	if (found != ANSWER_YES)
		return found;
	if (!tlspolicy_select(
		&list, q->is_relay ? q->server : VIEW(""), q->host, &value, &line)) {
		found = ANSWER_NO;
	} else if (!tlspolicy_parse(value, &policy)) {
		problem_note(problem, path, line, "not a TLS policy", 0);
		found = ANSWER_ERROR;
	} else if (policy.level == TLS_DANE || policy.level == TLS_DANE_ONLY ||
	    policy.level == TLS_FINGERPRINT) {
		problem_note(problem, path, line, "a TLS level that cannot be had", 0);
		found = ANSWER_ERROR;
	} else {
		tlschoice_set(c, policy.level, NULL);
		origin_note(&c->from, path, line);
		choose_name(q, policy.match, c);
		str_set(&c->trust, policy.ca);
		str_set(&c->ciphers, policy.ciphers);
	}
	control_list_free(&list);
	return found;
}
