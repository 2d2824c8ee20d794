/* place - the addresses of an HTTPS host by our own resolver, so that control/resolvers counts. */
#ifndef HTTP_PLACE_H
#define HTTP_PLACE_H

#include <stdbool.h>

#include "dns/resolver.h"
#include "http/exchange.h"

/* Append "host:443:address,address", as http_request wants it.  False: none is found. */
bool place_find(struct resolver *r, struct view host, struct str *out);

#endif
