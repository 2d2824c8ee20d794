/* authreplies - the replies about AUTH that each dialect has its own words for (inbound 4.2). */
#ifndef SERVER_AUTHREPLIES_H
#define SERVER_AUTHREPLIES_H

#include "config/dialect.h"
#include "smtp/reply.h"

enum auth_reply {
	AUTH_WRONG_PASSWORD,
	AUTH_UNKNOWN_MECHANISM,
	AUTH_WANTED, /* MAIL came before it */
	AUTH_CANCELED,
};

/* Its texts are literals. */
struct reply authreplies_of(enum dialect dialect, enum auth_reply name);

#endif
