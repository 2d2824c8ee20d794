/* bouncewrite - the text of a bounce, written to a queue program. */
#ifndef SEND_BOUNCEWRITE_H
#define SEND_BOUNCEWRITE_H

#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "queue/submit.h"
#include "send/bouncetext.h"
#include "send/sendsettings.h"

struct bounce {
	const struct sendsettings *settings;
	int message_fd, failures_fd; /* mess/N, and bounce/N with that many octets */
	uint64_t failures;
	enum bounce_kind kind;
	struct view sender; /* of the message, as it is shown */
	struct str recipient;
	int64_t birth, now;
};

/* How much of the message is in it: all that bouncemaxbytes allows, its header, or nothing. */
enum bounce_form { BOUNCE_WHOLE, BOUNCE_HEADER, BOUNCE_BARE, BOUNCE_FORMS };

/* Write all of it; what cannot be read is submit_fail(). */
void bouncewrite(const struct bounce *b, enum bounce_form form, struct submit *s);

#endif
