#include "route/routeselect.h"

#include <stdint.h>

#include "route/route.h"

/* How well a key fits: 0 not at all, else the more the better.  A longer suffix is better than a
 * shorter one, so its length serves; the two kinds that win over every host are above them. */
enum { FITS_ANY = 1 };
static const size_t FITS_NULL_SENDER = SIZE_MAX - 1, FITS_RECIPIENT = SIZE_MAX;

static bool
is_address(struct view v)
{
	size_t at = view_rindex(v, '@');

	return at > 0 && at < v.len;
}

/* "a.b" fits itself only; ".b" fits what ends so. */
static size_t
fits_host(struct view key, struct view host)
{
	key = view_trim_root(key);
	host = view_trim_root(host);
	if (key.len == 0)
		return FITS_ANY;
	if (view_equal_nocase(key, host) ||
	    (key.at[0] == '.' && view_ends_nocase(host, key)))
		return FITS_ANY + key.len;
	return 0;
}

static size_t
fits(struct view key, const struct route_query *query)
{
	if (view_equal(key, VIEW("!@")))
		return query->sender.len == 0 ? FITS_NULL_SENDER : 0;
	return fits_host(key, query->host);
}

static size_t
fits_recipient_too(struct view key, const struct route_query *query)
{
	if (is_address(query->recipient) && view_equal_nocase(key, query->recipient))
		return FITS_RECIPIENT;
	return fits(key, query);
}

static size_t
fits_sender(struct view key, const struct route_query *query)
{
	struct view sender = query->sender;

	if (view_equal(key, VIEW("!@")))
		return sender.len == 0 ? FITS_NULL_SENDER : 0;
	if (key.len == 0)
		return FITS_ANY;
	if (view_equal_nocase(key, sender) ||
	    ((key.at[0] == '.' || key.at[0] == '@') && view_ends_nocase(sender, key)))
		return FITS_ANY + key.len;
	return 0;
}

/* How the lines of a table are read. */
struct table {
	bool (*cut)(struct view line, struct view *key, struct view *value);
	size_t (*fits)(struct view key, const struct route_query *query);
	bool skips_empty; /* a line without a value is as if it were not there */
};

/* Of equal keys the last line wins, as in qmail. */
static bool
select_in(const struct table *table, const struct control_list *list,
    const struct route_query *query, struct route_choice *out)
{
	struct route_choice best = { 0 };
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct view key, value;
		size_t how_well;

		if (!table->cut(list->entries[i].text, &key, &value) ||
		    (table->skips_empty && view_trim_left(value).len == 0))
			continue;
		how_well = table->fits(key, query);
		if (how_well > 0 && how_well >= best.fits)
			best = (struct route_choice) { how_well, value,
				list->entries[i].line };
	}
	if (best.fits > 0)
		*out = best;
	return best.fits > 0;
}

bool
route_select(const struct control_list *list, const struct route_query *query,
    struct route_choice *out)
{
	static const struct table smtproutes = { route_cut, fits_recipient_too, false };

	return select_in(&smtproutes, list, query, out);
}

bool
route_select_qmtp(const struct control_list *list, const struct route_query *query,
    struct route_choice *out)
{
	static const struct table qmtproutes = { route_cut, fits, false };

	return select_in(&qmtproutes, list, query, out);
}

bool
route_select_authsender(const struct control_list *list, const struct route_query *query,
    struct route_choice *out)
{
	static const struct table authsenders = { route_cut_authsender, fits_sender,
		true };

	return select_in(&authsenders, list, query, out);
}
