#include "client/tlspolicy.h"

#include <stdint.h>

#include "client/route.h"
#include "lib/ascii.h"

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

static struct view
next_word(struct view *rest)
{
	struct view word = view_trim_left(*rest);
	size_t n = 0;

	while (n < word.len && !ascii_is_blank(word.at[n]))
		n++;
	*rest = view_from(word, n);
	return view_first(word, n);
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
parse_attribute(struct view word, struct tlspolicy *p)
{
	struct view name, value;

	if (!view_cut(word, '=', &name, &value) || !is_sane(value))
		return false;
	if (view_equal_nocase(name, VIEW("ca")))
		p->ca = value;
	else if (view_equal_nocase(name, VIEW("match")))
		p->match = value;
	else if (view_equal_nocase(name, VIEW("ciphers")))
		p->ciphers = value;
	else
		return false;
	return true;
}

bool
tlspolicy_parse(struct view value, struct tlspolicy *out)
{
	struct tlspolicy p = { .ca = VIEW(""), .match = VIEW(""), .ciphers = VIEW("") };
	struct view rest = view_trim_right(value), word;

	if (!parse_level(next_word(&rest), &p.level))
		return false;
	while ((word = next_word(&rest)).len > 0)
		if (!parse_attribute(word, &p))
			return false;
	*out = p;
	return true;
}

static size_t
fits(struct view key, struct view relay, struct view host)
{
	if (key.len == 0)
		return 1;
	if (relay.len > 0 && view_equal_nocase(key, relay))
		return SIZE_MAX;
	if (view_equal_nocase(key, host) ||
	    (key.at[0] == '.' && view_ends_nocase(host, key)))
		return 1 + key.len;
	return 0;
}

bool
tlspolicy_select(const struct control_list *list, struct view relay, struct view host,
    struct view *value, size_t *line)
{
	size_t best = 0, i;

	for (i = 0; i < list->count; i++) {
		struct view key, rest;
		size_t how_well;

		if (!route_cut(list->entries[i].text, &key, &rest))
			continue;
		/* A relay in brackets is known by what is between them. */
		if (key.len > 2 && key.at[0] == '[' && key.at[key.len - 1] == ']' &&
		    view_equal_nocase(relay, (struct view) { key.at + 1, key.len - 2 }))
			key = relay;
		how_well = fits(key, relay, host);
		if (how_well == 0 || how_well < best)
			continue;
		best = how_well;
		*value = rest;
		*line = list->entries[i].line;
	}
	return best > 0;
}
