#include "tlspolicy/tlspolicy.h"

#include <stdint.h>

#include "route/route.h"

static const char *const level_names[TLS_LEVELS] = {
	[TLS_NONE] = "none",
	[TLS_MAY] = "may",
	[TLS_ENCRYPT] = "encrypt",
	[TLS_SECURE] = "secure",
	[TLS_CHAIN] = "chain",
	[TLS_FINGERPRINT] = "fingerprint",
	[TLS_VERIFY] = "verify",
	[TLS_DANE] = "dane",
	[TLS_DANE_ONLY] = "dane-only",
};

const char *
tlspolicy_level_name(enum tls_level level)
{
	return level_names[level];
}

static bool
parse_level(struct view word, enum tls_level *out)
{
	size_t i;

	for (i = 0; i < TLS_LEVELS; i++)
		if (view_equal_nocase(word, view_of(level_names[i]))) {
			*out = (enum tls_level)i;
			return true;
		}
	return false;
}

/* Values become C strings on their way to OpenSSL. */
static bool
is_sane(struct view value)
{
	return value.len > 0 && view_index(value, '\0') == value.len;
}

static bool
parse_protocol(struct view word, enum tls_protocol *out)
{
	static const struct view names[] = { [TLS_1_0] = { "TLSv1", 5 },
		[TLS_1_1] = { "TLSv1.1", 7 },
		[TLS_1_2] = { "TLSv1.2", 7 },
		[TLS_1_3] = { "TLSv1.3", 7 } };
	size_t i;

	if (view_equal_nocase(word, VIEW("TLSv1.0")))
		word = names[TLS_1_0];
	for (i = TLS_1_0; i <= TLS_1_3; i++)
		if (view_equal_nocase(word, names[i])) {
			*out = (enum tls_protocol)i;
			return true;
		}
	return false;
}

/* One bound, or a version that is both. */
static bool
parse_bound(struct view word, struct tls_rules *rules)
{
	enum tls_protocol version;

	if (view_starts(word, VIEW(">=")))
		return parse_protocol(view_from(word, 2), &rules->lowest);
	if (view_starts(word, VIEW("<=")))
		return parse_protocol(view_from(word, 2), &rules->highest);
	if (!parse_protocol(word, &version))
		return false;
	if (!rules->lowest || version < rules->lowest)
		rules->lowest = version;
	if (version > rules->highest)
		rules->highest = version;
	return true;
}

static struct view
next_item(struct view *list)
{
	struct view item = view_first(*list, view_index(*list, ','));

	*list = view_from(*list, item.len + 1);
	return item;
}

static bool
parse_protocols(struct view list, struct tls_rules *rules)
{
	rules->lowest = rules->highest = TLS_PROTOCOL_ANY;
	while (list.len > 0)
		if (!parse_bound(next_item(&list), rules))
			return false;
	return !rules->highest || rules->lowest <= rules->highest;
}

bool
tlspolicy_add_fingerprint(struct view text, struct str *list)
{
	struct str hex = { 0 };
	size_t i;
	bool ok;

	for (i = 0; i < text.len; i++)
		if (text.at[i] != ':')
			str_append_byte(&hex, text.at[i]);
	ok = tls_is_fingerprint(str_view(&hex));
	if (ok && list->len > 0)
		str_append_byte(list, ',');
	if (ok)
		str_append_lower(list, str_view(&hex));
	str_free(&hex);
	return ok;
}

bool
tlspolicy_add_fingerprints(struct view texts, struct str *list)
{
	size_t count = 0;

	while (texts.len > 0)
		if (++count > TLS_LIST_MAX ||
		    !tlspolicy_add_fingerprint(next_item(&texts), list))
			return false;
	return count > 0;
}

static bool
are_fingerprints(struct view texts)
{
	struct str list = { 0 };
	bool ok = tlspolicy_add_fingerprints(texts, &list);

	str_free(&list);
	return ok;
}

static bool
are_names(struct view list)
{
	size_t count = 0;

	while (list.len > 0)
		if (++count > TLS_LIST_MAX || next_item(&list).len == 0)
			return false;
	return true;
}

static bool
parse_attribute(struct view word, struct tlspolicy *p)
{
	struct view name, value;

	if (!view_cut(word, '=', &name, &value) || !is_sane(value))
		return false;
	if (view_equal_nocase(name, VIEW("protocols")))
		return parse_protocols(value, &p->rules);
	if (view_equal_nocase(name, VIEW("ca")))
		p->ca = value;
	else if (view_equal_nocase(name, VIEW("match")) && are_names(value))
		p->match = value;
	else if (view_equal_nocase(name, VIEW("fp")) && are_fingerprints(value))
		p->fingerprints = value;
	else if (view_equal_nocase(name, VIEW("ciphers")))
		p->ciphers = value;
	else if (view_equal_nocase(name, VIEW("sni")))
		p->sni = value;
	else
		return false;
	return true;
}

bool
tlspolicy_parse(struct view value, struct tlspolicy *out)
{
	struct tlspolicy p = { .ca = VIEW(""),
		.match = VIEW(""),
		.fingerprints = VIEW(""),
		.ciphers = VIEW(""),
		.sni = VIEW("") };
	struct view rest = view_trim_right(value), word;

	if (!parse_level(view_next_word(&rest), &p.level))
		return false;
	while ((word = view_next_word(&rest)).len > 0)
		if (!parse_attribute(word, &p))
			return false;
	/* Pins that nothing would look at are a mistake, as is none to look at. */
	if ((p.level == TLS_FINGERPRINT) != (p.fingerprints.len > 0))
		return false;
	*out = p;
	return true;
}

static bool
fits_host(struct view key, struct view host)
{
	return view_equal_nocase(key, host) ||
	    (key.at[0] == '.' && view_ends_nocase(host, key));
}

static size_t
fits(struct view key, struct view relay, struct view host, struct view ascii)
{
	if (key.len == 0)
		return 1;
	if (relay.len > 0 &&
	    (view_equal_nocase(key, relay) || view_equal_nocase(key, ascii)))
		return SIZE_MAX;
	if (fits_host(key, host) || (relay.len == 0 && fits_host(key, ascii)))
		return 1 + key.len;
	return 0;
}

bool
tlspolicy_select(const struct control_list *list, struct view relay, struct view host,
    struct view ascii, struct view *value, size_t *line)
{
	size_t best = 0, i;

	relay = view_trim_root(relay);
	host = view_trim_root(host);
	for (i = 0; i < list->count; i++) {
		struct view key, rest;
		size_t how_well;

		if (!route_cut(list->entries[i].text, &key, &rest))
			continue;
		/* A relay in brackets is known by what is between them. */
		if (key.len > 2 && key.at[0] == '[' && key.at[key.len - 1] == ']' &&
		    view_equal_nocase(relay, (struct view) { key.at + 1, key.len - 2 }))
			key = relay;
		how_well = fits(view_trim_root(key), relay, host, ascii);
		if (how_well == 0 || how_well < best)
			continue;
		best = how_well;
		*value = rest;
		*line = list->entries[i].line;
	}
	return best > 0;
}
