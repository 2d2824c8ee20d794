/* tlsnote - a session with an exchanger is noted for the reports of RFC 8460 (outbound 4.7), once,
 * however many messages go over it. */
#ifndef CLIENT_TLSNOTE_H
#define CLIENT_TLSNOTE_H

#include "client/attempt.h"

/* What TLS came to, with words that may be empty: noted by tlsnote_finish().  `result` is a result
 * type of RFC 8460, or NULL for success. */
void tlsnote_result(struct attempt *a, const char *result, struct view words);

/* The session's TLS has come about, or has not: note it, if there was anything to note. */
void tlsnote_finish(struct attempt *a);

#endif
