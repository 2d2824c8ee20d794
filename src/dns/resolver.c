#include "dns/backend.h"

void
resolver_ask(struct resolver *r, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers)
{
	size_t i, asked = count < DNS_QUESTIONS_MAX ? count : DNS_QUESTIONS_MAX;

	if (asked > 0)
		r->ask(r, questions, asked, deadline, mem, answers);
	for (i = asked; i < count; i++)
		answers[i] = dnsquery_failed(questions[i].name, DNS_REASON_LIMIT);
	for (i = 0; i < count; i++)
		if (answers[i].result == DNS_FAILED &&
		    answers[i].reason != DNS_REASON_HELPER)
			r->reason = dnsquery_reason_text(answers[i].reason);
}

const char *
resolver_reason(const struct resolver *r)
{
	return r->reason;
}

void
resolver_free(struct resolver *r)
{
	if (r)
		r->free(r);
}
