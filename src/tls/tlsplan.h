/* tlsplan - what is left to a process of qmail-tls that speaks with a stranger. */
#ifndef TLS_TLSPLAN_H
#define TLS_TLSPLAN_H

#include <stdbool.h>

#include "os/restrict.h"

/* It reads certificates and trust stores, wherever their symbolic links lead to; it changes no file,
 * makes no socket and starts nothing.  A resident one takes callers; one on demand still has a group
 * to give up. */
struct restrict_plan tlsplan(bool resident);

#endif
