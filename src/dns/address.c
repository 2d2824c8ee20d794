#include "dns/address.h"

#include "dns/shuffle.h"

static enum dns_address_result
from_literal(const struct ip *ip, struct view name, struct arena *mem,
    struct dns_address_list *out)
{
	struct dns_address *one = arena_alloc(mem, sizeof *one);

	*one = (struct dns_address) { .ip = *ip };
	*out = (struct dns_address_list) {
		.addresses = one, .count = 1, .literal = true, .name = name
	};
	return DNS_ADDRESS_FOUND;
}

/* One of each family in turn, IPv4 first as in mx. */
static void
merge(const struct dns_answer answers[2], size_t limit, struct dns_address_list *list)
{
	size_t used[2] = { 0, 0 };
	int turn = 0;

	while (list->count < limit &&
	    used[0] + used[1] < answers[0].count + answers[1].count) {
		if (used[turn] == answers[turn].count)
			turn = !turn;
		list->addresses[list->count++] = (struct dns_address) {
			.ip = answers[turn].records[used[turn]++].ip,
			.canonical = answers[turn].canonical,
			.authentic = answers[turn].authentic,
		};
		turn = !turn;
	}
}

enum dns_address_result
dns_address_lookup(struct resolver *r, struct view name, uint64_t seed, size_t limit,
    struct deadline deadline, struct arena *mem, struct dns_address_list *out)
{
	struct dns_question questions[2] = { { name, DNS_A }, { name, DNS_AAAA } };
	struct dns_answer answers[2];
	struct dns_address_list list = { 0 };
	struct ip ip;
	int i;

	if (ip_parse(name, &ip) || ip_parse_literal(name, &ip))
		return from_literal(&ip, name, mem, out);
	resolver_ask(r, questions, 2, deadline, mem, answers);
	for (i = 0; i < 2; i++) {
		list.some_failed |= answers[i].result == DNS_FAILED;
		if (answers[i].count > 1)
			shuffle(answers[i].records, answers[i].count,
			    sizeof *answers[i].records, &seed);
	}
	if (answers[0].count + answers[1].count == 0)
		return list.some_failed ? DNS_ADDRESS_SOFT : DNS_ADDRESS_NO_HOST;
	limit = limit > 0 ? limit : 1;
	list.addresses = arena_alloc(mem, limit * sizeof *list.addresses);
	list.name = answers[0].asked;
	merge(answers, limit, &list);
	*out = list;
	return DNS_ADDRESS_FOUND;
}
