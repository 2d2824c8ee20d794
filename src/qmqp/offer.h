/* offer - a message offered to one QMQP server: what became of it. */
#ifndef QMQP_OFFER_H
#define QMQP_OFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ip.h"
#include "lib/str.h"
#include "qmqp/parcel.h"
#include "queue/exits.h"

struct server {
	struct ip ip;
	uint16_t port;
};

struct offer {
	enum queue_exit result; /* QUEUE_OK: it has it */
	/* Whatever went wrong, it cannot have the message: another one may be asked. */
	bool may_go_on;
	struct str text; /* what it said, printable, or what happened; for people */
};

/* Ten seconds to connect; a minute of silence while it takes the message; ten minutes for its answer,
 * which it gives when it has the message on its disk, and perhaps looked for a virus in it. */
void offer_to(
    const struct server *server, const struct parcel *parcel, struct offer *out);
void offer_free(struct offer *offer);

#endif
