/* interfaces - the addresses of this machine's network interfaces. */
#ifndef OS_INTERFACES_H
#define OS_INTERFACES_H

struct sockaddr;

/* Call `each` with every IPv4 and IPv6 address of an interface that is up.  0, or -1 with errno. */
int os_each_interface_address(
    void (*each)(void *context, const struct sockaddr *address), void *context);

#endif
