#include "dns/txt.h"

enum answer
txt_lookup(struct resolver *r, struct view name, struct deadline deadline,
    struct arena *mem, struct view **texts, size_t *count)
{
	struct dns_question question = { name, DNS_TXT };
	struct dns_answer answer;
	size_t i;

	resolver_ask(r, &question, 1, deadline, mem, &answer);
	if (answer.result == DNS_FAILED)
		return ANSWER_ERROR;
	if (answer.result != DNS_FOUND)
		return ANSWER_NO;
	*texts = arena_alloc(mem, answer.count * sizeof **texts);
	for (i = 0; i < answer.count; i++)
		(*texts)[i] = answer.records[i].name;
	*count = answer.count;
	return ANSWER_YES;
}
