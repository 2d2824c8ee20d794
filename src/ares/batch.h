/* batch - the questions of one request, asked at once under one deadline.
 *
 * Each has a c-ares channel of its own: so its source ports are fresh, its timeouts fit its
 * deadline, and what is late dies with it. */
#ifndef ARES_BATCH_H
#define ARES_BATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ares/servers.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/str.h"
#include "wire/dnsquery.h"
#include "wire/frame.h"

enum { BATCH_POLL_MAX = 16 }; /* descriptors: one UDP and one TCP of each server fit */

struct batch; /* opaque */

/* Begin with the questions of a request.  `servers` NULL: all fail, DNS_REASON_CONFIG.  NULL if the
 * request has no questions, too many, or a broken one. */
struct batch *batch_start(const struct servers *servers, const struct frame *request);
void batch_free(struct batch *b);

/* Are all answered?  So they are when the deadline passed. */
bool batch_is_done(const struct batch *b);

/* What to wait for: fills in `wait`, returns how many; and until when at most. */
size_t batch_wait(struct batch *b, struct pollfd wait[BATCH_POLL_MAX]);
struct deadline batch_next(struct batch *b);

/* See to what came, and to what timed out. */
void batch_process(struct batch *b, const struct pollfd *came, size_t count);

/* The answer to the request. */
void batch_answer(const struct batch *b, struct str *packet);

#endif
