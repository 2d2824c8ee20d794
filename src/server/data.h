/* data - DATA: the message goes through a queue program, which decides (inbound 2.3, 3.4). */
#ifndef SERVER_DATA_H
#define SERVER_DATA_H

#include "server/session.h"

void data_take(struct session *s, struct view argument);

#endif
