#define _GNU_SOURCE
#include "os/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stddef.h>
#include <sys/socket.h>

int
os_each_interface_address(
    void (*each)(void *context, const struct sockaddr *address), void *context)
{
	struct ifaddrs *all, *i;

	if (getifaddrs(&all) < 0)
		return -1;
	for (i = all; i; i = i->ifa_next)
		if (i->ifa_addr && (i->ifa_flags & IFF_UP) &&
		    (i->ifa_addr->sa_family == AF_INET ||
			i->ifa_addr->sa_family == AF_INET6))
			each(context, i->ifa_addr);
	freeifaddrs(all);
	return 0;
}
