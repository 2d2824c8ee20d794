#include "tlspolicy/tlssource.h"

#include "config/control.h"
#include "tlspolicy/tlspolicy.h"

static bool
is_within(struct view name, struct view domain)
{
	if (view_equal_nocase(name, domain))
		return true;
	return name.len > domain.len && view_ends_nocase(name, domain) &&
	    name.at[name.len - domain.len - 1] == '.';
}

/* A name that the admin wrote: the first of them takes the place of the server's. */
static void
add_name(struct tlschoice *c, struct view name, bool is_first)
{
	if (is_first) {
		str_set(&c->name, name);
		c->name_is_ip = false;
		return;
	}
	if (c->also.len > 0)
		str_append_byte(&c->also, ',');
	str_append(&c->also, name);
}

/* The server's own name counts if it has one of the suffixes; the names count as they are. */
static void
match_names(const struct tlschoice_question *q, struct view list, struct tlschoice *c)
{
	/* A comma, which the DNS lets pass, would make two names of it. */
	bool is_list = view_index(q->server, ',') < q->server.len;
	bool named = false, within = false;

	while (list.len > 0) {
		struct view item = view_first(list, view_index(list, ','));

		list = view_from(list, item.len + 1);
		if (item.at[0] == '.') {
			within = within ||
			    (!is_list && is_within(q->server, view_from(item, 1)));
		} else {
			add_name(c, item, !named);
			named = true;
		}
	}
	if (named && within)
		add_name(c, q->server, false);
	c->wrong_name = !named && !within;
}

/* The recipient's domain may be written in U-labels; the DNS has A-labels only. */
static bool
is_within_host(const struct tlschoice_question *q)
{
	return is_within(q->server, view_trim_root(q->host)) ||
	    (q->domain.len > 0 && is_within(q->server, q->domain));
}

/* Which name has the certificate to show?  A relay's is the admin's own word.  An exchanger's came
 * over the DNS and counts only below the recipient's domain or what match= says. */
static void
choose_name(const struct tlschoice_question *q, struct view match, struct tlschoice *c)
{
	if (c->level != TLS_SECURE && c->level != TLS_VERIFY)
		return;
	if (match.len > 0)
		match_names(q, match, c);
	else if (c->level == TLS_SECURE && !q->is_relay)
		c->wrong_name = !is_within_host(q);
}

void
tlspolicy_apply(const struct tlspolicy *policy, const struct tlschoice_question *q,
    struct tlschoice *c)
{
	tlschoice_set(c, policy->level, NULL);
	choose_name(q, policy->match, c);
	str_set(&c->trust, policy->ca);
	str_set(&c->ciphers, policy->ciphers);
	tlspolicy_add_fingerprints(policy->fingerprints, &c->fingerprints);
	c->rules = policy->rules;
	if (policy->sni.len > 0)
		str_set(
		    &c->sni, view_equal(policy->sni, VIEW("-")) ? VIEW("") : policy->sni);
}

/* A value that is none makes the mail wait. */
static enum answer
take(struct view value, const struct tlschoice_question *q, const char *path, size_t line,
    struct tlschoice *c, struct problem *problem)
{
	struct tlspolicy policy;

	if (!tlspolicy_parse(value, &policy)) {
		problem_note(problem, path, line, "not a TLS policy", 0);
		return ANSWER_ERROR;
	}
	tlspolicy_apply(&policy, q, c);
	origin_note(&c->from, path, line);
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
	/* What a credential needs is not lowered by whom the mail is for (outbound 4.4). */
	struct view host = q->has_credential && !q->clear_allowed ? VIEW("") : q->host;
	struct control_list list = { 0 };
	enum answer found = control_list(path, &list, problem);
	struct view value;
	size_t line;

	if (found != ANSWER_YES)
		return found;
	if (tlspolicy_select(&list, q->is_relay ? q->server : VIEW(""), host,
		q->is_relay ? q->dns.asked : q->domain, &value, &line)) {
		found = take(value, q, path, line, c, problem);
	} else {
		found = ANSWER_NO;
	}
	control_list_free(&list);
	return found;
}
