#include "dns/tlsa.h"

#include "lib/fmt.h"
#include "lib/str.h"

static struct view
name_of(struct view host, uint16_t port, struct arena *mem)
{
	struct str name = { 0 };
	struct view kept;

	str_append_byte(&name, '_');
	fmt_u64(&name, port);
	str_append_text(&name, "._tcp.");
	str_append(&name, host);
	kept = arena_copy(mem, str_view(&name));
	str_free(&name);
	return kept;
}

enum answer
dns_tlsa_lookup(struct resolver *r, struct view host, uint16_t port,
    struct deadline deadline, struct arena *mem, struct view **records, size_t *count)
{
	struct dns_question question = { name_of(host, port, mem), DNS_TLSA };
	struct dns_answer answer;
	struct view *found;
	size_t i;

	resolver_ask(r, &question, 1, deadline, mem, &answer);
	if (answer.result == DNS_FAILED)
		return ANSWER_ERROR;
	if (answer.result != DNS_FOUND || !answer.authentic)
		return ANSWER_NO;
	found = arena_alloc(mem, answer.count * sizeof *found);
	for (i = 0; i < answer.count; i++)
		found[i] = answer.records[i].name;
	*records = found;
	*count = answer.count;
	return ANSWER_YES;
}
