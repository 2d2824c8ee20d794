#include "server/peer.h"

#include "lib/env.h"

static const char *
told(const char *new_name, const char *name, bool strict)
{
	const char *value = strict ? NULL : env_value(new_name);

	return value ? value : env_value(name);
}

static struct view
or_unknown(const char *value)
{
	return value ? view_of(value) : VIEW("unknown");
}

static const char *
local_name(bool strict)
{
	const char *host = told("TCP6LOCALHOST", "TCPLOCALHOST", strict);

	return host ? host : told("TCP6LOCALIP", "TCPLOCALIP", strict);
}

void
peer_from_environment(struct peer *p, bool strict)
{
	const char *info = told("TCP6REMOTEINFO", "TCPREMOTEINFO", strict);
	struct view mapped = VIEW("::ffff:");

	p->ip = or_unknown(told("TCP6REMOTEIP", "TCPREMOTEIP", strict));
	p->host = or_unknown(told("TCP6REMOTEHOST", "TCPREMOTEHOST", strict));
	p->info = view_of(info);
	p->has_info = info != NULL;
	p->local = or_unknown(local_name(strict));
	p->local_host = view_of(told("TCP6LOCALHOST", "TCPLOCALHOST", strict));
	p->local_ip = view_of(told("TCP6LOCALIP", "TCPLOCALIP", strict));
	if (strict)
		return;
	if (view_starts_nocase(p->ip, mapped))
		p->ip = view_from(p->ip, mapped.len);
	if (p->host.len == 0)
		p->host = VIEW("unknown");
}
