#include "server/clientcert.h"

#include <unistd.h>

/* Is one of the addresses of the certificate in the list? */
static bool
is_listed(struct view emails, const struct domainmap *list)
{
	struct view email;

	while (view_cut(emails, '\n', &email, &emails))
		if (domainmap_find(list, email, NULL))
			return true;
	return false;
}

/* What is wrong with the certificate; empty when there is none. */
static struct view
fault_of(const struct tls_facts *facts)
{
	if (view_equal(str_view(&facts->verify), VIEW("no certificate")))
		return VIEW("");
	if (!facts->verified)
		return str_view(&facts->verify);
	if (facts->emails.len == 0)
		return VIEW("contains no email address");
	return VIEW("email address not in my list of tlsclients");
}

static void
explain(struct session *s, struct ruling *why)
{
	struct view fault = fault_of(&s->tls.facts);
	struct str text = { 0 };

	if (s->settings->dialect != DIALECT_JMS1) {
		str_append(&text, why->reply.text);
		str_append_text(&text, "; ");
	}
	str_append_text(&text, "no valid cert for gatewaying");
	if (fault.len && s->settings->dialect != DIALECT_JMS1) {
		str_append_text(&text, ": ");
		str_append(&text, fault);
	}
	why->reply.text = arena_copy(&s->scratch, str_view(&text));
	str_free(&text);
}

/* ANSWER_YES with *out, or ANSWER_ERROR. */
static enum answer
look_at(const struct session *s, enum client_standing *out, struct problem *problem)
{
	struct domainmap list = { 0 };
	enum client_standing standing = CLIENT_NOT_ASKED;
	enum answer answer = ANSWER_NO;

	if (access("control/clientca.pem", F_OK) == 0)
		answer = domainmap_open(&list, "control/tlsclients", problem);
	if (answer == ANSWER_YES)
		standing = s->tls.facts.verified &&
			is_listed(str_view(&s->tls.facts.emails), &list)
		    ? CLIENT_RELAYS
		    : CLIENT_STRANGER;
	if (domainmap_failed(&list, problem))
		answer = ANSWER_ERROR;
	domainmap_free(&list);
	if (answer == ANSWER_ERROR)
		return answer;
	*out = standing;
	return ANSWER_YES;
}

enum answer
clientcert_relays(struct session *s, struct ruling *why, struct problem *problem)
{
	if (!s->tls.active || s->tls.offer != TLS_BY_HELPER)
		return ANSWER_NO;
	if (s->tls.client == CLIENT_NOT_LOOKED_AT &&
	    look_at(s, &s->tls.client, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	if (s->tls.client == CLIENT_RELAYS)
		s->relay_client = "";
	else if (s->tls.client == CLIENT_STRANGER)
		explain(s, why);
	return s->tls.client == CLIENT_RELAYS ? ANSWER_YES : ANSWER_NO;
}
