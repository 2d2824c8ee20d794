/* content - the message, once its recipients are known, and the report of how it went (outbound 2.7,
 * 2.8): behind DATA, or in chunks (RFC 3030), which is CHUNKING. */
#ifndef CLIENT_CONTENT_H
#define CLIENT_CONTENT_H

#include <stdbool.h>

#include "client/attempt.h"

/* Is it to go in chunks: does the server take them, and control/chunkingremote want it so?  ANSWER_ERROR:
 * reported. */
enum answer content_is_chunked(struct attempt *a);

/* Send it; the server waits for it, or for the first chunk.  Everything is reported, a->ended is set. */
void content_send(struct attempt *a);
void content_send_chunks(struct attempt *a);

#endif
