#include "route/route.h"

#include "lib/ascii.h"
#include "lib/scan.h"
#include "wire/token.h"

/* Offset of the first octet of `stops` that is not inside [ ]; v.len if there is none.  A bracket
 * that is never closed is an ordinary octet. */
static size_t
find_outside_brackets(struct view v, struct view stops)
{
	size_t i = 0;

	while (i < v.len && view_index(stops, v.at[i]) == stops.len) {
		size_t skip = v.at[i] == '[' ? view_index(view_from(v, i), ']') : 0;

		i += skip < v.len - i ? skip + 1 : 1;
	}
	return i < v.len ? i : v.len;
}

bool
route_cut(struct view line, struct view *key, struct view *value)
{
	size_t i = find_outside_brackets(line, VIEW(":"));

	if (i == line.len)
		return false;
	*key = view_first(line, i);
	*value = view_from(line, i + 1);
	return true;
}

bool
route_cut_authsender(struct view line, struct view *key, struct view *value)
{
	size_t i = find_outside_brackets(line, VIEW(":|"));

	if (i == line.len)
		return false;
	*key = view_first(line, i);
	*value = view_from(line, line.at[i] == ':' ? i + 1 : i);
	return true;
}

struct route_value
route_usual(enum route_protocol protocol)
{
	return (struct route_value) {
		.protocol = protocol,
		.port = protocol == ROUTE_QMTP ? ROUTE_PORT_QMTP : ROUTE_PORT,
	};
}

/* Take digits off `rest` if it begins with them; false when they are no u32. */
static bool
take_number(struct view *rest, uint32_t *out, bool *present)
{
	size_t digits = scan_u32(*rest, out);

	*present = digits > 0;
	*rest = view_from(*rest, digits);
	return !*present || *out < UINT32_MAX;
}

static bool
take_colon(struct view *rest)
{
	if (rest->len == 0 || rest->at[0] != ':')
		return false;
	*rest = view_from(*rest, 1);
	return true;
}

bool
route_parse_port(struct view rest, struct route_value *r)
{
	uint32_t port;
	bool given;

	if (rest.len > 0 && rest.at[0] == 's') {
		r->implicit_tls = true;
		rest = view_from(rest, 1);
	}
	if (!take_number(&rest, &port, &given))
		return false;
	if (given && (port == 0 || port > UINT16_MAX))
		return false;
	if (given)
		r->port = (uint16_t)port;
	r->has_port = given;
	if (r->port == (r->protocol == ROUTE_QMTP ? ROUTE_PORT_QMTPS : ROUTE_PORT_TLS))
		r->implicit_tls = true;
	if (take_colon(&rest) && !take_number(&rest, &r->penalty, &r->has_penalty))
		return false;
	if (take_colon(&rest) && !take_number(&rest, &r->tolerance, &r->has_tolerance))
		return false;
	return rest.len == 0;
}

/* "[ip]" and what follows it. */
static bool
parse_bracketed(struct view target, struct route_value *r)
{
	size_t end = view_index(target, ']');
	struct view rest = view_from(target, end + 1);

	r->is_ip = true;
	if (end == target.len || !ip_parse_literal(view_first(target, end + 1), &r->ip))
		return false;
	r->relay = (struct view) { target.at + 1, end - 1 };
	if (view_starts_nocase(r->relay, VIEW("IPv6:")))
		r->relay = view_from(r->relay, 5);
	if (rest.len == 0)
		return true;
	return (rest.at[0] == ':' || rest.at[0] == ';') &&
	    route_parse_port(view_from(rest, 1), r);
}

/* relay [port-part], without blanks or '|'. */
static bool
parse_target(struct view target, struct route_value *r)
{
	size_t split = view_index(target, ';');

	if (target.len == 0)
		return true;
	if (target.at[0] == '[')
		return parse_bracketed(target, r);
	if (ip_parse(target, &r->ip)) { /* a bare IPv6 has no port */
		r->is_ip = true;
		r->relay = target;
		return true;
	}
	if (split == target.len)
		split = view_index(target, ':');
	r->relay = view_first(target, split);
	r->is_ip = ip_parse(r->relay, &r->ip);
	if (r->relay.len == 0)
		return false;
	if (!r->is_ip && view_index(r->relay, ':') < r->relay.len)
		return false;
	return split == target.len || route_parse_port(view_from(target, split + 1), r);
}

static void
parse_piped(struct view cred, struct route_value *r)
{
	if (!view_cut(cred, '|', &r->user, &r->pass))
		r->user = cred;
}

static void
parse_blank(struct view cred, struct route_value *r)
{
	size_t i = 0;

	cred = view_trim_left(cred);
	while (i < cred.len && !ascii_is_blank(cred.at[i]))
		i++;
	r->user = view_first(cred, i);
	r->pass = view_trim_left(view_from(cred, i));
	if (r->user.len > 0 && r->user.at[0] == '-') {
		r->allow_clear = true;
		r->user = view_from(r->user, 1);
	}
}

bool
route_parse(struct view value, enum route_protocol protocol, struct route_value *out)
{
	struct route_value r = route_usual(protocol);
	struct view v = view_trim_left(view_trim_right(value));
	/* The first of these octets alone decides the form; later ones belong to the password. */
	size_t end = find_outside_brackets(v, VIEW("| \t"));

	if (v.len > 0 && v.at[0] == '@') { /* no host name begins so */
		r.name = view_from(v, 1);
		if (!token_is_name(r.name))
			return false;
		*out = r;
		return true;
	}
	if (!parse_target(view_first(v, end), &r))
		return false;
	if (end < v.len && v.at[end] == '|')
		parse_piped(view_from(v, end + 1), &r);
	else
		parse_blank(view_from(v, end), &r);
	if ((r.user.len == 0) != (r.pass.len == 0))
		r.flaw = "half a credential";
	if (r.user.len == 0 || r.pass.len == 0) {
		r.user = r.pass = VIEW("");
		r.allow_clear = false;
	}
	*out = r;
	return true;
}
