/* relaytargets - the addresses of a route's relays (outbound 2.2): all of the first one, then all of the
 * next. */
#ifndef CLIENT_RELAYTARGETS_H
#define CLIENT_RELAYTARGETS_H

#include <stddef.h>

#include "client/targets.h"
#include "route/relaylist.h"

/* Of the relays, `count` indexes in `order`.  Those whose name is not found now are left out, unless it
 * is all of them: then the result is that of the first, or TARGETS_SOFT if any may be found later. */
enum targets_result relaytargets_find(const struct targets_search *search,
    const struct relaylist *relays, const size_t *order, size_t count,
    struct targets *out);

#endif
