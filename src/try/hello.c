#include "try/hello.h"

#include "dns/address.h"
#include "dns/resolver.h"
#include "lib/arena.h"

enum { ADDRESSES = 1 };

/* Could not find out is no warning. */
static bool
is_unknown(const struct task *task, struct view name, struct deadline deadline)
{
	struct arena mem = { 0 };
	struct dns_address_list found;
	bool unknown = dns_address_lookup(task->resolver, name, 0, ADDRESSES, deadline,
			   &mem, &found) == DNS_ADDRESS_NO_HOST;

	arena_free(&mem);
	return unknown;
}

void
hello_check(struct show *show, const struct task *task, struct deadline deadline)
{
	const struct controls *c = &task->controls;
	struct view name = str_view(&c->helohost);
	struct ip ip;

	if (ip_parse_literal(name, &ip))
		return;
	if (view_index(name, '.') == name.len || ip_parse(name, &ip))
		show_warning(show, c->helohost_from.text,
		    VIEW(
			"the name that we say in EHLO has no domain: many servers refuse "
			"that"));
	else if (is_unknown(task, name, deadline))
		show_warning(show, c->helohost_from.text,
		    VIEW("the DNS does not know the name that we say in EHLO"));
}
