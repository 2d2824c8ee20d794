/* broker - whether somebody else starts the session's children (wire/broker.h), so that what speaks with
 * the network can start no program, write no file and reach no host (DESIGN 4).
 *
 * control/broker or $BROKER: 0, never; a number above that, always, by a process forked off where no
 * resident one will do; not set, if a resident one runs and starts all that this service is set up
 * to start. */
#ifndef SERVER_BROKER_H
#define SERVER_BROKER_H

#include "lib/answer.h"
#include "lib/problem.h"
#include "server/settings.h"
#include "wire/broker.h"

/* Before anything comes from the network.  ANSWER_YES: *b is in use until broker_end(), and the process
 * is restricted; ANSWER_NO: all is as ever; ANSWER_ERROR with `problem`: it was to be, and cannot. */
enum answer server_broker_start(
    struct broker *b, const struct settings *settings, struct problem *problem);

#endif
