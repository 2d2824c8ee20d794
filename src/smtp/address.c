#include "smtp/address.h"

#include "lib/ascii.h"
#include "lib/quote.h"

struct address
address_of(struct view whole)
{
	struct address a = { .whole = whole };
	size_t at = view_rindex(whole, '@');

	a.local = view_first(whole, at);
	a.has_at = at < whole.len;
	a.domain = view_from(whole, at + 1);
	return a;
}

bool
address_is_null(const struct address *a)
{
	return a->whole.len == 0;
}

bool
address_is_postmaster(const struct address *a)
{
	return view_equal_nocase(a->local, VIEW("postmaster"));
}

/* Where the address starts, and which byte ends it.  False: there is none. */
static bool
find_start(struct view *arg, char *terminator)
{
	struct view before, after;

	if (view_cut(*arg, '<', &before, &after)) {
		*terminator = '>';
		*arg = after;
		return true;
	}
	if (!view_cut(*arg, ':', &before, &after))
		return false;
	*terminator = ' ';
	while (after.len > 0 && after.at[0] == ' ')
		after = view_from(after, 1);
	*arg = after;
	return true;
}

static struct view
without_source_route(struct view v)
{
	if (v.len == 0 || v.at[0] != '@')
		return v;
	return view_from(v, view_index(v, ':') + 1);
}

struct unquoting {
	char *out;
	size_t len;  /* of out */
	size_t used; /* of the input, without the terminator */
	bool open;   /* a quote or backslash was still open at the end */
};

static void
unquote(struct view v, char terminator, struct unquoting *u)
{
	bool escaped = false, quoted = false;
	size_t i;

	for (i = 0; i < v.len; i++) {
		char c = v.at[i];

		if (escaped) {
			escaped = false;
		} else if (c == terminator && !quoted) {
			break;
		} else if (c == '\\') {
			escaped = true;
			continue;
		} else if (c == '"') {
			quoted = !quoted;
			continue;
		}
		u->out[u->len++] = c;
	}
	u->used = i;
	u->open = escaped || quoted;
}

static bool
has_foreign_byte(struct view v, enum address_rules rules)
{
	size_t i;

	if (rules == ADDRESS_STOCK)
		return view_index(v, '\0') < v.len;
	for (i = 0; i < v.len; i++)
		if (ascii_is_control(v.at[i]))
			return true;
	return false;
}

enum address_syntax
address_parse(struct view arg, enum address_rules rules, struct arena *mem,
    struct address *out, struct view *rest)
{
	struct unquoting u = { 0 };
	struct view whole;
	char terminator;

	if (!find_start(&arg, &terminator))
		return ADDRESS_MALFORMED;
	arg = without_source_route(arg);
	u.out = arena_alloc(mem, arg.len + 1);
	unquote(arg, terminator, &u);
	u.out[u.len] = '\0';
	whole = (struct view) { u.out, u.len };
	if (has_foreign_byte(whole, rules) || (u.open && rules == ADDRESS_CLEAN))
		return ADDRESS_MALFORMED;
	if (whole.len > ADDRESS_MAX)
		return ADDRESS_TOO_LONG;
	*out = address_of(whole);
	*rest = view_from(arg, u.used + 1);
	return ADDRESS_OK;
}

void
address_format(struct str *out, struct view whole)
{
	if (view_index(whole, '@') == whole.len) /* not even a local part */
		str_append(out, whole);
	else
		quote_address(out, whole);
}
