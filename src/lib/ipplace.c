#include "lib/ipplace.h"

#include "lib/scan.h"

static bool
parse_port(struct view text, uint16_t *out)
{
	uint64_t port;

	if (!scan_whole_u64(text, &port) || port == 0 || port > UINT16_MAX)
		return false;
	*out = (uint16_t)port;
	return true;
}

bool
ip_parse_place(struct view place, uint16_t preset, struct ip *ip, uint16_t *port)
{
	bool bracketed = place.len > 0 && place.at[0] == '[';
	size_t end = view_rindex(place, bracketed ? ']' : ':');
	struct view rest;
	struct ip found;

	if (!bracketed && ip_parse(place, &found)) {
		*ip = found;
		*port = preset;
		return true;
	}
	if (end == place.len)
		return false;
	rest = view_from(place, bracketed ? end + 1 : end);
	if (!ip_parse(view_from(view_first(place, end), bracketed), &found))
		return false;
	if (!bracketed && found.version == 6) /* "2001:db8::1:53" is one address */
		return false;
	if (rest.len > 0 &&
	    (rest.at[0] != ':' || !parse_port(view_from(rest, 1), &preset)))
		return false;
	*ip = found;
	*port = preset;
	return true;
}
