/* attempts - deliveries: walk the files of messages that are due, start a delivery for each
 * recipient, and judge the reports. */
#ifndef DELIVERY_ATTEMPTS_H
#define DELIVERY_ATTEMPTS_H

#include "delivery/manager.h"

/* Start deliveries until every slot is taken or nothing is due. */
void attempts_fill(struct manager *m, enum channel_kind kind);

/* Read reports; call it when report_fd is readable. */
void attempts_read_reports(struct manager *m, enum channel_kind kind);

/* No message is walked any more: those that were are due now. */
void attempts_stop(struct manager *m, enum channel_kind kind);

/* A job of this message is in memory. */
bool attempts_know(const struct channel *c, uint64_t id);

#endif
