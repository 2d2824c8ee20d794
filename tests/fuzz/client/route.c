/* A line of smtproutes or authsenders: what is parsed lies within the line. */
#include <stdlib.h>

#include "client/route.h"

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
	return 0;
}
