/* reports - what a report means for the recipient, and for its host. */
#ifndef SEND_REPORTS_H
#define SEND_REPORTS_H

#include "send/manager.h"

/* Log it, note a failure for the bounce, and mark the recipient if it is done.  *report is changed. */
void reports_settle(struct manager *m, struct job *job,
    const struct job_recipient *recipient, uint64_t number, struct str *report);

/* The host's window; the delivery counts in it still. */
void reports_tell(
    struct manager *m, struct channel *c, struct destination *where, struct view report);

/* Write D over the T of a record.  Without fsync: at worst the delivery is repeated.  0, or -1 when a
 * warning was logged. */
int reports_mark(
    const struct manager *m, enum channel_kind kind, uint64_t id, uint64_t offset);

#endif
