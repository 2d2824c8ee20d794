#include "http/place.h"

#include "dns/address.h"
#include "os/os.h"

enum { LOOKUP_MS = 30000, ADDRESSES = 8 };

static void
add(struct str *out, const struct ip *ip, bool first)
{
	str_append_text(out, first ? "" : ",");
	str_append_text(out, ip->version == 6 ? "[" : "");
	ip_format(out, ip);
	str_append_text(out, ip->version == 6 ? "]" : "");
}

bool
place_find(struct resolver *r, struct view host, struct str *out)
{
	struct arena mem = { 0 };
	struct dns_address_list list;
	uint64_t seed;
	size_t i;
	bool found;

	os_random(&seed, sizeof seed);
	found = dns_address_lookup(r, host, seed, ADDRESSES, deadline_in_ms(LOOKUP_MS),
		    &mem, &list) == DNS_ADDRESS_FOUND;
	if (found) {
		str_append(out, host);
		str_append_text(out, ":443:");
		for (i = 0; i < list.count; i++)
			add(out, &list.addresses[i].ip, i == 0);
	}
	arena_free(&mem);
	return found;
}
