#include "policy/spf/record.h"

#include <string.h>

#include "lib/ascii.h"
#include "lib/scan.h"
#include "policy/spf/macro.h"

enum { BITS4 = 32, BITS6 = 128 };

/* What a mechanism's argument may be. */
enum domain_rule { DOMAIN_NEVER, DOMAIN_MAYBE, DOMAIN_MUST };

static const struct {
	const char *name;
	enum spf_mechanism mechanism;
	enum domain_rule domain;
	bool has_bits; /* "/24//64" may follow */
} mechanisms[] = {
	{ "all", SPF_ALL, DOMAIN_NEVER, false },
	{ "include", SPF_INCLUDE, DOMAIN_MUST, false },
	{ "a", SPF_A, DOMAIN_MAYBE, true },
	{ "mx", SPF_MX, DOMAIN_MAYBE, true },
	{ "ptr", SPF_PTR, DOMAIN_MAYBE, false },
	{ "ip4", SPF_IP4, DOMAIN_MUST, false },
	{ "ip6", SPF_IP6, DOMAIN_MUST, false },
	{ "exists", SPF_EXISTS, DOMAIN_MUST, false },
};

#define VERSION VIEW("v=spf1")

bool
spf_record_is_one(struct view text)
{
	return view_starts_nocase(text, VERSION) &&
	    (text.len == VERSION.len || text.at[VERSION.len] == ' ');
}

struct view
spf_record_terms(struct view text)
{
	return view_from(text, VERSION.len);
}

/* --- networks ------------------------------------------------------------------------------------- */

/* A number without leading zeros, at most `max`. */
static bool
parse_bits(struct view text, unsigned max, unsigned *out)
{
	uint64_t bits;

	if (!scan_whole_u64(text, &bits) || bits > max ||
	    (text.len > 1 && *text.at == '0'))
		return false;
	*out = (unsigned)bits;
	return true;
}

/* Where the number at the end of `text` starts, if `mark` stands in front of it; else text.len. */
static size_t
tail_mark(struct view text, struct view mark)
{
	size_t at = text.len;

	while (at > 0 && ascii_is_digit(text.at[at - 1]))
		at--;
	if (at == text.len || at < mark.len ||
	    !view_equal(view_from(view_first(text, at), at - mark.len), mark))
		return text.len;
	return at;
}

/* Take "/24", "//64" or both from the end of *text. */
static bool
take_bits(struct view *text, struct spf_term *t)
{
	size_t at = tail_mark(*text, VIEW("//"));

	if (at < text->len) {
		if (!parse_bits(view_from(*text, at), BITS6, &t->bits6))
			return false;
		*text = view_first(*text, at - 2);
	}
	at = tail_mark(*text, VIEW("/"));
	if (at < text->len) {
		if (!parse_bits(view_from(*text, at), BITS4, &t->bits4))
			return false;
		*text = view_first(*text, at - 1);
	}
	return true;
}

/* ip_parse() makes an IPv4 address of an IPv4-mapped one; as a network of ip6 it is none. */
static void
map_back(struct ip *ip)
{
	struct ip mapped = { .version = 6 };

	if (ip->version != 4)
		return;
	mapped.bytes[10] = mapped.bytes[11] = 0xff;
	memcpy(mapped.bytes + 12, ip->bytes, 4);
	*ip = mapped;
}

static bool
parse_network(struct view text, struct spf_term *t)
{
	bool is_ip6 = t->mechanism == SPF_IP6;
	struct view bits;

	if (view_cut(text, '/', &text, &bits) &&
	    !(is_ip6 ? parse_bits(bits, BITS6, &t->bits6)
		     : parse_bits(bits, BITS4, &t->bits4)))
		return false;
	if ((view_index(text, ':') < text.len) != is_ip6 || !ip_parse(text, &t->ip))
		return false;
	if (is_ip6)
		map_back(&t->ip);
	return true;
}

/* --- terms ---------------------------------------------------------------------------------------- */

/* The colon, if there is one, and what stands behind it. */
static bool
parse_argument(struct view text, enum domain_rule rule, struct spf_term *t)
{
	if (text.len == 0)
		return rule != DOMAIN_MUST;
	if (*text.at != ':' || rule == DOMAIN_NEVER)
		return false;
	text = view_from(text, 1);
	if (t->mechanism == SPF_IP4 || t->mechanism == SPF_IP6)
		return parse_network(text, t);
	t->domain = text;
	return spf_macro_is_domain(text);
}

static enum spf_result
take_qualifier(struct view *text)
{
	static const struct view signs = { "+-~?", 4 };
	static const enum spf_result results[] = { SPF_PASS, SPF_FAIL, SPF_SOFTFAIL,
		SPF_NEUTRAL };
	size_t i = text->len ? view_index(signs, *text->at) : signs.len;

	if (i == signs.len)
		return SPF_PASS;
	*text = view_from(*text, 1);
	return results[i];
}

static bool
parse_mechanism(struct view text, struct spf_term *t)
{
	struct view rest = text, name;
	size_t i;

	*t = (struct spf_term) { .text = text, .bits4 = BITS4, .bits6 = BITS6 };
	t->result = take_qualifier(&rest);
	for (i = 0; i < rest.len && rest.at[i] != ':' && rest.at[i] != '/'; i++)
		continue;
	name = view_first(rest, i);
	rest = view_from(rest, i);
	for (i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
		if (!view_equal_nocase(name, view_of(mechanisms[i].name)))
			continue;
		t->mechanism = mechanisms[i].mechanism;
		if (mechanisms[i].has_bits && !take_bits(&rest, t))
			return false;
		return parse_argument(rest, mechanisms[i].domain, t);
	}
	return false;
}

/* The length of a modifier's name, if `text` is one: a letter, then letters, digits and "-_.",
 * before "=".  Else 0. */
static size_t
modifier_name(struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = ascii_lower(text.at[i]);

		if (c == '=')
			return i;
		if ((c >= 'a' && c <= 'z') ||
		    (i > 0 && (ascii_is_digit(c) || c == '-' || c == '_' || c == '.')))
			continue;
		return 0;
	}
	return 0;
}

/* redirect and exp: once each. */
static bool
take_domain(struct view value, bool *has, struct view *out)
{
	if (*has || !spf_macro_is_domain(value))
		return false;
	*has = true;
	*out = value;
	return true;
}

static bool
parse_modifier(struct view text, size_t name_len, struct spf_record *r)
{
	struct view name = view_first(text, name_len),
		    value = view_from(text, name_len + 1);

	if (view_equal_nocase(name, VIEW("redirect")))
		return take_domain(value, &r->has_redirect, &r->redirect);
	if (view_equal_nocase(name, VIEW("exp")))
		return take_domain(value, &r->has_exp, &r->exp);
	return spf_macro_is_valid(
	    value, SPF_IN_RECORD); /* unknown: ignored (RFC 7208 6) */
}

static bool
parse_term(struct view text, struct spf_record *r)
{
	size_t name_len = modifier_name(text);

	if (name_len > 0)
		return parse_modifier(text, name_len, r);
	if (!parse_mechanism(text, &r->terms[r->count]))
		return false;
	r->count++;
	return true;
}

bool
spf_record_parse(
    struct view terms, struct arena *mem, struct spf_record *out, struct view *wrong)
{
	struct spf_record record = { 0 };
	size_t i, count = 1;
	struct view term;

	for (i = 0; i < terms.len; i++)
		count += terms.at[i] == ' ';
	record.terms = arena_alloc(mem, count * sizeof *record.terms);
	while (terms.len > 0) {
		size_t end = view_index(terms, ' ');

		term = view_first(terms, end);
		terms = view_from(terms, end + 1);
		if (term.len > 0 && !parse_term(term, &record)) {
			*wrong = term;
			return false;
		}
	}
	*out = record;
	return true;
}
