/* refusals - credentials that a relay has refused just now: for five minutes they are not sent again, so
 * that a wrong password in a control file does not lock the account (outbound 3.5).  Remembered by
 * qmail-state under a hash of relay, user and secret: a new secret is tried at once.  Where there is no
 * state/db in the home, or the store does not answer, nothing is remembered. */
#ifndef CLIENT_REFUSALS_H
#define CLIENT_REFUSALS_H

#include <stdbool.h>

#include "auth/credential.h"
#include "client/report.h"
#include "lib/deadline.h"
#include "lib/view.h"

enum { REFUSALS_SECONDS = 300 };

struct refusal {
	struct view relay; /* as written */
	const struct credential *credential;
	struct deadline end; /* of the delivery */
};

/* Was it refused?  Then the report is what it was then. */
bool refusals_has(const struct refusal *refusal, struct report *report);

/* It was, with this report. */
void refusals_note(const struct refusal *refusal, const struct report *report);

#endif
