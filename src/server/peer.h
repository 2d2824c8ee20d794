/* peer - who is at the other end, as tcpserver or its kin tell by environment (inbound 1.2). */
#ifndef SERVER_PEER_H
#define SERVER_PEER_H

#include <stdbool.h>

#include "lib/view.h"

/* The views point into the environment. */
struct peer {
	struct view ip;                   /* "unknown" when not told */
	struct view host;                 /* likewise */
	struct view info;                 /* IDENT answer */
	bool has_info;                    /* told, even if empty */
	struct view local;                /* our name or address on this connection */
	struct view local_host, local_ip; /* likewise; empty when not told */
};

/* `strict`: as qmail reads it.  Else TCP6REMOTEIP and its kin win over TCPREMOTEIP, an IPv4-mapped
 * address is shown as the IPv4 one (D10), and an empty host name is "unknown" (D34). */
void peer_from_environment(struct peer *p, bool strict);

#endif
