/* deliveries - one recipient each: a command to the spawner, and what its report means. */
#ifndef SEND_DELIVERIES_H
#define SEND_DELIVERIES_H

#include "send/manager.h"

/* Start a delivery of the recipient that `at` points to; and of others of the job for the same host, where
 * they go together (control/keptrecipients).  There must be a free slot. */
void deliveries_start(struct manager *m, struct job *job, struct job_recipient **at);

/* The recipient fails without a delivery: its message is too old, and its destination is suspended for
 * what is said about that. */
void deliveries_give_up(struct manager *m, struct job *job, struct job_recipient **at);

/* It runs no more, whatever came of it: its slot is free. */
void deliveries_forget(struct channel *c, struct delivery *d);

/* Read reports; call it when report_fd is readable. */
void deliveries_read_reports(struct manager *m, enum channel_kind kind);

/* How many may run for one destination. */
unsigned deliveries_most(
    const struct manager *m, const struct channel *c, const struct destination *one);

#endif
