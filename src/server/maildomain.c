#include "server/maildomain.h"

#include "server/session.h"

enum { PATIENCE = 20 }; /* seconds for all questions */

/* "MX 0 .": there is no mail in this domain (RFC 7505). */
static bool
is_null_mx(const struct dns_answer *mx)
{
	size_t i;

	for (i = 0; i < mx->count; i++)
		if (mx->records[i].name.len > 0)
			return false;
	return true;
}

static enum answer
any_found(const struct dns_answer *a, const struct dns_answer *b)
{
	if (a->result == DNS_FOUND || b->result == DNS_FOUND)
		return ANSWER_YES;
	return a->result == DNS_FAILED || b->result == DNS_FAILED ? ANSWER_ERROR
								  : ANSWER_NO;
}

static bool
is_name(struct view domain)
{
	return domain.len > 0 && domain.len <= DNS_NAME_OCTETS;
}

static void
ask(struct session *s, const struct dns_question *questions, size_t count,
    struct dns_answer *answers)
{
	resolver_ask(session_resolver(s), questions, count,
	    deadline_sooner(s->end, deadline_in(PATIENCE)), &s->scratch, answers);
}

enum answer
maildomain_exists(struct session *s, struct view domain)
{
	const struct dns_question questions[] = { { domain, DNS_MX }, { domain, DNS_A },
		{ domain, DNS_AAAA } };
	struct dns_answer answers[3];
	struct ip ip;

	if (ip_parse_literal(domain, &ip))
		return ANSWER_YES;
	if (!is_name(domain))
		return ANSWER_NO;
	ask(s, questions, 3, answers);
	if (answers[0].result == DNS_FOUND)
		return is_null_mx(&answers[0]) ? ANSWER_NO : ANSWER_YES;
	if (answers[0].result == DNS_FAILED) /* it might be a null MX */
		return ANSWER_ERROR;
	return any_found(&answers[1], &answers[2]);
}

enum answer
maildomain_has_address(struct session *s, struct view domain)
{
	const struct dns_question questions[] = { { domain, DNS_A },
		{ domain, DNS_AAAA } };
	struct dns_answer answers[2];
	struct ip ip;

	if (ip_parse_literal(domain, &ip))
		return ANSWER_YES;
	if (!is_name(domain))
		return ANSWER_NO;
	ask(s, questions, 2, answers);
	return any_found(&answers[0], &answers[1]);
}
