#include "client/routetable.h"

#include <stdint.h>

#include "client/namedroute.h"

/* How well a key fits: 0 not at all, else the more the better.  A longer suffix is better than a
 * shorter one, so its length serves; the two kinds that win over every host are above them. */
enum { FITS_ANY = 1 };
static const size_t FITS_NULL_SENDER = SIZE_MAX - 1, FITS_RECIPIENT = SIZE_MAX;

static struct view
without_final_dot(struct view name)
{
	bool dotted = name.len > 1 && name.at[name.len - 1] == '.';

	return dotted ? view_first(name, name.len - 1) : name;
}

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
	key = without_final_dot(key);
	host = without_final_dot(host);
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
	if (is_address(query->recipient) && view_equal_nocase(key, query->recipient))
		return FITS_RECIPIENT;
	if (view_equal(key, VIEW("!@")))
		return query->sender.len == 0 ? FITS_NULL_SENDER : 0;
	return fits_host(key, query->host);
}

static size_t
fits_sender(struct view key, struct view sender)
{
	if (view_equal(key, VIEW("!@")))
		return sender.len == 0 ? FITS_NULL_SENDER : 0;
	if (key.len == 0)
		return FITS_ANY;
	if (view_equal_nocase(key, sender) ||
	    ((key.at[0] == '.' || key.at[0] == '@') && view_ends_nocase(sender, key)))
		return FITS_ANY + key.len;
	return 0;
}

bool
route_select(const struct control_list *list, const struct route_query *query,
    struct view *value, size_t *line)
{
	size_t best = 0, i;

	for (i = 0; i < list->count; i++) {
		struct view key, rest;
		size_t how_well;

		if (!route_cut(list->entries[i].text, &key, &rest))
			continue;
		how_well = fits(key, query);
		if (how_well == 0 || how_well < best)
			continue;
		best = how_well;
		*value = rest;
		*line = list->entries[i].line;
	}
	return best > 0;
}

bool
route_select_authsender(const struct control_list *list, const struct route_query *query,
    struct view *value, size_t *line)
{
	size_t best = 0, i;

	for (i = 0; i < list->count; i++) {
		struct view key, rest;
		size_t how_well;

		if (!route_cut_authsender(list->entries[i].text, &key, &rest) ||
		    view_trim_left(rest).len == 0)
			continue;
		how_well = fits_sender(key, query->sender);
		if (how_well == 0 || how_well < best)
			continue;
		best = how_well;
		*value = rest;
		*line = list->entries[i].line;
	}
	return best > 0;
}

typedef bool selector(const struct control_list *list, const struct route_query *query,
    struct view *value, size_t *line);

/* Take over what a line says: a relay only if none is there yet, and a credential likewise. */
static bool
adopt(struct route *route, const struct route_value *value)
{
	if (!credential_is_set(&route->credential)) {
		if (!credential_set(&route->credential, value->user, value->pass))
			return false;
		route->value.allow_clear = value->allow_clear;
	}
	return true;
}

static bool
adopt_relay(struct route *route, const struct route_value *value)
{
	bool allow_clear = route->value.allow_clear;

	if (value->relay.len == 0)
		return adopt(route, value);
	/* The line that names the relay has the first say about the credential. */
	if (value->user.len > 0)
		credential_wipe(&route->credential);
	route->value = *value;
	route->value.allow_clear = allow_clear;
	str_set(&route->relay, value->relay);
	return adopt(route, value);
}

/* What a value says itself, or the directory that it names. */
static bool
adopt_value(struct route *route, struct view value, const char *path, size_t line,
    struct problem *problem)
{
	struct named_route named = { 0 };
	struct route_value parsed;
	bool ok = route_parse(value, &parsed);

	if (ok && parsed.name.len > 0) {
		ok = namedroute_read(parsed.name, &named, &parsed, problem);
		if (!ok && problem->what)
			path = NULL;
	}
	if (ok) {
		ok = adopt_relay(route, &parsed);
		str_set(&route->oauth, str_view(&named.oauth));
	}
	if (!ok && path)
		problem_note(problem, path, line, "not a route", 0);
	namedroute_free(&named);
	return ok;
}

static enum route_result
consult(const char *path, selector *select, const struct route_query *query,
    struct route *route, struct problem *problem)
{
	struct control_list list = { 0 };
	enum route_result result = ROUTE_OK;
	struct view value;
	size_t line;

	if (control_list(path, &list, problem) == ANSWER_ERROR)
		return ROUTE_INVALID;
	if (select(&list, query, &value, &line) &&
	    !adopt_value(route, value, path, line, problem))
		result = ROUTE_INVALID;
	str_wipe(&list.bytes); /* it holds passwords */
	control_list_free(&list);
	return result;
}

enum route_result
route_find(const struct route_query *query, struct route *out, struct problem *problem)
{
	struct route route = { 0 };
	enum route_result result;

	route.value.port = ROUTE_PORT;
	result = consult(
	    "control/authsenders", route_select_authsender, query, &route, problem);
	if (result == ROUTE_OK && route.relay.len == 0)
		result =
		    consult("control/smtproutes", route_select, query, &route, problem);
	if (result != ROUTE_OK) {
		route_free(&route);
		return result;
	}
	if (route.relay.len == 0) /* never to a host that only the DNS named */
		credential_wipe(&route.credential);
	*out = route;
	credential_wipe(&route.credential);
	return ROUTE_OK;
}

void
route_free(struct route *route)
{
	credential_wipe(&route->credential);
	str_free(&route->relay);
	str_free(&route->oauth);
	*route = (struct route) { 0 };
}
