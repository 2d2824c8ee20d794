#include "config/ipme.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "config/control.h"
#include "lib/mem.h"
#include "os/interfaces.h"

static struct ip
unmapped(const struct ip *ip)
{
	static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct ip v4 = { .version = 4 };

	if (ip->version != 6 || memcmp(ip->bytes, prefix, sizeof prefix) != 0)
		return *ip;
	memcpy(v4.bytes, ip->bytes + sizeof prefix, 4);
	return v4;
}

static void
add(struct ipme *ipme, const struct ip *ip)
{
	if (ipme->count == ipme->size) {
		ipme->size = ipme->size ? 2 * ipme->size : 8;
		ipme->addresses =
		    mem_resize(ipme->addresses, ipme->size * sizeof *ipme->addresses);
	}
	ipme->addresses[ipme->count++] = unmapped(ip);
}

static void
drop(struct ipme *ipme, const struct ip *ip)
{
	struct ip unwanted = unmapped(ip);
	size_t i = 0;

	while (i < ipme->count)
		if (ip_equal(&ipme->addresses[i], &unwanted))
			ipme->addresses[i] = ipme->addresses[--ipme->count];
		else
			i++;
}

static void
add_interface(void *context, const struct sockaddr *address)
{
	struct sockaddr_storage copy = { 0 };
	struct ip ip;

	memcpy(&copy, address,
	    address->sa_family == AF_INET ? sizeof(struct sockaddr_in)
					  : sizeof(struct sockaddr_in6));
	if (ip_from_sockaddr(&copy, &ip, NULL))
		add(context, &ip);
}

static enum answer
change_by_file(struct ipme *ipme, const char *path,
    void (*change)(struct ipme *, const struct ip *), struct problem *problem)
{
	struct control_list list = { 0 };
	enum answer found = control_list(path, &list, problem);
	struct ip ip;
	size_t i;

	for (i = 0; i < list.count; i++) {
		struct view line = view_trim_left(list.entries[i].text);

		if (ip_parse(line, &ip) || ip_parse_literal(line, &ip))
			change(ipme, &ip);
	}
	control_list_free(&list);
	return found;
}

enum answer
ipme_read(struct ipme *out, struct problem *problem)
{
	static const struct ip any4 = { .version = 4 }, any6 = { .version = 6 };
	struct ipme me = { 0 };

	add(&me, &any4);
	add(&me, &any6);
	if (os_each_interface_address(add_interface, &me) < 0) {
		problem_note(problem, "interfaces", 0, "unreadable", errno);
		goto failed;
	}
	if (change_by_file(&me, "control/moreipme", add, problem) == ANSWER_ERROR ||
	    change_by_file(&me, "control/notipme", drop, problem) == ANSWER_ERROR)
		goto failed;
	*out = me;
	return ANSWER_YES;
failed:
	ipme_free(&me);
	return ANSWER_ERROR;
}

bool
ipme_has(const struct ipme *ipme, const struct ip *ip)
{
	struct ip wanted = unmapped(ip);
	size_t i;

	for (i = 0; i < ipme->count; i++)
		if (ip_equal(&ipme->addresses[i], &wanted))
			return true;
	return false;
}

void
ipme_free(struct ipme *ipme)
{
	mem_free(ipme->addresses);
	*ipme = (struct ipme) { 0 };
}
