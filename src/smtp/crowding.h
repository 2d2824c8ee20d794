/* crowding - does a server refuse us because we have too many connections to it (outbound 5.5, row 13)?
 * No enhanced code says so, so the words must. */
#ifndef SMTP_CROWDING_H
#define SMTP_CROWDING_H

#include <stdbool.h>

#include "smtp/remotereply.h"

/* A 4yz reply that speaks of the number of connections or sessions, as "421 4.7.0 too many connections
 * from 192.0.2.1". */
bool crowding_is_meant(const struct remotereply *reply);

#endif
