#include "try/stockroute.h"

#include "lib/ascii.h"
#include "route/route.h"

/* Would stock qmail know this host's name, or address? */
static bool
is_host(struct view relay)
{
	const struct view special = VIEW("|;@[]");
	struct ip ip;
	size_t i;

	if (relay.len > 0 && relay.at[0] == '[')
		return ip_parse_literal(relay, &ip) && ip.version == 4;
	for (i = 0; i < relay.len; i++)
		if (!ascii_is_graphic(relay.at[i]) ||
		    view_index(special, relay.at[i]) < special.len)
			return false;
	return relay.len > 0;
}

enum stockroute
stockroute_of(struct view line)
{
	struct view key, value, ours, relay, port = VIEW("25");
	struct route_value parsed;

	if (!view_cut(line, ':', &key, &value) || value.len == 0)
		return STOCKROUTE_SAME;
	if (view_index(key, '@') < key.len ||
	    (route_cut(line, &ours, &relay) && !view_equal(ours, key)))
		return STOCKROUTE_OTHER;
	if (route_parse(value, ROUTE_SMTP, &parsed) && parsed.is_ip &&
	    parsed.ip.version == 6)
		return STOCKROUTE_BOUNCES6;
	relay = value;
	view_cut(value, ':', &relay, &port);
	if (!is_host(relay))
		return STOCKROUTE_BOUNCES;
	return port.len > 0 && ascii_is_digit(port.at[0]) ? STOCKROUTE_SAME
							  : STOCKROUTE_DEFERS;
}
