#include "send/nexthop.h"

#include <string.h>

static const char file[] = "control/smtproutes";

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void
nexthops_refresh(struct nexthops *hops)
{
	struct route_table routes = { 0 };
	struct stat st;

	if (stat(file, &st) < 0)
		memset(&st, 0, sizeof st);
	if (is_same(&st, &hops->seen))
		return;
	if (route_table_read(file, NULL, ':', &routes, NULL) == ANSWER_ERROR)
		return;
	route_table_free(&hops->routes);
	hops->routes = routes;
	hops->seen = st;
}

void
nexthops_free(struct nexthops *hops)
{
	route_table_free(&hops->routes);
}

/* Relay and port: what stands before a credential and options. */
static struct view
relay_of(struct view value)
{
	size_t i = 0;

	while (i < value.len && value.at[i] != ' ' && value.at[i] != '\t' &&
	    value.at[i] != '|')
		i++;
	return view_first(value, i);
}

struct view
nexthop_of(const struct nexthops *hops, struct view address, bool *is_relay)
{
	struct view host = view_from(address, view_rindex(address, '@') + 1), relay;
	struct domainmap_hit hit;

	*is_relay = false;
	if (!domainmap_find_suffix(&hops->routes.map, host, &hit) &&
	    !domainmap_find(&hops->routes.map, VIEW(""), &hit))
		return host;
	relay = relay_of(hit.value);
	*is_relay = relay.len > 0;
	return *is_relay ? relay : host;
}
