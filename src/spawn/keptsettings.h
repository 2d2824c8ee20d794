/* keptsettings - how long and how often qmail-rspawn uses a connection again: the control files
 * keptmessages, keptidle, keptage, keptsessions, keptrecipients and concurrencyperhost, with the defaults
 * of outbound 5.6; and what of others matters here. */
#ifndef SPAWN_KEPTSETTINGS_H
#define SPAWN_KEPTSETTINGS_H

#include <stdint.h>

#include "lib/answer.h"
#include "lib/problem.h"

struct keptsettings {
	uint64_t messages;   /* over one session; less than 2: a qmail-remote for each */
	uint64_t idle;       /* seconds that a session may wait for the next */
	uint64_t age;        /* seconds after which a session is not used again */
	uint64_t sessions;   /* that wait, at most */
	uint64_t recipients; /* of a message that go together, at most */
	uint64_t
	    connections; /* to one relay, or for one host, at a time; 0: as many as come */
	uint64_t
	    deliveries;  /* that qmail-send makes at a time (control/concurrencyremote) */
	uint64_t detail; /* not 0: reports have control/logdetail's line */
	uint64_t delivery; /* seconds that one may take (control/limits) */
};

/* ANSWER_YES, or ANSWER_ERROR with `problem`, *out untouched.  The current directory must be the
 * home. */
enum answer keptsettings_read(struct keptsettings *out, struct problem *problem);

#endif
