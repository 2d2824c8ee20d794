/* mailcommand - the argument of MAIL: the sender, and what the server wants to know of the message
 * (RFC 1870, RFC 6152). */
#ifndef CLIENT_MAILCOMMAND_H
#define CLIENT_MAILCOMMAND_H

#include <stdbool.h>

#include "client/attempt.h"

/* Append what follows "MAIL FROM:<".  False: the message cannot go to this server, and that is
 * reported. */
bool mailcommand_append(struct attempt *a, struct str *argument);

#endif
