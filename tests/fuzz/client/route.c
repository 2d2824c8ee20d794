/* A line of smtproutes, authsenders, remotesecrets, remoteauth, domainips or of a named route's relay:
 * what is parsed lies within the line. */
#include <stdlib.h>

#include "client/source.h"
#include "route/relaylist.h"
#include "route/relaysecrets.h"
#include "route/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
within(struct view part, struct view line)
{
	if (part.len > 0 &&
	    (part.at < line.at || part.at + part.len > line.at + line.len))
		abort();
}

static void
check(struct view value, struct view line, enum route_protocol protocol)
{
	struct route_value r;

	if (!route_parse(value, protocol, &r))
		return;
	within(r.relay, line);
	within(r.user, line);
	within(r.pass, line);
	if (r.port == 0 || (r.user.len == 0) != (r.pass.len == 0))
		abort();
	if (r.is_ip && r.ip.version == 0)
		abort();
}

static void
check_secret(struct view line)
{
	struct relaysecret_line l;
	struct str bytes = { 0 };
	struct view user, pass;

	if (!relaysecret_cut(line, &l))
		return;
	within(l.relay, line);
	within(l.port, line);
	within(l.first, line);
	within(l.rest, line);
	if (relaysecret_decode(l.rest, &bytes, &user, &pass)) {
		within(user, str_view(&bytes));
		within(pass, str_view(&bytes));
	}
	str_free(&bytes);
}

static void
check_relay(struct view line)
{
	struct route_value usual = route_usual(ROUTE_SMTP), value;
	struct relaylist list = { 0 };
	size_t order[RELAYLIST_MAX];

	if (relaylist_add_line(&list, line, &usual, &value)) {
		within(value.relay, line);
		relaylist_order(&list, line.len, order);
		if (list.count != 1 || order[0] != 0 || list.relays[0].port == 0 ||
		    list.relays[0].name.len == 0)
			abort();
	}
	relaylist_free(&list);
}

static void
check_source(struct view line)
{
	struct source_value v;

	if (source_parse(line, &v))
		within(v.name, line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view line = { (const char *)data, size }, key, value;

	if (route_cut(line, &key, &value)) {
		within(key, line);
		check(value, line, ROUTE_SMTP);
		check(value, line, ROUTE_QMTP);
	}
	if (route_cut_authsender(line, &key, &value)) {
		within(key, line);
		check(value, line, ROUTE_SMTP);
	}
	check_secret(line);
	check_relay(line);
	check_source(line);
	return 0;
}
