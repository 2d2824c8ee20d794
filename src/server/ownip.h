/* ownip - is an address literal in an envelope address this host (inbound 3.1.6, 3.1.7)?  Unlike
 * config/ipme, which asks about one address of a route, this knows masks. */
#ifndef SERVER_OWNIP_H
#define SERVER_OWNIP_H

#include <stdbool.h>

#include "config/control.h"
#include "lib/answer.h"
#include "lib/ip.h"
#include "lib/problem.h"
#include "lib/view.h"

/* The files, read when they are first needed.  {0}: not yet. */
struct ownip {
	bool known;
	struct control_list more, less; /* moreipme, notipme */
};

/* Parse "[192.0.2.1]" or "[IPv6:...]".  With `stock`, only the former, and numbers beyond 255 wrap
 * as they do in qmail. */
bool ownip_parse_literal(struct view literal, bool stock, struct ip *out);

/* ANSWER_YES for 0.0.0.0, 127.0.0.0/8, the address of any interface that is up, and what
 * control/moreipme adds, unless control/notipme takes it away; of two lines the one with the longer
 * mask decides, and notipme when they are equal.  With `stock`, the IPv4 interfaces and 0.0.0.0
 * only.  ANSWER_ERROR with `problem` for a bad file; with problem->what NULL when the interfaces
 * cannot be listed. */
enum answer ownip_has(
    struct ownip *own, const struct ip *ip, bool stock, struct problem *problem);
void ownip_free(struct ownip *own);

#endif
