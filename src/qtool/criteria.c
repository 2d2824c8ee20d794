#include "qtool/criteria.h"

#include <string.h>

#include "lib/mem.h"
#include "lib/scan.h"
#include "queue/name.h"

/* --- values ----------------------------------------------------------------------------------------------- */

struct unit {
	char letter;
	uint64_t worth;
};

static bool
with_unit(struct view text, const struct unit *units, size_t count, uint64_t *out)
{
	uint64_t n;
	size_t digits = scan_u64(text, &n), i;
	struct view rest = view_from(text, digits);

	if (digits == 0 || rest.len > 1)
		return false;
	if (rest.len == 0)
		return *out = n, true;
	for (i = 0; i < count; i++)
		if (units[i].letter == rest.at[0]) {
			*out = n > UINT64_MAX / units[i].worth ? UINT64_MAX
							       : n * units[i].worth;
			return true;
		}
	return false;
}

bool
criteria_age(struct view text, uint64_t *out)
{
	static const struct unit units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 },
		{ 'd', 86400 }, { 'w', 604800 } };

	return with_unit(text, units, sizeof units / sizeof *units, out);
}

bool
criteria_size(struct view text, uint64_t *out)
{
	static const struct unit units[] = { { 'k', 1024 }, { 'm', 1024 * 1024 },
		{ 'g', 1024 * 1024 * 1024 } };

	return with_unit(text, units, sizeof units / sizeof *units, out);
}

/* The last * may have to take more: from there we begin again. */
bool
criteria_matches(struct view pattern, struct view text)
{
	struct view star = { NULL, 0 }, from = text;

	while (text.len > 0) {
		if (pattern.len > 0 && pattern.at[0] == '*') {
			pattern = view_from(pattern, 1);
			star = pattern;
			from = text;
		} else if (pattern.len > 0 &&
		    view_equal_nocase(view_first(pattern, 1), view_first(text, 1))) {
			pattern = view_from(pattern, 1);
			text = view_from(text, 1);
		} else if (star.at) {
			pattern = star;
			from = view_from(from, 1);
			text = from;
		} else {
			return false;
		}
	}
	while (pattern.len > 0 && pattern.at[0] == '*')
		pattern = view_from(pattern, 1);
	return pattern.len == 0;
}

/* --- options ---------------------------------------------------------------------------------------------- */

static bool
take_channel(struct criteria *c, const char *value)
{
	c->has_channel = true;
	c->channel = strcmp(value, "remote") == 0 ? CHANNEL_REMOTE : CHANNEL_LOCAL;
	return c->channel == CHANNEL_REMOTE || strcmp(value, "local") == 0;
}

static bool
take_text(const char **out, const char *value)
{
	*out = value;
	return true;
}

static bool
take_value(struct criteria *c, const char *name, const char *value)
{
	struct view v = view_of(value);

	if (strcmp(name, "sender") == 0)
		return take_text(&c->sender, value);
	if (strcmp(name, "recipient") == 0)
		return take_text(&c->recipient, value);
	if (strcmp(name, "domain") == 0)
		return take_text(&c->domain, value);
	if (strcmp(name, "reason") == 0)
		return take_text(&c->reason, value);
	if (strcmp(name, "channel") == 0)
		return take_channel(c, value);
	if (strcmp(name, "older") == 0)
		return criteria_age(v, &c->older);
	if (strcmp(name, "younger") == 0)
		return criteria_age(v, &c->younger);
	if (strcmp(name, "larger") == 0)
		return criteria_size(v, &c->larger);
	if (strcmp(name, "smaller") == 0)
		return criteria_size(v, &c->smaller);
	return false;
}

bool
criteria_take(struct criteria *c, const char *name, const char *value, bool *takes_value)
{
	*takes_value = false;
	if (strcmp(name, "all") == 0)
		return c->all = true;
	if (strcmp(name, "held") == 0)
		return c->held = true;
	*takes_value = true;
	return value && take_value(c, name, value);
}

bool
criteria_take_id(struct criteria *c, const char *text)
{
	uint64_t id;

	if (!name_number(view_of(text), &id))
		return false;
	c->ids = mem_resize(c->ids, (c->id_count + 1) * sizeof *c->ids);
	c->ids[c->id_count++] = id;
	return true;
}

bool
criteria_is_given(const struct criteria *c)
{
	return c->all || c->id_count > 0 || c->sender || c->recipient || c->domain ||
	    c->reason || c->has_channel || c->held || c->older || c->younger ||
	    c->larger || c->smaller;
}

void
criteria_free(struct criteria *c)
{
	mem_free(c->ids);
}

/* --- does it fit? ----------------------------------------------------------------------------------------- */

bool
criteria_fits(const struct criteria *c, const struct message *m, int64_t now)
{
	uint64_t age = now > m->birth ? (uint64_t)(now - m->birth) : 0;

	if ((c->older && age <= c->older) || (c->younger && age >= c->younger))
		return false;
	if ((c->larger && m->size <= c->larger) || (c->smaller && m->size >= c->smaller))
		return false;
	return !c->sender || criteria_matches(view_of(c->sender), str_view(&m->sender));
}

bool
criteria_wants_recipient(const struct criteria *c)
{
	return c->recipient || c->domain || c->has_channel;
}

bool
criteria_fits_recipient(const struct criteria *c, const struct message *m,
    const struct message_recipient *recipient)
{
	struct view address = recipient->address;
	size_t at = view_rindex(address, '@');

	if (recipient->done)
		return false;
	if (c->has_channel && (m->is_new || recipient->kind != c->channel))
		return false;
	if (c->domain &&
	    (at == address.len ||
		!criteria_matches(view_of(c->domain), view_from(address, at + 1))))
		return false;
	return !c->recipient || criteria_matches(view_of(c->recipient), address);
}

static struct view
lower(struct str *room, struct view text)
{
	str_append_lower(room, text);
	return str_view(room);
}

bool
criteria_fits_reason(const struct criteria *c, struct view reason)
{
	struct str wanted = { 0 }, have = { 0 };
	bool fits = !c->reason ||
	    view_contains(lower(&have, reason), lower(&wanted, view_of(c->reason)));

	str_free(&wanted);
	str_free(&have);
	return fits;
}
