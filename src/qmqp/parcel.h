/* parcel - a message as QMQP sends it: one netstring of netstrings, the message, the sender, the
 * recipients (https://cr.yp.to/proto/qmqp.html). */
#ifndef QMQP_PARCEL_H
#define QMQP_PARCEL_H

#include "lib/str.h"
#include "queue/exits.h"

/* One after the other they are what goes over the wire.  {0} is empty. */
struct parcel {
	struct str head;    /* how long all is, and how long the message */
	struct str message; /* as it was read */
	struct str tail;    /* the envelope, and the last comma */
};

/* Read the message from one descriptor to its end, then the envelope from the other to its last NUL, as
 * qmail-queue does.  QUEUE_OK, or why there is no message.  To be freed in any case. */
enum queue_exit parcel_read(struct parcel *p, int message, int envelope);
void parcel_free(struct parcel *p);

#endif
