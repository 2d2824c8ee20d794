#include "policy/spf/macro.h"

#include "lib/ascii.h"
#include "lib/fmt.h"
#include "lib/scan.h"
#include "policy/spf/name.h"

/* One piece of a macro string. */
struct element {
	size_t len;  /* of its text */
	char letter; /* of a macro; 0: `literal` */
	struct view literal;
	bool escape;    /* the letter was in upper case: octets as in a URL */
	uint32_t parts; /* how many from the right; 0: all */
	bool reverse;
	struct view delimiters;
};

/* --- syntax --------------------------------------------------------------------------------------- */

static bool
is_one_of(char c, struct view set)
{
	return view_index(set, c) < set.len;
}

static bool
is_letter(char c, enum spf_macro_use use)
{
	return is_one_of(
	    c, use == SPF_IN_EXPLANATION ? VIEW("slodiphvcrt") : VIEW("slodiphv"));
}

/* "%{", a letter, digits, "r", delimiters, "}"; `text` starts with the first two. */
static bool
parse_braces(struct view text, enum spf_macro_use use, struct element *e)
{
	size_t at = 2, digits, start;

	if (at == text.len)
		return false;
	e->letter = ascii_lower(text.at[at]);
	e->escape = text.at[at] != e->letter;
	if (!is_letter(e->letter, use))
		return false;
	at++;
	digits = scan_u32(view_from(text, at), &e->parts);
	if (digits > 0 && e->parts == 0)
		return false;
	at += digits;
	if (at < text.len && ascii_lower(text.at[at]) == 'r') {
		e->reverse = true;
		at++;
	}
	for (start = at; at < text.len && is_one_of(text.at[at], VIEW(".-+,/_=")); at++)
		continue;
	e->delimiters = view_from(view_first(text, at), start);
	e->len = at + 1;
	return at < text.len && text.at[at] == '}';
}

static bool
parse_percent(struct view text, enum spf_macro_use use, struct element *e)
{
	e->len = 2;
	switch (text.len > 1 ? text.at[1] : 0) {
	case '%':
		e->literal = VIEW("%");
		return true;
	case '_':
		e->literal = VIEW(" ");
		return true;
	case '-':
		e->literal = VIEW("%20");
		return true;
	case '{':
		return parse_braces(text, use, e);
	default:
		return false;
	}
}

/* The element that `text`, which is not empty, starts with. */
static bool
parse_element(struct view text, enum spf_macro_use use, struct element *e)
{
	*e = (struct element) { .len = 1, .literal = view_first(text, 1) };
	if (*text.at == '%')
		return parse_percent(text, use, e);
	return (*text.at > ' ' && *text.at < 0x7f) ||
	    (*text.at == ' ' && use == SPF_IN_EXPLANATION);
}

bool
spf_macro_is_valid(struct view text, enum spf_macro_use use)
{
	struct element e;

	for (; text.len > 0; text = view_from(text, e.len))
		if (!parse_element(text, use, &e))
			return false;
	return true;
}

/* A label with a letter, or with a hyphen inside. */
static bool
is_top_label(struct view label)
{
	bool is_number = true;
	size_t i;

	if (label.len == 0 || *label.at == '-' || label.at[label.len - 1] == '-')
		return false;
	for (i = 0; i < label.len; i++) {
		char c = ascii_lower(label.at[i]);

		if (!ascii_is_digit(c) && c != '-' && (c < 'a' || c > 'z'))
			return false;
		if (!ascii_is_digit(c))
			is_number = false;
	}
	return !is_number;
}

bool
spf_macro_is_domain(struct view text)
{
	struct view rest = text, tail = text; /* tail: behind the last macro */
	struct element e;

	for (; rest.len > 0; rest = view_from(rest, e.len)) {
		if (!parse_element(rest, SPF_IN_RECORD, &e))
			return false;
		if (*rest.at == '%')
			tail = view_from(rest, e.len);
	}
	if (tail.len == 0)
		return text.len > 0;
	tail = spf_name_plain(tail);
	if (view_index(tail, '.') == tail.len)
		return false; /* the last label must have a dot in front of it */
	return is_top_label(view_from(tail, view_rindex(tail, '.') + 1));
}

/* --- expansion ------------------------------------------------------------------------------------ */

/* The last `parts` parts of `value`, in order, joined by dots. */
static void
append_last(struct str *out, struct view value, const struct element *e)
{
	size_t i, start = value.len;
	uint32_t parts = 0;

	for (; start > 0; start--)
		if (is_one_of(value.at[start - 1], e->delimiters) && ++parts == e->parts)
			break;
	for (i = start; i < value.len; i++)
		str_append_byte(
		    out, is_one_of(value.at[i], e->delimiters) ? '.' : value.at[i]);
}

/* The first `parts` parts of `value`, last one first: reversed, these are the last ones. */
static void
append_reversed(struct str *out, struct view value, const struct element *e)
{
	size_t i, end, cut = 0;
	uint32_t parts = 0;

	for (; cut < value.len; cut++)
		if (is_one_of(value.at[cut], e->delimiters) && ++parts == e->parts)
			break;
	for (i = end = cut; i > 0; i--) {
		if (!is_one_of(value.at[i - 1], e->delimiters))
			continue;
		str_append(out, view_from(view_first(value, end), i));
		str_append_byte(out, '.');
		end = i - 1;
	}
	str_append(out, view_first(value, end));
}

static void
append_escaped(struct str *out, struct view value)
{
	size_t i;

	for (i = 0; i < value.len; i++) {
		char c = ascii_lower(value.at[i]);

		if (ascii_is_digit(c) || (c >= 'a' && c <= 'z') ||
		    is_one_of(c, VIEW("-._~"))) {
			str_append_byte(out, value.at[i]);
			continue;
		}
		str_append_byte(out, '%');
		str_append_byte(out, "0123456789ABCDEF"[(unsigned char)c >> 4]);
		str_append_byte(out, "0123456789ABCDEF"[c & 15]);
	}
}

/* IPv4 as usual; IPv6 as its nibbles with dots between, in upper case as RFC 7208 7.4 has them. */
static void
append_dotted(struct str *out, const struct ip *ip)
{
	int i;

	if (ip->version == 4) {
		ip_format(out, ip);
		return;
	}
	for (i = 0; i < 32; i++) {
		if (i > 0)
			str_append_byte(out, '.');
		str_append_byte(
		    out, "0123456789ABCDEF"[ip->bytes[i / 2] >> (i % 2 ? 0 : 4) & 15]);
	}
}

static void
append_value(struct str *out, char letter, const struct spf_macros *m)
{
	switch (letter) {
	case 's':
		str_append(out, m->sender);
		return;
	case 'l':
		str_append(out, m->local);
		return;
	case 'o':
		str_append(out, m->origin);
		return;
	case 'd':
		str_append(out, m->domain);
		return;
	case 'h':
		str_append(out, m->helo);
		return;
	case 'i':
		append_dotted(out, &m->ip);
		return;
	case 'p':
		str_append(out, m->client_name(m->context, m->domain));
		return;
	case 'v':
		str_append_text(out, m->ip.version == 4 ? "in-addr" : "ip6");
		return;
	case 'c':
		ip_format(out, &m->ip);
		return;
	case 'r':
		str_append(out, m->receiver.len ? m->receiver : VIEW("unknown"));
		return;
	default: /* 't' */
		fmt_u64(out, m->now > 0 ? (uint64_t)m->now : 0);
	}
}

static void
append_macro(struct str *out, const struct element *e, const struct spf_macros *m)
{
	struct str value = { 0 }, parts = { 0 };
	struct element whole = *e;

	append_value(&value, e->letter, m);
	if (whole.delimiters.len == 0)
		whole.delimiters = VIEW(".");
	if (e->reverse)
		append_reversed(&parts, str_view(&value), &whole);
	else if (e->parts > 0 || e->delimiters.len > 0)
		append_last(&parts, str_view(&value), &whole);
	else
		str_append(&parts, str_view(&value));
	if (e->escape)
		append_escaped(out, str_view(&parts));
	else
		str_append(out, str_view(&parts));
	str_free(&parts);
	str_free(&value);
}

bool
spf_macro_expand(struct str *out, struct view text, const struct spf_macros *m)
{
	size_t start = out->len;
	struct element e;

	for (; text.len > 0; text = view_from(text, e.len)) {
		if (!parse_element(text, SPF_IN_EXPLANATION, &e))
			return false;
		if (e.letter)
			append_macro(out, &e, m);
		else
			str_append(out, e.literal);
		if (out->len - start > SPF_EXPANDED_MAX)
			return false;
	}
	return true;
}
