#include "client/routetable.h"

#include "client/namedroute.h"
#include "config/control.h"

static const char AUTHSENDERS[] = "control/authsenders",
		  QMTPROUTES[] = "control/qmtproutes",
		  SMTPROUTES[] = "control/smtproutes";

/* A line that was selected, and where it stands. */
struct selected {
	const char *path;
	struct route_choice choice;
	enum route_protocol protocol;
};

static void
drop_credential(struct route *route)
{
	credential_wipe(&route->credential);
	route->value.allow_clear = false;
	route->credential_from.text[0] = '\0';
}

/* False: too long, or with a NUL. */
static bool
take_credential(
    struct route *route, const struct route_value *value, const char *path, size_t line)
{
	if (value->user.len == 0)
		return true;
	if (!credential_set(&route->credential, value->user, value->pass))
		return false;
	route->value.allow_clear = value->allow_clear;
	origin_note(&route->credential_from, path, line);
	return true;
}

/* A relay, unless the value names none.  The credential of authsenders stays if the line has none of
 * its own. */
static void
take_relay(struct route *route, const struct route_value *value)
{
	bool allow_clear = route->value.allow_clear;

	route->value = *value;
	route->value.allow_clear = allow_clear;
	str_set(&route->relay, value->relay);
}

static bool
take_named(struct route *route, struct view name, enum route_protocol protocol,
    struct problem *problem)
{
	struct named_route named = { 0 };
	struct route_value value;
	bool ok = namedroute_read(name, protocol, &named, &value, problem);

	if (ok) {
		take_relay(route, &value);
		str_set(&route->name, name);
		str_set(&route->oauth, str_view(&named.oauth));
		ok = take_credential(route, &value, str_text(&named.credential_path), 1);
		if (!ok)
			problem_note(problem, str_text(&named.credential_path), 1,
			    "not a credential", 0);
	}
	namedroute_free(&named);
	return ok;
}

/* What the selected line says itself, or the directory that it names. */
static bool
take(struct route *route, const struct selected *selected, struct problem *problem)
{
	const struct route_choice *choice = &selected->choice;
	struct route_value value;

	if (!route_parse(choice->value, selected->protocol, &value)) {
		problem_note(problem, selected->path, choice->line, "not a route", 0);
		return false;
	}
	origin_note(&route->from, selected->path, choice->line);
	if (value.name.len > 0)
		return take_named(route, value.name, selected->protocol, problem);
	if (value.relay.len > 0)
		take_relay(route, &value);
	/* Who writes a credential for no relay in the table of relays gives it to nobody. */
	if (value.relay.len == 0 && selected->path != AUTHSENDERS)
		return true;
	if (take_credential(route, &value, selected->path, choice->line))
		return true;
	problem_note(problem, selected->path, choice->line, "not a credential", 0);
	return false;
}

static void
free_secret(struct control_list *list)
{
	str_wipe(&list->bytes); /* it holds passwords */
	control_list_free(list);
}

/* By the sender; a line without a relay leaves its credential for the relay of a later table. */
static enum route_result
find_by_sender(
    const struct route_query *query, struct route *route, struct problem *problem)
{
	struct control_list list = { 0 };
	struct selected selected = { .path = AUTHSENDERS };
	enum route_result result = ROUTE_OK;

	if (control_list(AUTHSENDERS, &list, problem) == ANSWER_ERROR)
		return ROUTE_INVALID;
	if (route_select_authsender(&list, query, &selected.choice) &&
	    !take(route, &selected, problem))
		result = ROUTE_INVALID;
	free_secret(&list);
	return result;
}

/* By recipient and host: where both tables have a line that fits equally well, that of QMTP. */
static enum route_result
find_by_host(
    const struct route_query *query, struct route *route, struct problem *problem)
{
	struct control_list qmtp = { 0 }, smtp = { 0 };
	struct selected best = { .path = QMTPROUTES, .protocol = ROUTE_QMTP };
	struct route_choice other = { 0 };
	enum route_result result = ROUTE_INVALID;

	if (control_list(QMTPROUTES, &qmtp, problem) != ANSWER_ERROR &&
	    control_list(SMTPROUTES, &smtp, problem) != ANSWER_ERROR) {
		route_select_qmtp(&qmtp, query, &best.choice);
		if (route_select(&smtp, query, &other) && other.fits > best.choice.fits)
			best = (struct selected) { SMTPROUTES, other, ROUTE_SMTP };
		if (best.choice.fits == 0 || take(route, &best, problem))
			result = ROUTE_OK;
	}
	free_secret(&qmtp);
	free_secret(&smtp);
	return result;
}

enum route_result
route_find(const struct route_query *query, struct route *out, struct problem *problem)
{
	struct route route = { 0 };
	enum route_result result;

	route.value.port = ROUTE_PORT;
	result = find_by_sender(query, &route, problem);
	if (result == ROUTE_OK && route.relay.len == 0)
		result = find_by_host(query, &route, problem);
	if (result != ROUTE_OK) {
		route_free(&route);
		return result;
	}
	if (route.relay.len == 0) /* never to a host that only the DNS named */
		drop_credential(&route);
	*out = route;
	credential_wipe(&route.credential);
	return ROUTE_OK;
}

void
route_free(struct route *route)
{
	credential_wipe(&route->credential);
	str_free(&route->relay);
	str_free(&route->name);
	str_free(&route->oauth);
	*route = (struct route) { 0 };
}
