/* commands - what is done with each command: a table of rows (inbound 2.2). */
#ifndef SERVER_COMMANDS_H
#define SERVER_COMMANDS_H

#include "server/session.h"
#include "smtp/command.h"

/* The reply to a verb that is unknown, or not done here. */
void commands_refuse_verb(struct session *s);

/* Answer one command, and send the answer unless more are expected to come with it. */
void commands_run(struct session *s, struct command command);

#endif
