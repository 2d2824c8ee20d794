/* ipplace - an address with or without a port, as control files name a service. */
#ifndef LIB_IPPLACE_H
#define LIB_IPPLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ip.h"
#include "lib/view.h"

/* "ip", "ip:port", "[ip]" or "[ip]:port"; `preset` is the port where none is named.  False, *ip and
 * *port untouched, if it is not like that. */
bool ip_parse_place(struct view place, uint16_t preset, struct ip *ip, uint16_t *port);

#endif
