#include "dns/ptr.h"

#include "lib/fmt.h"

static void
append_nibble(struct str *out, int nibble)
{
	str_append_byte(out, "0123456789abcdef"[nibble]);
	str_append_byte(out, '.');
}

void
ptr_reverse(struct str *out, const struct ip *ip, struct view zone)
{
	int i;

	for (i = ip->version == 4 ? 3 : 15; i >= 0; i--) {
		if (ip->version == 4) {
			fmt_u64(out, ip->bytes[i]);
			str_append_byte(out, '.');
		} else {
			append_nibble(out, ip->bytes[i] & 15);
			append_nibble(out, ip->bytes[i] >> 4);
		}
	}
	str_append(out, zone);
}

enum answer
ptr_lookup(struct resolver *r, const struct ip *ip, struct deadline deadline,
    struct arena *mem, struct view **names, size_t *count)
{
	struct dns_question question = { .type = DNS_PTR };
	struct str name = { 0 };
	struct dns_answer answer;
	size_t i;

	ptr_reverse(
	    &name, ip, ip->version == 4 ? VIEW("in-addr.arpa") : VIEW("ip6.arpa"));
	question.name = arena_copy(mem, str_view(&name));
	str_free(&name);
	resolver_ask(r, &question, 1, deadline, mem, &answer);
	if (answer.result == DNS_FAILED)
		return ANSWER_ERROR;
	if (answer.result != DNS_FOUND)
		return ANSWER_NO;
	*names = arena_alloc(mem, answer.count * sizeof **names);
	for (i = 0; i < answer.count; i++)
		(*names)[i] = answer.records[i].name;
	*count = answer.count;
	return ANSWER_YES;
}
