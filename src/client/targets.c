#include "client/targets.h"

#include "dns/address.h"
#include "dns/mx.h"
#include "route/route.h"

static enum targets_result
of_addresses(const struct targets_search *s, struct view name, struct targets *out)
{
	struct dns_address_list found;
	struct targets t;
	size_t i;

	switch (dns_address_lookup(
	    s->resolver, name, s->seed, s->limit, s->deadline, s->mem, &found)) {
	case DNS_ADDRESS_FOUND:
		break;
	case DNS_ADDRESS_SOFT:
		return TARGETS_SOFT;
	case DNS_ADDRESS_NO_HOST:
		return TARGETS_NO_HOST;
	}
	t.count = found.count;
	t.list = arena_alloc(s->mem, t.count * sizeof *t.list);
	for (i = 0; i < t.count; i++)
		t.list[i] = (struct target) {
			.port = s->port,
			.implicit_tls = s->implicit_tls,
			.ip = found.addresses[i].ip,
			.name = name,
			.name_is_ip = found.literal,
			.asked = found.name,
			.secure = found.addresses[i].authentic,
			.canonical = found.addresses[i].canonical,
		};
	*out = t;
	return TARGETS_FOUND;
}

enum targets_result
targets_of_relay(
    const struct targets_search *search, struct view relay, struct targets *out)
{
	return of_addresses(search, relay, out);
}

/* The best (lowest) preference of an address that is ourselves; false if there is none. */
static bool
own_preference(const struct mx_list *mx, const struct ipme *me, uint16_t *best)
{
	bool found = false;
	size_t i;

	for (i = 0; i < mx->count; i++)
		if (ipme_has(me, &mx->addresses[i].ip) &&
		    (!found || mx->addresses[i].preference < *best)) {
			*best = mx->addresses[i].preference;
			found = true;
		}
	return found;
}

/* Drop ourselves and whatever is not better than ourselves: it would send the mail back here. */
static enum targets_result
eliminate(const struct targets_search *s, const struct mx_list *mx, const struct ipme *me,
    struct targets *out)
{
	uint16_t own = 0;
	bool is_mx = own_preference(mx, me, &own);
	struct targets t = { 0 };
	size_t i;

	t.list = arena_alloc(s->mem, mx->count * sizeof *t.list);
	for (i = 0; i < mx->count; i++) {
		const struct mx_address *a = &mx->addresses[i];

		if (!is_mx || a->preference < own)
			t.list[t.count++] = (struct target) {
				.port = s->port,
				.implicit_tls = s->implicit_tls,
				.ip = a->ip,
				.name = a->name,
				.name_is_ip = a->literal,
				.asked = a->name,
				.preference = a->preference,
				.secure = mx->authentic && a->authentic,
				.canonical = a->canonical,
				.domain = mx->domain,
			};
	}
	if (t.count == 0)
		return mx_better_failed(mx, own) ? TARGETS_SOFT : TARGETS_SELF;
	*out = t;
	return TARGETS_FOUND;
}

static enum targets_result
of_literal(const struct targets_search *s, struct view host, const struct ipme *me,
    struct targets *out)
{
	struct targets t;
	enum targets_result result = of_addresses(s, host, &t);

	if (result != TARGETS_FOUND)
		return result;
	if (ipme_has(me, &t.list[0].ip))
		return TARGETS_SELF;
	*out = t;
	return TARGETS_FOUND;
}

static bool
is_literal(struct view host)
{
	struct ip ip;

	return ip_parse(host, &ip) || ip_parse_literal(host, &ip);
}

enum targets_result
targets_of_host(const struct targets_search *s, struct view host, const struct ipme *me,
    struct targets *out)
{
	struct mx_list mx;

	if (is_literal(host))
		return of_literal(s, host, me, out);
	switch (
	    mx_lookup(s->resolver, host, s->seed, s->limit, s->deadline, s->mem, &mx)) {
	case MX_FOUND:
		return eliminate(s, &mx, me, out);
	case MX_SOFT:
		return TARGETS_SOFT;
	case MX_NO_HOST:
		return TARGETS_NO_HOST;
	case MX_NO_ADDRESS:
		return TARGETS_NO_ADDRESS;
	case MX_NULL:
		return TARGETS_NULL_MX;
	}
	return TARGETS_SOFT;
}
