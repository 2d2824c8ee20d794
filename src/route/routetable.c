#include "route/routetable.h"

#include "config/control.h"
#include "route/namedroute.h"
#include "route/relaysecrets.h"

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

/* The credential of authsenders stays, if the line has none of its own. */
static void
take_relay(struct route *route, const struct route_value *value)
{
	struct relay *relay = &route->relays.relays[0];
	bool allow_clear = route->value.allow_clear;

	route->value = *value;
	route->value.allow_clear = allow_clear;
	str_set(&route->relay, value->relay);
	*relay =
	    (struct relay) { .port = value->port, .implicit_tls = value->implicit_tls };
	str_set(&relay->name, value->relay);
	route->relays.count = 1;
}

/* What a line says itself.  Who writes a credential for no relay into a table of relays gives it to
 * nobody. */
static bool
take_value(
    struct route *route, const struct selected *selected, const struct route_value *value)
{
	route->flaw = value->flaw;
	if (value->relay.len > 0) {
		take_relay(route, value);
	} else if (selected->path != AUTHSENDERS) {
		if (value->user.len > 0)
			route->flaw = "a credential without a relay";
		return true;
	}
	return take_credential(route, value, selected->path, selected->choice.line);
}

static enum route_result
take(struct route *route, const struct route_query *query,
    const struct selected *selected, struct problem *problem)
{
	const struct route_choice *choice = &selected->choice;
	struct route_value value;

	if (!route_parse(choice->value, selected->protocol, &value)) {
		problem_note(problem, selected->path, choice->line, "not a route", 0);
		return ROUTE_INVALID;
	}
	origin_note(&route->from, selected->path, choice->line);
	if (value.name.len > 0) {
		struct namedroute_query named = { value.name, selected->protocol,
			query->sender };

		return namedroute_take(route, &named, problem);
	}
	if (take_value(route, selected, &value))
		return ROUTE_OK;
	problem_note(problem, selected->path, choice->line, "not a credential", 0);
	return ROUTE_INVALID;
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
	if (route_select_authsender(&list, query, &selected.choice))
		result = take(route, query, &selected, problem);
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
		result =
		    best.choice.fits == 0 ? ROUTE_OK : take(route, query, &best, problem);
	}
	free_secret(&qmtp);
	free_secret(&smtp);
	return result;
}

/* What the lines left out: remotesecrets and remoteauth are read only for a relay that has no credential
 * yet.  QMTP has no use for one, and of several relays none is the one that is meant. */
static enum route_result
find_secret(struct route *route, struct problem *problem)
{
	struct relaysecret secret = { 0 };
	enum answer found;

	if (route->relays.count != 1 || route->credential.user_len > 0 ||
	    route->value.protocol == ROUTE_QMTP)
		return ROUTE_OK;
	found = relaysecrets_find(
	    str_view(&route->relay), route->relays.relays[0].port, &secret, problem);
	if (found == ANSWER_YES) {
		route->credential = secret.credential;
		route->credential_from = secret.from;
		str_set(&route->sender, str_view(&secret.sender));
	}
	relaysecret_free(&secret);
	return found == ANSWER_ERROR ? ROUTE_INVALID : ROUTE_OK;
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
	if (result == ROUTE_OK)
		result = find_secret(&route, problem);
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
	relaylist_free(&route->relays);
	str_free(&route->oauth);
	str_free(&route->sender);
	str_free(&route->name);
	str_free(&route->tls);
	str_free(&route->mechanisms);
	str_free(&route->helo);
	*route = (struct route) { 0 };
}
