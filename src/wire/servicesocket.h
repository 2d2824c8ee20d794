/* servicesocket - where a service is found: the socket at run/SERVICE/sock below the current directory, the
 * home (DESIGN 9). */
#ifndef WIRE_SERVICESOCKET_H
#define WIRE_SERVICESOCKET_H

#include <sys/socket.h>
#include <sys/un.h>

/* Its address.  0, or -1 with ENAMETOOLONG. */
int servicesocket_address(const char *service, struct sockaddr_un *address);

/* A fresh socket of this family, close-on-exec and nonblocking, for either side; or -1 with errno. */
int servicesocket_open(void);

/* One that is connected to whoever listens there; or -1 with errno.  This connect() succeeds or fails at
 * once: a full backlog (EAGAIN) is like nobody there. */
int servicesocket_connect(const struct sockaddr_un *address);

#endif
