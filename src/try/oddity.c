#include "try/oddity.h"

#include "client/source.h"
#include "lib/str.h"
#include "route/relaysecrets.h"
#include "route/route.h"
#include "tlspolicy/tlsdestinations.h"
#include "tlspolicy/tlspolicy.h"
#include "try/stockroute.h"

static const char NO_COLON[] = "without a ':' it is passed over";
static const char NO_ROUTE[] = "not a route: mail that selects it has to wait";
static const char NO_POLICY[] = "not a policy: mail that selects it has to wait";
static const char NO_CREDENTIAL[] = "not a credential: mail that selects it has to wait";
static const char NO_SOURCE[] =
    "not an address and a name: mail that selects it has to wait";

static void
wait_for(struct oddity *out, const char *odd)
{
	out->odd = odd;
	out->weight = ODDITY_WAITS;
}

/* --- routes ----------------------------------------------------------------------------------- */

static void
look_at_route(struct view value, enum route_protocol protocol, struct oddity *out)
{
	struct route_value parsed;

	if (!route_parse(value, protocol, &parsed)) {
		wait_for(out, NO_ROUTE);
		return;
	}
	out->odd = parsed.flaw;
	out->is_secret = parsed.user.len > 0;
}

/* In these tables, unlike authsenders, a credential needs a relay. */
static void
look_at_relayed(struct view value, enum route_protocol protocol, struct oddity *out)
{
	struct route_value parsed;

	out->counts = true;
	look_at_route(value, protocol, out);
	if (out->is_secret && route_parse(value, protocol, &parsed) &&
	    parsed.relay.len == 0)
		out->odd = "a credential without a relay";
}

static const char *
odd_for_stock(struct view line)
{
	switch (stockroute_of(line)) {
	case STOCKROUTE_SAME:
		break;
	case STOCKROUTE_BOUNCES6:
		return "a stock qmail-remote knows no IPv6 and would bounce what selects "
		       "it; a name in place of the address would do";
	case STOCKROUTE_BOUNCES:
		return "a stock qmail-remote would bounce what selects it; with :PORT "
		       "right "
		       "behind the relay's name it would not";
	case STOCKROUTE_DEFERS:
		return "a stock qmail-remote would try port 0; digits behind the ':' "
		       "help";
	case STOCKROUTE_OTHER:
		return "a stock qmail-remote would pass it over and take another line";
	}
	return NULL;
}

static void
look_at_smtproute(struct view line, struct oddity *out)
{
	struct view value;

	if (!route_cut(line, &out->key, &value)) {
		out->odd = NO_COLON;
		return;
	}
	look_at_relayed(value, ROUTE_SMTP, out);
	if (!out->odd) {
		out->odd = odd_for_stock(line);
		out->weight = ODDITY_STOCK;
	}
}

static void
look_at_qmtproute(struct view line, struct oddity *out)
{
	struct view value;

	if (route_cut(line, &out->key, &value))
		look_at_relayed(value, ROUTE_QMTP, out);
	else
		out->odd = NO_COLON;
}

static void
look_at_authsender(struct view line, struct oddity *out)
{
	struct view value;

	if (!route_cut_authsender(line, &out->key, &value)) {
		out->odd = NO_COLON;
		return;
	}
	out->counts = view_trim_left(value).len > 0;
	look_at_route(value, ROUTE_SMTP, out);
}

/* --- credentials of relays -------------------------------------------------------------------- */

static void
look_at_remotesecret(struct view line, struct oddity *out)
{
	struct relaysecret_line parsed;

	out->is_secret = true;
	if (!relaysecret_cut(line, &parsed))
		wait_for(out, NO_CREDENTIAL);
}

static void
look_at_remoteauth(struct view line, struct oddity *out)
{
	struct relaysecret_line parsed;
	struct view user, pass;
	struct str bytes = { 0 };

	out->is_secret = true;
	if (!relaysecret_cut(line, &parsed) ||
	    !relaysecret_decode(parsed.rest, &bytes, &user, &pass))
		wait_for(out, NO_CREDENTIAL);
	str_wipe(&bytes);
}

/* "domain:certificate|key|password" */
static void
look_at_domaincert(struct view line, struct oddity *out)
{
	struct view value, key, password;

	if (!view_cut(line, ':', &out->key, &value))
		out->odd = NO_COLON;
	else
		out->is_secret = view_cut(value, '|', &value, &key) &&
		    view_cut(key, '|', &key, &password) && password.len > 0;
}

/* --- the rest --------------------------------------------------------------------------------- */

static void
look_at_domainip(struct view line, struct oddity *out)
{
	struct source_value parsed;
	struct view value;

	if (!view_cut(line, ':', &out->key, &value))
		out->odd = NO_COLON;
	else if (!source_parse(value, &parsed))
		wait_for(out, NO_SOURCE);
}

static void
look_at_tlspolicy(struct view line, struct oddity *out)
{
	struct tlspolicy parsed;
	struct view value;

	out->counts = route_cut(line, &out->key, &value);
	if (!out->counts)
		out->odd = NO_COLON;
	else if (!tlspolicy_parse(value, &parsed))
		wait_for(out, NO_POLICY);
}

static void
look_at_tlsdestination(struct view line, struct oddity *out)
{
	struct tlsdestination parsed;
	struct view value;

	if (view_cut(line, ':', &out->key, &value) &&
	    !tlsdestinations_parse(value, &parsed))
		wait_for(out, NO_POLICY);
}

const struct oddity_table oddity_tables[ODDITY_TABLES] = {
	{ "control/authsenders", look_at_authsender },
	{ "control/domaincerts", look_at_domaincert },
	{ "control/domainips", look_at_domainip },
	{ "control/qmtproutes", look_at_qmtproute },
	{ "control/remoteauth", look_at_remoteauth },
	{ "control/remotesecrets", look_at_remotesecret },
	{ "control/smtproutes", look_at_smtproute },
	{ "control/tlsdestinations", look_at_tlsdestination },
	{ "control/tlspolicy", look_at_tlspolicy },
};
