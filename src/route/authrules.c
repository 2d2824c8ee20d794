#include "route/authrules.h"

#include "config/control.h"
#include "lib/ascii.h"
#include "route/route.h"

/* A relay that is an address may be written in brackets. */
static bool
names_relay(struct view key, struct view relay)
{
	if (key.len > 2 && key.at[0] == '[' && key.at[key.len - 1] == ']')
		key = (struct view) { key.at + 1, key.len - 2 };
	return view_equal_nocase(key, relay);
}

enum answer
authrules_clear_allowed(struct view relay, struct problem *problem)
{
	struct control_list list = { 0 };
	enum answer found = control_list("control/authclear", &list, problem);
	size_t i;

	if (found != ANSWER_YES)
		return found;
	found = ANSWER_NO;
	for (i = 0; i < list.count; i++)
		if (view_equal(list.entries[i].text, VIEW("*")) ||
		    names_relay(list.entries[i].text, relay))
			found = ANSWER_YES;
	control_list_free(&list);
	return found;
}

static void
add(struct authrules_mechanisms *m, struct view name)
{
	enum sasl_mechanism mechanism;
	size_t i;

	if (!sasl_by_name(name, &mechanism))
		return;
	for (i = 0; i < m->count; i++)
		if (m->list[i] == mechanism)
			return;
	m->list[m->count++] = mechanism;
}

static struct authrules_mechanisms
parse(struct view words)
{
	struct authrules_mechanisms m = { .count = 0 };
	size_t n;

	for (words = view_trim_left(words); words.len > 0;
	     words = view_trim_left(view_from(words, n))) {
		for (n = 0; n < words.len && !ascii_is_blank(words.at[n]); n++)
			continue;
		add(&m, view_first(words, n));
	}
	return m;
}

static struct authrules_mechanisms
our_order(void)
{
	struct authrules_mechanisms m = { .count = SASL_MECHANISMS };
	size_t i;

	for (i = 0; i < SASL_MECHANISMS; i++)
		m.list[i] = (enum sasl_mechanism)i;
	return m;
}

enum answer
authrules_mechanisms(struct view relay, struct view of_route,
    struct authrules_mechanisms *out, struct problem *problem)
{
	struct control_list list = { 0 };
	bool exact = false;
	size_t i;

	if (of_route.len > 0) {
		*out = parse(of_route);
		return ANSWER_YES;
	}
	if (control_list("control/authmechs", &list, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	*out = our_order();
	for (i = 0; i < list.count; i++) {
		struct view key, words;

		if (!route_cut(list.entries[i].text, &key, &words))
			continue;
		if (names_relay(key, relay))
			exact = true;
		else if (exact || key.len > 0)
			continue;
		*out = parse(words);
	}
	control_list_free(&list);
	return ANSWER_YES;
}
