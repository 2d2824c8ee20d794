/* dnsplan - what is left to qmail-dns once its socket is there. */
#ifndef ARES_DNSPLAN_H
#define ARES_DNSPLAN_H

#include "os/restrict.h"

/* It asks the network, takes callers, and reads who its resolvers are: they may change at any time. */
struct restrict_plan dnsplan(void);

#endif
