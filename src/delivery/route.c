#include "delivery/route.h"

void
route_table_parse(struct route_table *table, struct view text, char separator)
{
	control_list_parse(text, &table->list);
	domainmap_make(&table->map, &table->list, separator);
}

static void
table_free(struct route_table *table)
{
	domainmap_free(&table->map);
	control_list_free(&table->list);
	*table = (struct route_table) { 0 };
}

void
routes_free(struct routes *r)
{
	table_free(&r->locals);
	table_free(&r->virtualdomains);
	table_free(&r->percenthack);
	str_free(&r->envnoathost);
}

static struct view
domain_of(struct view address)
{
	size_t at = view_rindex(address, '@');

	return view_from(address, at == address.len ? at : at + 1);
}

/* While the domain is one of percenthack's: user%host@domain is user@host. */
static void
apply_percenthack(const struct routes *r, struct str *address)
{
	for (;;) {
		struct view whole = str_view(address);
		size_t at = view_rindex(whole, '@');
		size_t percent = view_rindex(view_first(whole, at), '%');

		if (at == whole.len || percent == at ||
		    !domainmap_find(&r->percenthack.map, domain_of(whole), NULL))
			return;
		str_cut(address, at);
		address->at[percent] = '@';
	}
}

static bool
find_virtual(const struct routes *r, struct view address, struct domainmap_hit *hit)
{
	const struct domainmap *map = &r->virtualdomains.map;

	return domainmap_find(map, address, hit) ||
	    domainmap_find_suffix(map, domain_of(address), hit) ||
	    domainmap_find(map, VIEW(""), hit);
}

enum channel_kind
route_recipient(const struct routes *r, struct view recipient, struct str *out)
{
	struct str address = { 0 };
	struct domainmap_hit hit;
	enum channel_kind channel = CHANNEL_REMOTE;

	str_set(&address, recipient);
	if (view_index(recipient, '@') == recipient.len) {
		str_append_byte(&address, '@');
		str_append(&address, str_view(&r->envnoathost));
	}
	apply_percenthack(r, &address);
	str_clear(out);
	if (domainmap_find(&r->locals.map, domain_of(str_view(&address)), NULL))
		channel = CHANNEL_LOCAL;
	else if (find_virtual(r, str_view(&address), &hit) && hit.value.len > 0) {
		channel = CHANNEL_LOCAL;
		str_append(out, hit.value);
		str_append_byte(out, '-');
	}
	str_append(out, str_view(&address));
	str_free(&address);
	return channel;
}

struct view
route_strip_prefix(const struct routes *r, struct view recipient)
{
	const struct domainmap *map = &r->virtualdomains.map;
	struct domainmap_hit hit;
	struct view rest;

	if (view_index(recipient, '@') == recipient.len)
		return recipient;
	if (!domainmap_find_suffix(map, domain_of(recipient), &hit) &&
	    !domainmap_find(map, VIEW(""), &hit))
		return recipient;
	if (hit.value.len == 0 || !view_starts(recipient, hit.value))
		return recipient;
	rest = view_from(recipient, hit.value.len);
	return rest.len > 0 && rest.at[0] == '-' ? view_from(rest, 1) : recipient;
}
