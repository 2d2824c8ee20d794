#include "tlsrpt/ruas.h"

#include "lib/ascii.h"
#include "wire/sts.h"

enum { TARGET_MAX = 500 };

static const char HTTPS[] = "https://", MAILTO[] = "mailto:";

static bool
is_ours(struct view text)
{
	struct view version, rest;

	return view_cut(text, ';', &version, &rest) &&
	    view_equal(view_trim_blanks(version), VIEW("v=TLSRPTv1")) &&
	    view_starts(text, VIEW("v="));
}

static bool
is_printable(struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (!ascii_is_graphic(v.at[i]))
			return false;
	return v.len > 0 && v.len <= TARGET_MAX;
}

/* No more of an address than is sure to be one everywhere: it becomes an argument and a field. */
static bool
is_address(struct view v)
{
	struct view local, domain;
	size_t i;

	if (!view_cut(v, '@', &local, &domain) || local.len == 0 || local.at[0] == '-')
		return false;
	for (i = 0; i < local.len; i++)
		if (!ascii_is_letter(local.at[i]) && !ascii_is_digit(local.at[i]) &&
		    view_index(VIEW("-_.+="), local.at[i]) == 5)
			return false;
	return sts_is_domain(domain);
}

struct view
rua_host(const struct rua *rua)
{
	struct view host = view_from(rua->target, sizeof HTTPS - 1);

	return view_first(host, view_index(host, '/'));
}

static bool
take(struct view uri, struct rua *out)
{
	struct rua rua = { RUA_HTTPS, uri };

	if (!is_printable(uri))
		return false;
	if (view_starts_nocase(uri, view_of(MAILTO))) {
		rua.kind = RUA_MAIL;
		rua.target = view_from(uri, sizeof MAILTO - 1);
		rua.target = view_first(rua.target, view_index(rua.target, '?'));
		if (!is_address(rua.target))
			return false;
	} else if (!view_starts_nocase(uri, view_of(HTTPS)) ||
	    !sts_is_domain(rua_host(&rua))) {
		return false;
	}
	*out = rua;
	return true;
}

static size_t
take_all(struct view text, struct rua out[RUAS_MAX])
{
	struct view field, name, value, uri;
	size_t count = 0;

	view_next_piece(&text, ';', &field); /* the version */
	while (view_next_piece(&text, ';', &field)) {
		if (!view_cut(field, '=', &name, &value) ||
		    !view_equal(view_trim_blanks(name), VIEW("rua")))
			continue;
		while (count < RUAS_MAX && view_next_piece(&value, ',', &uri))
			count += take(uri, &out[count]);
		break;
	}
	return count;
}

size_t
ruas_find(const struct view *texts, size_t count, struct rua out[RUAS_MAX])
{
	size_t i, found = 0, which = 0;

	for (i = 0; i < count; i++)
		if (is_ours(texts[i])) {
			which = i;
			found++;
		}
	return found == 1 ? take_all(texts[which], out) : 0;
}
