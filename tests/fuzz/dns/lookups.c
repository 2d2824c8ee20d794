/* What is made of answers of the DNS: the first line is a name, the rest the table of records.  Every list is within its
 * bound, and what is in it can be used. */
#include "fuzz/fuzz.h"

#include "dns/address.h"
#include "dns/mx.h"
#include "dns/resolver.h"
#include "dns/tlsa.h"
#include "dns/txt.h"

enum { LIMIT = 5, INPUT_MAX = 4096 };

static void
look_up_mx(struct resolver *r, struct view name, uint64_t seed, struct arena *mem)
{
	struct mx_list list;
	size_t i;

	if (mx_lookup(r, name, seed, LIMIT, deadline_never(), mem, &list) != MX_FOUND)
		return;
	claim(list.count > 0 && list.count <= LIMIT);
	for (i = 0; i < list.count; i++) {
		const struct mx_address *a = &list.addresses[i];

		claim((a->ip.version == 4 || a->ip.version == 6) && a->name.len > 0);
		claim(i == 0 || a->preference >= list.addresses[i - 1].preference);
		claim(!list.implicit || a->preference == 0);
	}
	mx_better_failed(&list, 10);
}

static void
look_up_address(struct resolver *r, struct view name, uint64_t seed, struct arena *mem)
{
	struct dns_address_list list;
	size_t i;

	if (dns_address_lookup(r, name, seed, LIMIT, deadline_never(), mem, &list) !=
	    DNS_ADDRESS_FOUND)
		return;
	claim(list.count > 0 && list.count <= LIMIT);
	for (i = 0; i < list.count; i++)
		claim(list.addresses[i].ip.version == 4 ||
		    list.addresses[i].ip.version == 6);
}

static void
look_up_others(struct resolver *r, struct view name, struct arena *mem)
{
	struct view *found;
	size_t count;

	if (txt_lookup(r, name, deadline_never(), mem, &found, &count) == ANSWER_YES)
		claim(count > 0);
	if (dns_tlsa_lookup(r, name, 25, deadline_never(), mem, &found, &count) ==
	    ANSWER_YES)
		claim(count > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size }, name = VIEW("");
	struct str zone = { 0 };
	struct arena mem = { 0 };
	struct resolver *r;
	uint8_t seed;

	if (size > INPUT_MAX)
		return 0;
	seed = fuzz_choice(&text);
	view_cut(text, '\n', &name, &text);
	str_append(&zone, text);
	r = resolver_table(str_text(&zone));
	look_up_mx(r, name, seed, &mem);
	look_up_address(r, name, seed, &mem);
	look_up_others(r, name, &mem);
	resolver_free(r);
	arena_free(&mem);
	str_free(&zone);
	return 0;
}
