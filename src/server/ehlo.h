/* ehlo - what EHLO offers, and in which order: by dialect (inbound 2.4). */
#ifndef SERVER_EHLO_H
#define SERVER_EHLO_H

#include "server/session.h"

void ehlo_reply(struct session *s);

#endif
